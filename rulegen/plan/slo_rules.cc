#include "rulegen/plan/slo_rules.h"

#include <fmt/format.h>

#include <set>

#include "rulegen/plan/alert_rule.h"
#include "rulegen/plan/annotations.h"
#include "rulegen/plan/slo_alerts.h"
#include "rulegen/plan/slo_series.h"
#include "rulegen/policy/burn_rate.h"
#include "rulegen/sli/kinds.h"

namespace fleet::rulegen {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

// Dashboards show the burn of the last 5 m and the time to exhaustion at the pace of the last hour.
constexpr Duration kCurrentWindow = minutes(5);
constexpr Duration kPaceWindow = hours(1);

// Denominators are never 0: idle gives 0 / 1e-9 = 0. An `or` with the total would show a healthy 0 where
// the rule of the errors failed.
Expr Ratio(const Expr& errors, const Expr& total) {
  return Binary(errors, "/", Call("clamp_min", {total, {"1e-9"}}), Layout::kOwnLine);
}

class SloPlanner {
 public:
  SloPlanner(const Policy& policy, const Slo& slo)
      : policy_(policy),
        slo_(slo),
        timing_(TimingFor(*policy.scrape_interval)),
        budget_(ErrorBudget(*slo.objective)),
        period_interval_(PeriodInterval(*slo.period)),
        series_{SloId(policy, slo)} {}

  RuleGroup FastGroup() const {
    RuleGroup group{"slo:" + series_.slo_id, timing_.step, {}};
    AddBasePair(group);
    for (const Duration window : Windows()) {
      if (window <= kLongestFastWindow) AddFastRatio(group, window);
    }
    Record(group, "slo:current_burn_rate:ratio", Binary(series_.Ratio(kCurrentWindow), "/", Number(budget_)));
    AddFastAlerts(policy_, slo_, timing_, group);
    return group;
  }

  RuleGroup LongGroup() const {
    RuleGroup group{fmt::format("slo:{}:long", series_.slo_id), kLongInterval, {}};
    AddRollUp(group, kLongInterval);
    for (const Duration window : Windows()) {
      if (window > kLongestFastWindow) AddLongRatio(group, window);
    }
    Record(group, "slo:objective:ratio", Call("vector", {Number(slo_.objective->ShiftedRight(2))}));
    Record(group, "slo:error_budget:ratio", Call("vector", {Number(budget_)}));
    Record(group, "slo:time_period:days", Call("vector", {Number(Days())}));
    AddPeriodFigures(group);
    AddInfo(group);
    AddLongAlerts(policy_, slo_, group);
    return group;
  }

  RuleGroup PeriodGroup() const {
    RuleGroup group{fmt::format("slo:{}:period", series_.slo_id), period_interval_, {}};
    AddRollUp(group, period_interval_);
    for (const char* part : {"total", "error"}) {
      const std::string name = fmt::format("slo:sli_{}:rate", part);
      const Expr rolled_up = series_.Named(name + PrintDuration(period_interval_));
      Record(group, name + PrintDuration(*slo_.period),
             Call("avg_over_time", {Range(rolled_up, *slo_.period)}));
    }
    const Expr hours_seen =
        Call("count_over_time", {Subquery(series_.TotalPer(period_interval_), *slo_.period, kCoverageStep)});
    Record(group, "slo:period_coverage:ratio",
           Call("clamp_max", {Binary(hours_seen, "/", Number(Days() * 24)), Number(1)}));
    return group;
  }

 private:
  std::int64_t Days() const { return *slo_.period / Duration(hours(24)); }

  void Record(RuleGroup& group, std::string name, const Expr& expr, Labels extra = {}) const {
    Rule rule{false, std::move(name), expr.text, {}, IdentityLabels(policy_, slo_), {}};
    rule.labels.insert(rule.labels.end(), extra.begin(), extra.end());
    group.rules.push_back(std::move(rule));
  }

  // Of all tiers and of the breach, and what the figures of this file need; ascending.
  std::set<Duration> Windows() const {
    std::set<Duration> windows = {kCurrentWindow, kPaceWindow};
    for (const BurnTier& tier : slo_.tiers) windows.insert({*tier.long_window, *tier.short_window});
    if (slo_.breach) windows.insert(*slo_.breach->window);
    return windows;
  }

