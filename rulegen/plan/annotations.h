// The words of alerts, and their links: every alert has a summary, a description, a runbook and a dashboard.
// That is the one chosen; else the detail of the SLO, or for other alerts the page that draws them.
#pragma once

#include <string>

#include "rulegen/plan/plan.h"

namespace fleet::rulegen {

Labels BurnRateTexts(const Policy& policy, const Slo& slo, const BurnTier& tier);
Labels BreachTexts(const Policy& policy, const Slo& slo);
Labels BudgetLowTexts(const Policy& policy, const Slo& slo);
Labels BudgetSpentTexts(const Policy& policy, const Slo& slo);
Labels NoDataTexts(const Policy& policy, const Slo& slo);
Labels NoTrafficTexts(const Policy& policy, const Slo& slo);
Labels ThresholdTexts(const Policy& policy, const ThresholdAlert& alert);

}  // namespace fleet::rulegen
