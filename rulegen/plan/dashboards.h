// Policy -> dashboards: the list of SLOs and the detail of one that every service gets, and those
// the policy names.
#pragma once

#include <vector>

#include "rulegen/emit/grafana/model.h"
#include "rulegen/policy/policy.h"

namespace fleet::rulegen {

// In the order of the policy, the list and the detail of SLOs first. REQUIRES: a policy without errors.
std::vector<grafana::Dashboard> PlanDashboards(const Policy& policy);

}  // namespace fleet::rulegen
