// Alerts on numbers with a fixed bound.
#pragma once

#include "rulegen/plan/plan.h"

namespace fleet::rulegen {

Rule PlanThresholdAlert(const Policy& policy, const ThresholdAlert& alert);

}  // namespace fleet::rulegen
