// The JSON of one panel; for render.cc.
#pragma once

#include <nlohmann/json.hpp>

#include "rulegen/emit/grafana/layout.h"
#include "rulegen/emit/grafana/model.h"

namespace fleet::rulegen::grafana {

using Json = nlohmann::ordered_json;

// The reference to the data source variable that every query carries.
Json DatasourceRef();

Json RenderPanel(const Panel& panel, std::size_t id, const GridPos& pos);

}  // namespace fleet::rulegen::grafana
