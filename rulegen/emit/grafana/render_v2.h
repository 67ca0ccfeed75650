// A dashboard model -> the JSON of Grafana's second model (dashboard.grafana.app/v2, Grafana 13): panels
// as named elements, apart from the layout of rows that refers to them.
//
// Made of the classic model's parts, as Grafana itself makes it when it reads a classic file: so both
// formats say the same.
#pragma once

#include <string>

#include "rulegen/emit/grafana/model.h"

namespace fleet::rulegen::grafana {

std::string RenderDashboardV2(const Dashboard& dashboard);

}  // namespace fleet::rulegen::grafana
