// The checks that look at one panel alone; for check.cc.
#pragma once

#include <string>
#include <vector>

#include "rulegen/emit/grafana/model.h"

namespace fleet::rulegen::grafana {

// `width` and `height` are the panel's place in the grid.
void CheckPanel(const Panel& panel, int width, int height, std::vector<std::string>& problems);

}  // namespace fleet::rulegen::grafana
