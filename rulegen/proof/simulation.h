// What would happen: when each alert on an SLO's burn rate fires and ends for constant shares of errors, how
// long the budget lasts then, and what an incident of several steps sets off and costs.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rulegen/proof/burn_model.h"

namespace fleet::rulegen {

struct SimulatedAlert {
  std::string alert;
  std::string tier;
  std::string severity;           // as its label: "critical", "observe"
  std::optional<Duration> fires;  // after the errors began
  std::optional<Duration> ends;   // after they ended
};

// All alerts at one share of errors, after a full window without any.
struct SimulatedPace {
  Decimal errors;
  std::optional<Duration> budget_lasts;  // a full one; nothing where a period has more than is spent in it
  std::vector<SimulatedAlert> alerts;
};

struct IncidentStep {
  Duration length{0};
  Decimal errors;  // 0 is a pause
};

struct IncidentAlert {
  std::string alert;
  std::string tier;
  std::string severity;  // as its label: "critical", "observe"
  Duration fires{0};     // after the incident began
  std::optional<Duration> ends;
};

struct SimulatedIncident {
  std::vector<IncidentAlert> alerts;  // in the order in which they fire
  double budget_spent = 0;            // share of the period's budget
};

struct SimulatedSlo {
  std::string id;
  Decimal objective;
  Duration period{0};
  std::string period_name;  // "30d", "month"
  std::vector<SimulatedPace> paces;
  std::optional<SimulatedIncident> incident;
};

// Of one step of an incident.
inline constexpr Duration kLongestStep = std::chrono::hours(24 * 90);
// "30m@2%,10m@100%,1h@0"; nothing when it is written wrongly.
std::optional<std::vector<IncidentStep>> ParseIncident(std::string_view text);

SimulatedSlo Simulate(const Policy& policy, const Slo& slo, const std::vector<Decimal>& errors,
                      const std::vector<IncidentStep>& incident);

}  // namespace fleet::rulegen
