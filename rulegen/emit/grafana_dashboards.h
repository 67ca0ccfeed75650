// Dashboards as Grafana imports them: one file for each, dashboards/<uid>.json.
#pragma once

#include <vector>

#include "rulegen/emit/outputs.h"

namespace fleet::rulegen {

void RenderGrafanaDashboards(const Policy& policy, const Plan& plan, const Provenance& provenance,
                             std::vector<Output>& outputs);

}  // namespace fleet::rulegen
