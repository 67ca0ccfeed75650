// The words of alerts, and their links.
#pragma once

#include <string>

#include "rulegen/plan/plan.h"

namespace fleet::rulegen {

// What stands in every alert's link to a runbook and to a dashboard. Without a choice the dashboard is the
// policy's first, and without dashboards the service itself.
void AddLinks(const Policy& policy, const Text& runbook, const std::optional<Text>& dashboard,
              Labels& annotations);

Labels BurnRateTexts(const Policy& policy, const Slo& slo, const BurnTier& tier);
Labels BreachTexts(const Policy& policy, const Slo& slo);
Labels BudgetLowTexts(const Policy& policy, const Slo& slo);
Labels BudgetSpentTexts(const Policy& policy, const Slo& slo);
Labels NoDataTexts(const Policy& policy, const Slo& slo);
Labels NoTrafficTexts(const Policy& policy, const Slo& slo);
Labels ThresholdTexts(const Policy& policy, const ThresholdAlert& alert);

// "critical"
std::string_view Name(AlertSeverity severity);

}  // namespace fleet::rulegen
