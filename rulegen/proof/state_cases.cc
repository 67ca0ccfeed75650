#include "rulegen/proof/state_cases.h"

#include <fmt/format.h>

#include <optional>

#include "rulegen/plan/expr.h"
#include "rulegen/plan/slo_series.h"
#include "rulegen/policy/timing.h"
#include "rulegen/proof/values.h"

namespace fleet::rulegen {
namespace {

using std::chrono::minutes;

constexpr char kMaintenance[] = "slo:maintenance:active";
constexpr char kLeft[] = "slo:period_error_budget_remaining:ratio";

// What docs/policy-format.md promises of no_data and no_traffic.
constexpr Duration kBlindHold = minutes(5);
constexpr Duration kIdleWindow = minutes(15);
constexpr Duration kIdleHold = minutes(5);

class StateProver {
 public:
  StateProver(const SloRules& rules, std::string name)
      : rules_(rules), name_(std::move(name)), step_(TimingFor(*rules.policy.scrape_interval).step) {}

  std::optional<ProofFile> Budget() const {
    const Slo& slo = rules_.slo;
    if (!slo.budget_low && !slo.budget_spent) return std::nullopt;
    ProofFile proof = Start("budget", {"budget-low", "budget-exhausted"}, {kLeft}, kLongInterval);
    const double below = slo.budget_low ? slo.budget_low->below->ToDouble() : 0.1;
    PromtoolCase result{"Budgets around the limits", kLongInterval, {}, {}};
    Expectation low{"count by (case) (" + Firing("budget-low") + ")", minutes(1), {}};
    Expectation spent{"count by (case) (" + Firing("budget-exhausted") + ")", minutes(1), {}};
    // As promtool sorts them.
    for (const double left : {-0.5, 0.0, below / 1000, below * 0.999, below * 1.001, 1.0}) {
      const std::string name = PlainNumber(left);
      result.series.push_back(
          {RecordSeries(rules_, kLeft, "case=" + Quoted(name)), Values().Add(left, 3).Text()});
      const bool is_spent = left <= 0;
      const std::string label = fmt::format("{{case={}}}", Quoted(name));
      if (slo.budget_low && left < below && !(is_spent && slo.budget_spent))
        low.samples.emplace_back(label, "1");
      if (slo.budget_spent && is_spent) spent.samples.emplace_back(label, "1");
    }
    result.expectations = {low, spent};
    proof.tests.cases.push_back(std::move(result));
    return proof;
  }

  // Both records vanish, or only that of the errors, as when its rule fails; and back again.
  std::optional<ProofFile> NoData() const {
    if (!rules_.slo.no_data) return std::nullopt;
    ProofFile proof =
        Start("no-data", {"blind"}, {kTotalRate, kErrorRate, std::string(kTotalRate) + "1m"}, step_);
    proof.tests.cases = {NoDataCase("all of the SLI", true, true, 1),
                         NoDataCase("the errors", false, true, 1),
                         NoDataCase("all of the SLI while the target is down", true, true, 0)};
    return proof;
  }

  std::optional<ProofFile> NoTraffic() const {
    if (!rules_.slo.no_traffic) return std::nullopt;
    ProofFile proof = Start("no-traffic", {"idle"}, {kTotalRate, kErrorRate, kMaintenance}, step_);
    PromtoolCase result{"Traffic ends, and comes back", step_, {}, {}};
    const std::int64_t busy = 20;
    const std::int64_t quiet = minutes(30) / step_;
    result.series.push_back({RecordSeries(rules_, kTotalRate, GroupLabels()),
                             Values().Add(1, busy).Add(0, quiet).Add(1, busy).Text()});
    if (!MaintenanceOf(rules_.policy, rules_.slo).empty()) {
      result.series.push_back(
          {RecordSeries(rules_, kMaintenance, ""), Values().Add(0, 2 * busy + quiet).Text()});
    }
    // The last step with traffic has left the window.
    const Duration active = (busy - 1) * step_ + kIdleWindow;
    Expect(result, "idle", active + kIdleHold - step_, false);
    Expect(result, "idle", active + kIdleHold, true);
    Expect(result, "idle", (busy + quiet - 1) * step_, true);
    Expect(result, "idle", (busy + quiet) * step_, false);
    proof.tests.cases.push_back(std::move(result));
    return proof;
  }

 private:
  ProofFile Start(const std::string& part, const std::set<std::string>& tiers,
                  const std::set<std::string>& inputs, Duration interval) const {
    const auto is_wanted = [&](const Rule& rule) { return rule.is_alert && tiers.count(TierOf(rule)) != 0; };
    return MakeProof(name_ + "-" + part, rules_.id() + ": " + part, Cut(rules_.groups, is_wanted, inputs),
                     interval);
  }

  std::string Firing(const std::string& tier) const {
    return fmt::format("ALERTS{{alertstate=\"firing\",slo_id={},slo_tier={}}}", Quoted(rules_.id()),
                       Quoted(tier));
  }

  void Expect(PromtoolCase& result, const std::string& tier, Duration at, bool is_firing) const {
    Expectation expectation{"count(" + Firing(tier) + ")", at, {}};
    if (is_firing) expectation.samples.emplace_back("{}", "1");
    result.expectations.push_back(std::move(expectation));
  }

  std::string GroupLabels() const {
    std::string labels;
    for (const Text& label : rules_.slo.by) labels += (labels.empty() ? "" : ",") + Matcher(*label, "g");
    return labels;
  }

  PromtoolCase NoDataCase(const std::string& what, bool total, bool error, int up) const {
    PromtoolCase result{"Vanishes: " + what, step_, {}, {}};
    constexpr std::int64_t kThere = 20;
    constexpr std::int64_t kGone = 30;
    // A rule that gives nothing ends its series at once.
    const auto values = [&](bool vanishes) {
      return vanishes ? fmt::format("1x{} stale _x{} 1x{}", kThere - 1, kGone - 1, kThere)
                      : fmt::format("1x{}", 2 * kThere + kGone);
    };
    result.series = {{RecordSeries(rules_, kTotalRate, GroupLabels()), values(total)},
                     {RecordSeries(rules_, kErrorRate, GroupLabels()), values(error)},
                     {fmt::format("up{{{}}}", Matcher("job", *rules_.policy.job)),
                      fmt::format("{}x{}", up, 2 * kThere + kGone)}};
    const Duration gone = kThere * step_;
    const Duration back = (kThere + kGone) * step_;
    const bool fires = up == 1;
    Expect(result, "blind", gone + kBlindHold - step_, false);
    Expect(result, "blind", gone + kBlindHold, fires);
    Expect(result, "blind", back - step_, fires);
    Expect(result, "blind", back, false);
    return result;
  }

  const SloRules& rules_;
  std::string name_;
  Duration step_;
};

}  // namespace

std::vector<ProofFile> StateProofs(const SloRules& rules, const std::string& name) {
  const StateProver prover(rules, name);
  std::vector<ProofFile> proofs;
  for (auto& proof : {prover.Budget(), prover.NoData(), prover.NoTraffic()}) {
    if (proof) proofs.push_back(*proof);
  }
  return proofs;
}

}  // namespace fleet::rulegen
