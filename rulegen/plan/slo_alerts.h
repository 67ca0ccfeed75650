// The alerts of one SLO. Each stands in the group of its long window, behind the records it reads.
#pragma once

#include "rulegen/plan/plan.h"
#include "rulegen/policy/timing.h"

namespace fleet::rulegen {

void AddFastAlerts(const Policy& policy, const Slo& slo, const Timing& timing, RuleGroup& group);
void AddLongAlerts(const Policy& policy, const Slo& slo, RuleGroup& group);

}  // namespace fleet::rulegen
