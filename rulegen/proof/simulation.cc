#include "rulegen/proof/simulation.h"

#include <algorithm>

#include "rulegen/plan/alert_rule.h"
#include "rulegen/policy/burn_rate.h"
#include "rulegen/proof/shares.h"

namespace fleet::rulegen {
namespace {

std::string SeverityOf(const Slo& slo, const BurnAlert& alert) {
  return slo.observe ? kObserved : std::string(Name(alert.severity));
}

SimulatedIncident SimulateIncident(const Policy& policy, const Slo& slo,
                                   const std::vector<IncidentStep>& steps, const RuleClock& clock) {
  const std::vector<BurnAlert> alerts = BurnAlertsOf(policy, slo);
  // After full windows, at an evaluation of every group.
  Duration begin{0};
  for (const BurnAlert& alert : alerts) begin = std::max(begin, alert.long_window);
  begin = (begin + kLongInterval) / kLongInterval * kLongInterval;
  std::vector<Outage> outages;
  SimulatedIncident result;
  Duration at = begin;
  for (const IncidentStep& step : steps) {
    outages.push_back({at, at + step.length, step.errors});
    at += step.length;
    result.budget_spent += step.errors.ToDouble() * ToSeconds(step.length);
  }
  result.budget_spent /= ErrorBudget(*slo.objective).ToDouble() * ToSeconds(*slo.period);
  for (const BurnAlert& alert : alerts) {
    const Duration until = at + alert.long_window + 2 * kLongInterval + alert.hold + alert.keep_firing;
    for (const Firing& firing : PredictFirings(alert, outages, until, clock)) {
      IncidentAlert fired{alert.alert, alert.tier, SeverityOf(slo, alert), firing.begin - begin,
                          std::nullopt};
      if (firing.end) fired.ends = *firing.end - begin;
      result.alerts.push_back(std::move(fired));
    }
  }
  std::stable_sort(result.alerts.begin(), result.alerts.end(),
                   [](const IncidentAlert& a, const IncidentAlert& b) { return a.fires < b.fires; });
  return result;
}

}  // namespace

std::optional<std::vector<IncidentStep>> ParseIncident(std::string_view text) {
  std::vector<IncidentStep> steps;
  for (const std::string_view part : Split(text, ',')) {
    const std::size_t at = part.find('@');
    if (at == std::string_view::npos) return std::nullopt;
    const auto length = ParseDuration(Trim(part.substr(0, at)));
    const std::string_view share = Trim(part.substr(at + 1));
    const auto errors = share == "0" || share == "0%" ? std::optional(Decimal()) : ParseShare(share);
    if (!length || *length <= Duration{0} || *length > kLongestStep || !errors) return std::nullopt;
    steps.push_back({*length, *errors});
  }
  return steps;
}

SimulatedSlo Simulate(const Policy& policy, const Slo& slo, const std::vector<Decimal>& errors,
                      const std::vector<IncidentStep>& incident) {
  const RuleClock clock{TimingFor(*policy.scrape_interval).step, true};
  SimulatedSlo result{SloId(policy, slo), *slo.objective, *slo.period, PeriodName(slo), {}, std::nullopt};
  for (const Decimal share : errors) {
    SimulatedPace pace{share, ExhaustionTime(slo, share), {}};
    if (*pace.budget_lasts > *slo.period) pace.budget_lasts.reset();
    for (const BurnAlert& alert : BurnAlertsOf(policy, slo)) {
      pace.alerts.push_back({alert.alert, alert.tier, SeverityOf(slo, alert),
                             DetectionTime(alert, share, clock), ResetTime(alert, share, clock)});
    }
    result.paces.push_back(std::move(pace));
  }
  if (!incident.empty()) result.incident = SimulateIncident(policy, slo, incident, clock);
  return result;
}

}  // namespace fleet::rulegen
