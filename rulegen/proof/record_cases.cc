#include "rulegen/proof/record_cases.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>

#include "rulegen/plan/expr.h"
#include "rulegen/plan/slo_series.h"
#include "rulegen/policy/burn_rate.h"
#include "rulegen/policy/timing.h"
#include "rulegen/proof/values.h"

namespace fleet::rulegen {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr char kRatioPrefix[] = "slo:sli_error:ratio_rate";
constexpr double kTraffic = 300;
constexpr int kBurst = 100;  // times the traffic

// The window in a record's name: slo:sli_error:ratio_rate1h. Nothing for other records.
std::optional<Duration> WindowOf(const Rule& rule) {
  const std::string_view name = rule.name;
  if (rule.is_alert || !name.starts_with(kRatioPrefix)) return std::nullopt;
  return ParseDuration(name.substr(std::string_view(kRatioPrefix).size()));
}

class RecordProver {
 public:
  RecordProver(const SloRules& rules, std::string name, bool closed_ranges)
      : rules_(rules),
        name_(std::move(name)),
        closed_ranges_(closed_ranges),
        step_(TimingFor(*rules.policy.scrape_interval).step),
        period_(*rules.slo.period),
        period_interval_(PeriodInterval(rules.slo)) {}

  // A burst of one step, in a hundred times the traffic, is in a window for exactly its length.
  std::optional<ProofFile> FastWindows() const {
    ProofFile proof = Start(
        "windows",
        [](const Rule& rule) {
          const auto window = WindowOf(rule);
          return window && *window <= kLongestFastWindow;
        },
        {kTotalRate, kErrorRate}, step_);
    const std::vector<Duration> windows = WindowsOf(proof);
    if (windows.empty()) return std::nullopt;
    const Duration burst = windows.back();
    const std::int64_t before = burst / step_;
    const std::int64_t after = before + 1;
    PromtoolCase result{"One step of errors passes through every window", step_, {}, {}};
    Add(result, kTotalRate, "burst", Burst(before, before + 1 + after));
    Add(result, kErrorRate, "burst", Values().Add(0, before).Add(kTraffic).Add(0, after));
    Add(result, kTotalRate, "idle", Values().Add(0, before + after));
    Add(result, kErrorRate, "idle", Values().Add(0, before + after));
    for (const Duration window : windows) {
      const std::string record = kRatioPrefix + PrintDuration(window);
      const double share = 1.0 / (ToSeconds(window) / ToSeconds(step_) - 1 + kBurst);
      Expect(result, record, "burst", burst + window - step_, share);
      Expect(result, record, "burst", burst + window, 0);
      Expect(result, record, "idle", burst, 0);
    }
    proof.tests.cases.push_back(std::move(result));
    return proof;
  }

  // By itself, since only this depends on the objective: SLOs with others share the proof of the windows.
  std::optional<ProofFile> CurrentBurn() const {
    const std::string ratio = kRatioPrefix + PrintDuration(minutes(5));
    const std::string burn = "slo:current_burn_rate:ratio";
    ProofFile proof = Start(
        "burn", [&](const Rule& rule) { return rule.name == burn; }, {ratio}, step_);
    if (proof.groups.empty()) return std::nullopt;
    PromtoolCase result{"The burn rate is the ratio of five minutes in budgets", step_, {}, {}};
    constexpr double kRatio = 0.5;
    Add(result, ratio, "burning", Values().Add(kRatio, 2));
    Add(result, ratio, "idle", Values().Add(0, 2));
    Expect(result, burn, "burning", step_, kRatio / ErrorBudget(*rules_.slo.objective).ToDouble());
    Expect(result, burn, "idle", step_, 0);
    proof.tests.cases.push_back(std::move(result));
    return proof;
  }

  // The same by the minute. Evaluated every hour, as three days of minutes take long: one burst is seen at
  // the end of its window, another one is not any more.
  std::optional<ProofFile> LongWindows() const {
    ProofFile proof = Start(
        "long-windows",
        [this](const Rule& rule) {
          const auto window = WindowOf(rule);
          return window && *window > kLongestFastWindow && *window != period_;
        },
        {std::string(kTotalRate) + "1m", std::string(kErrorRate) + "1m"}, hours(1));
    const std::vector<Duration> windows = WindowsOf(proof);
    if (windows.empty()) return std::nullopt;
    PromtoolCase result{"Minutes of errors reach the end of every window", kLongInterval, {}, {}};
    const std::int64_t count = windows.back() / kLongInterval + 61;
    for (const auto& [name, minute] : {std::pair{"in", 1}, std::pair{"out", 59}}) {
      Add(result, std::string(kTotalRate) + "1m", name, Burst(minute, count));
      Add(result, std::string(kErrorRate) + "1m", name,
          Values().Add(0, minute).Add(kTraffic).Add(0, count - minute - 1));
    }
    Add(result, std::string(kTotalRate) + "1m", "idle", Values().Add(0, count));
    Add(result, std::string(kErrorRate) + "1m", "idle", Values().Add(0, count));
    for (const Duration window : windows) {
      const std::string record = kRatioPrefix + PrintDuration(window);
      const auto records = window / kLongInterval + (closed_ranges_ ? 1 : 0);
      Expect(result, record, "in", window, 1.0 / static_cast<double>(records - 1 + kBurst));
      Expect(result, record, "out", window + hours(1), 0);
      Expect(result, record, "idle", window, 0);
    }
    proof.tests.cases.push_back(std::move(result));
    return proof;
  }

