// A dashboard model -> the JSON of Grafana's classic model (schemaVersion 42): the only form that
// every import path accepts, from a folder that Grafana reads to the upload dialog.
//
// Byte-stable: fixed order of keys, ids by declaration, no time of day, a line feed at the end.
#pragma once

#include <string>

#include "rulegen/emit/grafana/model.h"

namespace fleet::rulegen::grafana {

std::string RenderDashboard(const Dashboard& dashboard);

}  // namespace fleet::rulegen::grafana
