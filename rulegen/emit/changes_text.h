// What `rulegen diff` prints.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rulegen/proof/policy_diff.h"

namespace fleet::rulegen {

// `format`: text, markdown or json.
std::string RenderChanges(const std::vector<DescribedChange>& changes, std::string_view format);

}  // namespace fleet::rulegen