  // Values that grow by one in every step: a roll-up of n steps is the mean of the last n, the newest of
  // which is a step old when both groups run at once.
  std::optional<ProofFile> RollUps() const {
    if (rules_.slo.calendar) return std::nullopt;
    const std::set<Duration> intervals = {kLongInterval, period_interval_};
    ProofFile proof = Start(
        "roll-ups",
        [&](const Rule& rule) {
          return std::any_of(intervals.begin(), intervals.end(), [&](Duration interval) {
            return rule.name == kTotalRate + PrintDuration(interval) ||
                   rule.name == kErrorRate + PrintDuration(interval);
          });
        },
        {kTotalRate, kErrorRate}, step_);
    if (proof.groups.empty()) return std::nullopt;
    const Duration at = 2 * period_interval_;
    PromtoolCase result{"Every step is in one roll-up", step_, {}, {}};
    Add(result, kTotalRate, "ramp", Values().Grow(0, 1, at / step_ + 1));
    Add(result, kErrorRate, "ramp", Values().Grow(0, 0.5, at / step_ + 1));
    for (const Duration interval : intervals) {
      const double mean = static_cast<double>(at / step_) - (static_cast<double>(interval / step_) + 1) / 2;
      Expect(result, kTotalRate + PrintDuration(interval), "ramp", at, mean);
      Expect(result, kErrorRate + PrintDuration(interval), "ramp", at, mean / 2);
    }
    proof.tests.cases.push_back(std::move(result));
    return proof;
  }

  // Of rolling periods; calendar and short ones are made otherwise.
  std::optional<ProofFile> Period() const {
    if (rules_.slo.calendar || period_ <= kLongestShortPeriod) return std::nullopt;
    const std::string suffix = PrintDuration(period_interval_);
    ProofFile proof = Start(
        "period",
        [this](const Rule& rule) {
          if (rule.is_alert || rule.name.ends_with("_all:ratio")) return false;
          return (WindowOf(rule) == period_ || rule.name.starts_with("slo:period_") ||
                  rule.name == "slo:objective:ratio" || rule.name == "slo:error_budget:ratio" ||
                  rule.name == "slo:time_period:days");
        },
        {kTotalRate + suffix, kErrorRate + suffix, kTotalRate + std::string("1m"),
         kErrorRate + std::string("1m"), kTotalRate, kErrorRate, std::string(kRatioPrefix) + "1h"},
        Tick());
    if (proof.groups.empty()) return std::nullopt;
    PromtoolCase result{"A period, its budget, and how much of it is known", period_interval_, {}, {}};
    AddPeriodSeries(result);
    ExpectPeriod(result);
    proof.tests.cases.push_back(std::move(result));
    return proof;
  }

 private:
  ProofFile Start(const std::string& part, const RulePredicate& is_wanted,
                  const std::set<std::string>& inputs, Duration interval) const {
    return MakeProof(name_ + "-" + part, rules_.id() + ": " + part, Cut(rules_.groups, is_wanted, inputs),
                     interval);
  }

  static std::vector<Duration> WindowsOf(const ProofFile& proof) {
    std::vector<Duration> windows;
    for (const RuleGroup& group : proof.groups) {
      for (const Rule& rule : group.rules) {
        if (const auto window = WindowOf(rule)) windows.push_back(*window);
      }
    }
    std::sort(windows.begin(), windows.end());
    return windows;
  }

  // Even traffic, but for one record.
  static Values Burst(std::int64_t at, std::int64_t count) {
    return Values().Add(kTraffic, at).Add(kBurst * kTraffic).Add(kTraffic, count - at - 1);
  }

  void Add(PromtoolCase& result, const std::string& record, const std::string& name, Values values) const {
    result.series.push_back({RecordSeries(rules_, record, "case=" + Quoted(name)), values.Text()});
  }

  std::string Record(const std::string& record, const std::string& name) const {
    std::string matchers = Matcher("slo_id", rules_.id());
    if (!name.empty()) matchers += ",case=" + Quoted(name);
    return fmt::format("{}{{{}}}", record, matchers);
  }

