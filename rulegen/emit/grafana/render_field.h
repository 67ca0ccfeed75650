// The JSON of units, colours, thresholds and texts; for render_panel.cc.
#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

#include "rulegen/emit/grafana/field.h"

namespace fleet::rulegen::grafana {

std::string_view Word(Color color);

// A whole number without a point, anything else in its shortest form: 6, 14.4, 0.001.
nlohmann::ordered_json Number(Decimal value);

nlohmann::ordered_json RenderColor(const Field& field);
nlohmann::ordered_json RenderThresholds(const std::vector<Threshold>& thresholds);
// The texts of values; and where colours depend on the value, what stands for an absent one, without a
// colour: nothing known is neither good nor bad.
nlohmann::ordered_json RenderMappings(const Field& field);
nlohmann::ordered_json RenderLinks(const std::vector<Link>& links);

// The `defaults` of a field config, without what belongs to one kind of panel only (`custom`).
nlohmann::ordered_json RenderField(const Field& field);

}  // namespace fleet::rulegen::grafana
