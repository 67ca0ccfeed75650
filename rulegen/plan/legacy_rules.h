// Recording rules that bring back the names metrics had before (lib/catalog/old_names.h), for dashboards
// and alerts that still ask for them.
#pragma once

#include "rulegen/plan/plan.h"

namespace fleet::rulegen {

RuleGroup PlanLegacyRules(const Policy& policy);

}  // namespace fleet::rulegen
