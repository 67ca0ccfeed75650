// Maintenance windows in PromQL.
#pragma once

#include <vector>

#include "rulegen/plan/expr.h"

namespace fleet::rulegen {

// 1 while one of the windows is open, else 0; one series without labels. REQUIRES: at least one window.
Expr ActiveMaintenance(const std::vector<const Maintenance*>& windows);

}  // namespace fleet::rulegen
