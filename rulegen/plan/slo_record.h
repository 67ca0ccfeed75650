// What the groups of one SLO have in common: its numbers, its series and how a record is written.
#pragma once

#include <fmt/format.h>

#include <set>
#include <string>
#include <utility>

#include "rulegen/plan/alert_rule.h"
#include "rulegen/plan/slo_series.h"
#include "rulegen/policy/burn_rate.h"

namespace fleet::rulegen {

// Dashboards show the burn of the last 5 m and the time to exhaustion at the pace of the last hour.
inline constexpr Duration kCurrentWindow = std::chrono::minutes(5);
inline constexpr Duration kPaceWindow = std::chrono::hours(1);

// Of all tiers and of the breach, and the two above; ascending.
inline std::set<Duration> RecordedWindows(const Slo& slo) {
  std::set<Duration> windows = {kCurrentWindow, kPaceWindow};
  for (const BurnTier& tier : slo.tiers) windows.insert({*tier.long_window, *tier.short_window});
  if (slo.breach) windows.insert(*slo.breach->window);
  return windows;
}

struct SloContext {
  SloContext(const Policy& of_policy, const Slo& of_slo)
      : policy(of_policy),
        slo(of_slo),
        timing(TimingFor(*of_policy.scrape_interval)),
        budget(ErrorBudget(*of_slo.objective)),
        period_interval(PeriodInterval(of_slo)),
        series{SloId(of_policy, of_slo)},
        maintenance(MaintenanceOf(of_policy, of_slo)) {}

  const Policy& policy;
  const Slo& slo;
  Timing timing;
  Decimal budget;
  Duration period_interval;
  SloSeries series;
  std::vector<const Maintenance*> maintenance;

  void Record(RuleGroup& group, std::string name, const Expr& expr, Labels extra = {}) const {
    Rule rule{false, std::move(name), expr.text, {}, {}, IdentityLabels(policy, slo), {}};
    rule.labels.insert(rule.labels.end(), extra.begin(), extra.end());
    group.rules.push_back(std::move(rule));
  }

  // "slo:sli_total:rate30d", "slo:sli_total:rate_month"
  std::string PeriodRate(std::string_view part) const {
    return fmt::format("slo:sli_{}:rate{}", part, PeriodSuffix());
  }
  // "slo:sli_error:ratio_rate30d", "slo:sli_error:ratio_rate_month"
  std::string PeriodRatio() const { return "slo:sli_error:ratio_rate" + PeriodSuffix(); }

 private:
  std::string PeriodSuffix() const { return (slo.calendar ? "_" : "") + PeriodName(slo); }
};

// Denominators are never 0: idle gives 0 / 1e-9 = 0. An `or` with the total would show a healthy 0 where
// the rule of the errors failed.
inline Expr ErrorRatio(const Expr& errors, const Expr& total) {
  return Binary(errors, "/", Call("clamp_min", {total, {"1e-9"}}), Layout::kOwnLine);
}

}  // namespace fleet::rulegen