  // There and as large, but for floating sums.
  void Expect(PromtoolCase& result, const std::string& record, const std::string& name, Duration at,
              double value) const {
    const double tolerance = std::max(1e-9, std::abs(value) * 1e-6);
    result.expectations.push_back(
        {fmt::format("sum(abs({} - {}) <= bool {})", Record(record, name), value, tolerance),
         at,
         {{"{}", "1"}}});
  }

  void ExpectAbsent(PromtoolCase& result, const std::string& record, const std::string& name,
                    Duration at) const {
    result.expectations.push_back({Record(record, name), at, {}});
  }

  // Of the evaluations of a period: few, since each reads all of it.
  Duration Tick() const {
    return std::max<Duration>(hours(1), period_ / 180 / hours(1) * Duration(hours(1)));
  }

  void AddPeriodSeries(PromtoolCase& result) const {
    const std::string suffix = PrintDuration(period_interval_);
    const std::int64_t count = (period_ + Tick()) / period_interval_ + 1;
    const double half_budget = ErrorBudget(*rules_.slo.objective).ToDouble() / 2;
    const std::int64_t late = Tick() / period_interval_ - 1;
    Add(result, kTotalRate + suffix, "even", Values().Add(kTraffic, count));
    Add(result, kErrorRate + suffix, "even", Values().Add(kTraffic * half_budget, count));
    Add(result, kRatioPrefix + std::string("1h"), "even", Values().Add(4 * half_budget, count));
    for (const auto& [name, at] : {std::pair{"in", std::int64_t{1}}, std::pair{"out", late}}) {
      Add(result, kTotalRate + suffix, name, Burst(at, count));
      Add(result, kErrorRate + suffix, name, Values().Add(0, at).Add(kTraffic).Add(0, count - at - 1));
    }
    // What has left the period counts neither as an error nor as traffic.
    Add(result, kTotalRate + suffix, "past", Burst(late, count));
    Add(result, kErrorRate + suffix, "past", Values().Add(kTraffic * half_budget, count));
    Add(result, kTotalRate + suffix, "idle", Values().Add(0, count));
    Add(result, kErrorRate + suffix, "idle", Values().Add(0, count));
    Add(result, kRatioPrefix + std::string("1h"), "idle", Values().Add(0, count));
  }

  void ExpectPeriod(PromtoolCase& result) const {
    const std::string ratio = kRatioPrefix + PrintDuration(period_);
    const double budget = ErrorBudget(*rules_.slo.objective).ToDouble();
    const auto records = period_ / period_interval_ + (closed_ranges_ ? 1 : 0);
    const std::string left = "slo:period_error_budget_remaining:ratio";
    Expect(result, ratio, "even", period_, budget / 2);
    Expect(result, ratio, "in", period_, 1.0 / static_cast<double>(records - 1 + kBurst));
    Expect(result, ratio, "out", period_ + Tick(), 0);
    Expect(result, ratio, "past", period_ + Tick(), budget / 2);
    Expect(result, ratio, "idle", period_, 0);
    Expect(result, "slo:period_burn_rate:ratio", "even", period_, 0.5);
    Expect(result, left, "even", period_, 0.5);
    Expect(result, left, "idle", period_, 1);
    Expect(result, "slo:period_coverage:ratio", "even", period_, 1);
    // Half of the budget, burned twice too fast.
    Expect(result, "slo:period_error_budget_exhaustion:seconds", "even", period_, ToSeconds(period_) / 4);
    ExpectAbsent(result, "slo:period_error_budget_exhaustion:seconds", "idle", period_);
    Expect(result, "slo:objective:ratio", "", period_, rules_.slo.objective->ShiftedRight(2).ToDouble());
    Expect(result, "slo:error_budget:ratio", "", period_, budget);
    Expect(result, "slo:time_period:days", "", period_, ToSeconds(period_) / 86'400);
    const double needed = rules_.slo.min_coverage->ToDouble() * ToSeconds(period_);
    const double tick = ToSeconds(Tick());
    const auto too_early = static_cast<std::int64_t>((needed - 7200) / tick);
    const auto late_enough = static_cast<std::int64_t>((needed + 3600) / tick) + 1;
    if (too_early >= 1) ExpectAbsent(result, left, "even", too_early * Tick());
    Expect(result, left, "even", late_enough * Tick(), 0.5);
  }

  const SloRules& rules_;
  std::string name_;
  bool closed_ranges_;
  Duration step_;
  Duration period_;
  Duration period_interval_;
};

}  // namespace

std::vector<ProofFile> RecordProofs(const SloRules& rules, const std::string& name, bool closed_ranges) {
  const RecordProver prover(rules, name, closed_ranges);
  std::vector<ProofFile> proofs;
  for (auto& proof : {prover.FastWindows(), prover.CurrentBurn(), prover.LongWindows(), prover.RollUps(),
                      prover.Period()}) {
    if (proof) proofs.push_back(*proof);
  }
  return proofs;
}

}  // namespace fleet::rulegen
