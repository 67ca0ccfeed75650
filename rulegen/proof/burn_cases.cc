#include "rulegen/proof/burn_cases.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "rulegen/plan/expr.h"
#include "rulegen/plan/slo_series.h"
#include "rulegen/policy/burn_rate.h"
#include "rulegen/proof/values.h"

namespace fleet::rulegen {
namespace {

// How long shares of errors close to a limit are watched: they do not change, so nor do the ratios.
constexpr Duration kSteadyFor = std::chrono::minutes(90);
// When windows need not be full: how long it is before errors begin, and they last after all have fired.
constexpr Duration kShortHistory = std::chrono::hours(1);
constexpr Duration kShortOutage = std::chrono::minutes(30);

// Errors, and what share of all events they are.
struct Scenario {
  std::string name;
  Outage outage;
};

class BurnProver {
 public:
  BurnProver(const SloRules& rules, std::vector<BurnAlert> alerts, bool is_fast,
             const BurnProofOptions& options)
      : rules_(rules), alerts_(std::move(alerts)), options_(options) {
    clock_ = {TimingFor(*rules.policy.scrape_interval).step, options.closed_ranges};
    interval_ = is_fast ? clock_.step : kLongInterval;
    for (const BurnAlert& alert : alerts_) {
      longest_ = std::max(longest_, alert.long_window);
      slowest_end_ = std::max(slowest_end_, alert.ending_window() + alert.keep_firing);
    }
    history_ = options.full_history ? longest_ : std::min(longest_, kShortHistory);
    const std::int64_t guard = std::max(GuardOf(rules.slo.min_errors), GuardOf(rules.slo.min_events));
    traffic_ = static_cast<double>(std::max<std::int64_t>(30'000, 30 * guard));
  }

  ProofFile Prove(const std::string& name) {
    std::set<std::string> tiers;
    for (const BurnAlert& alert : alerts_) tiers.insert(alert.tier);
    const auto is_wanted = [&](const Rule& rule) { return rule.is_alert && tiers.count(TierOf(rule)) != 0; };
    ProofFile proof = MakeProof(name, rules_.id() + ": burn rate alerts",
                                Cut(rules_.groups, is_wanted, {kTotalRate, kErrorRate}), interval_);
    for (const Decimal errors : options_.errors) {
      const Scenario scenario = AfterHistory(errors);
      proof.tests.cases.push_back(
          PacesCase(scenario.name, {scenario}, scenario.outage.end + slowest_end_ + 2 * kLongInterval));
    }
    const std::vector<Scenario> steady = CloseToLimits();
    if (!steady.empty()) proof.tests.cases.push_back(PacesCase("Close to every limit", steady, kSteadyFor));
    if (rules_.slo.min_errors || rules_.slo.min_events) proof.tests.cases.push_back(GuardCase());
    return proof;
  }

 private:
  static std::int64_t GuardOf(const std::optional<Located<std::int64_t>>& guard) {
    return guard ? **guard : 0;
  }

  std::string FiringSeries(const BurnAlert& alert) const {
    return fmt::format("ALERTS{{alertname={},alertstate=\"firing\",slo_id={},slo_tier={}}}",
                       Quoted(alert.alert), Quoted(rules_.id()), Quoted(alert.tier));
  }

  // Long enough for every alert that this share of errors sets off, and, where windows are to be full, for
  // those it ends by.
  Scenario AfterHistory(Decimal errors) const {
    const Duration far = history_ + longest_ + history_;
    const Duration more = options_.full_history ? slowest_end_ : kShortOutage;
    Duration last = history_ + more;
    for (const BurnAlert& alert : alerts_) {
      const auto firings = PredictFirings(alert, std::vector<Outage>{{history_, far, errors}}, far, clock_);
      if (!firings.empty()) {
        last = std::max(last, firings.front().begin + more);
      } else if (options_.full_history) {
        // Never: not even when nothing else is in its window.
        last = std::max(last, history_ + alert.long_window + kLongInterval);
      }
    }
    const Duration minute = kLongInterval;
    return {fmt::format("{} % of errors", (errors * Decimal(100, 0)).ToString()),
            {history_, (last + minute - Duration{1}) / minute * minute, errors}};
  }

  std::vector<Scenario> CloseToLimits() const {
    std::vector<Scenario> scenarios;
    for (const BurnAlert& alert : alerts_) {
      for (const int percent : {99, 101}) {
        const Decimal errors = alert.limit.Round(7) * Decimal(percent, 2);
        if (errors >= Decimal(1, 0)) continue;
        scenarios.push_back({fmt::format("{} % of the limit of {}", percent, alert.tier),
                             {{}, kSteadyFor + interval_, errors}});
      }
    }
    return scenarios;
  }

  InputSeries Series(const std::string& record, const Scenario& scenario, Values values) const {
    return {RecordSeries(rules_, record, "case=" + Quoted(scenario.name)), values.Text()};
  }

  // Each record speaks of one step that ended kSettle before it.
  InputSeries ErrorSeries(const Scenario& scenario, Duration until) const {
    const Outage& outage = scenario.outage;
    const auto bad_until = [&](Duration time) {
      return std::clamp(time, outage.begin, outage.end) - outage.begin;
    };
    Values values;
    for (Duration at{0}; at <= until; at += clock_.step) {
      const Duration newest = at - kSettle;
      const Duration bad = bad_until(newest) - bad_until(newest - clock_.step);
      values.Add(traffic_ * outage.errors.ToDouble() * ToSeconds(bad) / ToSeconds(clock_.step));
    }
    return Series(kErrorRate, scenario, values);
  }

  PromtoolCase PacesCase(const std::string& name, const std::vector<Scenario>& scenarios,
                         Duration until) const {
    PromtoolCase result{name, clock_.step, {}, {}};
    for (const Scenario& scenario : scenarios) {
      Values total;
      total.Add(traffic_, until / clock_.step + 1);
      result.series.push_back(Series(kTotalRate, scenario, total));
      result.series.push_back(ErrorSeries(scenario, until));
    }
    for (const BurnAlert& alert : alerts_) AddExpectations(alert, scenarios, until, result);
    return result;
  }

  void AddExpectations(const BurnAlert& alert, const std::vector<Scenario>& scenarios, Duration until,
                       PromtoolCase& result) const {
    std::vector<std::vector<Firing>> firings;
    std::set<Duration> times = {until};
    for (const Scenario& scenario : scenarios) {
      firings.push_back(PredictFirings(alert, std::vector<Outage>{scenario.outage}, until, clock_));
      for (const auto& [begin, end] : firings.back()) {
        times.insert(begin);
        if (begin >= interval_) times.insert(begin - interval_);
        if (end) times.insert({*end, *end - interval_});
      }
    }
    for (const Duration at : times) {
      Expectation expectation{"count by (case) (" + FiringSeries(alert) + ")", at, {}};
      for (std::size_t i = 0; i < scenarios.size(); ++i) {
        if (IsFiring(firings[i], at)) expectation.samples.emplace_back(CaseLabel(scenarios[i]), "1");
      }
      result.expectations.push_back(std::move(expectation));
    }
    result.expectations.push_back(CountOf(alert, scenarios, firings, until));
  }

  // How many evaluations found it firing: none but those predicted.
  Expectation CountOf(const BurnAlert& alert, const std::vector<Scenario>& scenarios,
                      const std::vector<std::vector<Firing>>& firings, Duration until) const {
    Expectation expectation{fmt::format("sum by (case) (count_over_time({}[{}]))", FiringSeries(alert),
                                        PrintDuration(until + kLongInterval)),
                            until,
                            {}};
    for (std::size_t i = 0; i < scenarios.size(); ++i) {
      std::int64_t count = 0;
      for (const auto& [begin, end] : firings[i])
        count += (end.value_or(until + interval_) - begin) / interval_;
      if (count > 0) expectation.samples.emplace_back(CaseLabel(scenarios[i]), std::to_string(count));
    }
    return expectation;
  }

  static bool IsFiring(const std::vector<Firing>& firings, Duration at) {
    return std::any_of(firings.begin(), firings.end(), [&](const Firing& firing) {
      return firing.begin <= at && (!firing.end || at < *firing.end);
    });
  }

  static std::string CaseLabel(const Scenario& scenario) {
    return fmt::format("{{case={}}}", Quoted(scenario.name));
  }

  // All events fall into one step, and all of them fail: every window burns. One event too few, and no alert.
  PromtoolCase GuardCase() const {
    const std::int64_t errors = GuardOf(rules_.slo.min_errors);
    const std::int64_t events = std::max(GuardOf(rules_.slo.min_events), errors);
    PromtoolCase result{"As few errors and events as alerts wait for, and one less", clock_.step, {}, {}};
    const auto add = [&](const std::string& name, std::int64_t failed, std::int64_t all) {
      for (const BurnAlert& alert : alerts_) AddFew(alert, name, failed, all, result);
    };
    add("enough", events, events);
    if (rules_.slo.min_errors) add("one error too few", errors - 1, events);
    if (rules_.slo.min_events) add("one event too few", events - 1, events - 1);
    for (const BurnAlert& alert : alerts_) {
      const Duration at = IsSteady(alert)
                              ? alert.long_window + alert.hold
                              : kBurstStep * clock_.step + std::max<Duration>(alert.hold, kLongInterval);
      Expectation expectation{"count by (case) (" + FiringSeries(alert) + ")", at, {}};
      expectation.expr =
          fmt::format("count by (case) ({{__name__=\"ALERTS\",case=~{},{}", Quoted(alert.tier + ": .*"),
                      FiringSeries(alert).substr(std::string_view("ALERTS{").size())) +
          ")";
      const auto expect = [&](const std::string& name) {
        expectation.samples.emplace_back(fmt::format("{{case={}}}", Quoted(alert.tier + ": " + name)), "1");
      };
      if (IsReachable(alert)) expect("enough");
      if (Burns(alert, errors, events)) {
        AddFew(alert, "just enough errors", errors, events, result);
        expect("just enough errors");
      }
      result.expectations.push_back(std::move(expectation));
    }
    return result;
  }

  // One step would have left the window before `for` is over: events come evenly, so many per window.
  static bool IsSteady(const BurnAlert& alert) { return alert.hold + kLongInterval >= alert.ending_window(); }

  // Fewer errors than events, and clearly more than the limit of the alert.
  static bool Burns(const BurnAlert& alert, std::int64_t errors, std::int64_t events) {
    const double share = static_cast<double>(errors) / static_cast<double>(events);
    return errors < events && share > 1.01 * alert.limit.Round().ToDouble();
  }

  void AddFew(const BurnAlert& alert, const std::string& name, std::int64_t failed, std::int64_t all,
              PromtoolCase& result) const {
    AddFew(alert, kTotalRate, name, all, result);
    AddFew(alert, kErrorRate, name, failed, result);
  }

  void AddFew(const BurnAlert& alert, const char* record, const std::string& name, std::int64_t count,
              PromtoolCase& result) const {
    Values values;
    if (IsSteady(alert)) {
      values.Add(static_cast<double>(count) / ToSeconds(alert.long_window),
                 (alert.long_window + alert.hold) / clock_.step + 1);
    } else {
      values.Add(0, kBurstStep)
          .Add(static_cast<double>(count) / ToSeconds(clock_.step))
          .Add(0, 5 * kBurstStep);
    }
    result.series.push_back(
        {RecordSeries(rules_, record, "case=" + Quoted(alert.tier + ": " + name)), values.Text()});
  }

  static bool IsReachable(const BurnAlert& alert) { return alert.limit.numerator < alert.limit.denominator; }
  static constexpr std::int64_t kBurstStep = 20;

  const SloRules& rules_;
  std::vector<BurnAlert> alerts_;
  const BurnProofOptions& options_;
  RuleClock clock_;
  Duration interval_{0};
  Duration longest_{0};
  Duration slowest_end_{0};
  Duration history_{0};
  double traffic_ = 0;
};

}  // namespace

std::vector<ProofFile> BurnProofs(const SloRules& rules, const std::string& name,
                                  const BurnProofOptions& options) {
  std::vector<ProofFile> proofs;
  const auto add = [&](std::vector<BurnAlert> alerts, const std::string& part) {
    if (alerts.empty()) return;
    const bool is_fast = alerts.front().is_fast();
    proofs.push_back(BurnProver(rules, std::move(alerts), is_fast, options).Prove(name + "-" + part));
  };
  std::vector<BurnAlert> fast;
  std::vector<BurnAlert> slow;
  for (BurnAlert& alert : BurnAlertsOf(rules.policy, rules.slo)) {
    if (options.full_history) {
      add({alert}, alert.tier);
    } else {
      (alert.is_fast() ? fast : slow).push_back(std::move(alert));
    }
  }
  add(std::move(fast), "fast");
  add(std::move(slow), "long");
  return proofs;
}

}  // namespace fleet::rulegen
