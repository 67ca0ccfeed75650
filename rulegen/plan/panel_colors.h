// Colours that mean something: of outcomes, states and HTTP statuses.
#pragma once

#include <vector>

#include "rulegen/emit/grafana/panels.h"
#include "rulegen/policy/policy.h"

namespace fleet::rulegen {

// By their order in the palette what failed would be green, and what went well red. Series whose names hold
// no such word keep the palette.
std::vector<grafana::SeriesStyle> ColorsOfWords(const Panel& panel);

}  // namespace fleet::rulegen
