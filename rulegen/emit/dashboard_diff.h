// What a change of dashboards means, in words: panels that come, go or ask for something else.
#pragma once

#include <vector>

#include "rulegen/emit/outputs.h"
#include "rulegen/proof/policy_diff.h"

namespace fleet::rulegen {

// Of the dashboards among the changes that are in Grafana's classic model; subjects are their uids. Numbers
// and places that follow from other changes count as nothing, and so does JSON that was edited until it is
// none.
std::vector<DescribedChange> DescribeDashboardChanges(const std::vector<Change>& changes);

}  // namespace fleet::rulegen