  void AddBasePair(RuleGroup& group) const {
    const Expr recorded_total = series_.Total();
    const BasePair pair = KindOf(slo_.sli).plan(slo_.sli, {timing_, slo_.by, recorded_total});
    Record(group, "slo:sli_total:rate", pair.total);
    Record(group, "slo:sli_error:rate", pair.error);
  }

  void AddFastRatio(RuleGroup& group, Duration window) const {
    const auto sum = [&](const Expr& series) {
      return Call("sum_over_time", {Range(series, timing_.RecordsOf(window))});
    };
    Record(group, "slo:sli_error:ratio_rate" + PrintDuration(window),
           Ratio(sum(series_.Error()), sum(series_.Total())));
  }

  void AddLongRatio(RuleGroup& group, Duration window) const {
    const auto sum = [&](const Expr& series) { return Call("sum_over_time", {Range(series, window)}); };
    Record(group, "slo:sli_error:ratio_rate" + PrintDuration(window),
           Ratio(sum(series_.ErrorPer(kLongInterval)), sum(series_.TotalPer(kLongInterval))));
  }

  void AddRollUp(RuleGroup& group, Duration interval) const {
    const std::string suffix = "rate" + PrintDuration(interval);
    Record(group, "slo:sli_total:" + suffix,
           Call("avg_over_time", {Range(series_.Total(), interval, kSettle)}));
    Record(group, "slo:sli_error:" + suffix,
           Call("avg_over_time", {Range(series_.Error(), interval, kSettle)}));
  }

  // The long group publishes the period's figures every minute: a record made every 5 m blinks, as an
  // instant read looks back 5 m and no further.
  void AddPeriodFigures(RuleGroup& group) const {
    const Duration republished = 2 * period_interval_ + kLongInterval;
    const auto last = [&](const Expr& series) {
      return Call("last_over_time", {Range(series, republished)});
    };
    const std::string period = PrintDuration(*slo_.period);
    Record(group, "slo:sli_error:ratio_rate" + period,
           Ratio(last(series_.ErrorPer(*slo_.period)), last(series_.TotalPer(*slo_.period))));
    Record(group, "slo:period_burn_rate:ratio", Binary(series_.Ratio(*slo_.period), "/", Number(budget_)));
    const Expr left = Binary(Number(1), "-", series_.BurnOfPeriod());
    const Expr is_covered = Binary(last(series_.Coverage()), ">=", Number(*slo_.min_coverage));
    Record(group, "slo:period_error_budget_remaining:ratio",
           Binary(left, "and", is_covered, Layout::kOwnLine));
    const std::int64_t period_seconds = std::chrono::duration_cast<seconds>(*slo_.period).count();
    const Expr full =
        Binary(Call("clamp_min", {series_.BudgetLeft(), Number(0)}), "*", Number(period_seconds));
    const Expr pace = Binary(Binary(series_.Ratio(kPaceWindow), "/", Number(budget_)), ">", Number(0));
    Record(group, "slo:period_error_budget_exhaustion:seconds", Binary(full, "/", pace, Layout::kOwnLine));
  }

  // Numbers carry identity only, so a change of team or severity starts no new series.
  void AddInfo(RuleGroup& group) const {
    Labels labels = UserLabels(policy_, slo_.labels);
    labels.insert(labels.end(), {{"slo_objective", slo_.objective->ToString()},
                                 {"slo_period", PrintDuration(*slo_.period)},
                                 {"slo_policy_hash", policy_.hash}});
    Record(group, "slo_info", Call("vector", {Number(1)}), std::move(labels));
  }

  const Policy& policy_;
  const Slo& slo_;
  Timing timing_;
  Decimal budget_;
  Duration period_interval_;
  SloSeries series_;
};

}  // namespace

std::vector<RuleGroup> PlanSlo(const Policy& policy, const Slo& slo) {
  const SloPlanner planner(policy, slo);
  return {planner.FastGroup(), planner.LongGroup(), planner.PeriodGroup()};
}

}  // namespace fleet::rulegen
