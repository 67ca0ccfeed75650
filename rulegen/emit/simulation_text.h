// What `rulegen simulate` prints.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rulegen/proof/simulation.h"

namespace fleet::rulegen {

// `format`: text, markdown or json. Times in JSON are seconds; what never happens is null.
std::string RenderSimulation(const std::vector<SimulatedSlo>& slos, std::string_view format);

}  // namespace fleet::rulegen
