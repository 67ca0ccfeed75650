#include "rulegen/emit/grafana/render_field.h"

#include <algorithm>

namespace fleet::rulegen::grafana {

using Json = nlohmann::ordered_json;

int DecimalsFor(Decimal objective) { return std::max(2, objective.scale() + 2); }

std::string_view Word(Color color) {
  switch (color) {
    case Color::kGreen:
      return "green";
    case Color::kYellow:
      return "yellow";
    case Color::kOrange:
      return "orange";
    case Color::kRed:
      return "red";
    case Color::kBlue:
      return "blue";
    case Color::kPurple:
      return "purple";
    case Color::kText:
      return "text";
    case Color::kTransparent:
      return "transparent";
  }
  return "";
}

Json Number(Decimal value) {
  if (value.is_integer()) return value.coefficient();
  return value.ToDouble();
}

Json RenderColor(const Field& field) {
  switch (field.color_mode) {
    case ColorMode::kPalette:
      return {{"mode", "palette-classic"}};
    case ColorMode::kThresholds:
      return {{"mode", "thresholds"}};
    case ColorMode::kFixed:
      return {{"mode", "fixed"}, {"fixedColor", Word(field.fixed_color)}};
  }
  return nullptr;
}

Json RenderThresholds(const std::vector<Threshold>& thresholds) {
  Json steps = Json::array();
  for (const Threshold& step : thresholds) {
    steps.push_back({{"color", Word(step.color)}, {"value", step.from ? Number(*step.from) : Json(nullptr)}});
  }
  return {{"mode", "absolute"}, {"steps", std::move(steps)}};
}

Json RenderMappings(const Field& field) {
  Json out = Json::array();
  int index = 0;
  if (!field.mappings.empty()) {
    Json options = Json::object();
    for (const ValueText& m : field.mappings) {
      options[m.value.ToString()] = {{"text", m.text}, {"color", Word(m.color)}, {"index", index++}};
    }
    out.push_back({{"type", "value"}, {"options", std::move(options)}});
  }
  if (field.color_mode == ColorMode::kThresholds && !field.no_value.empty()) {
    const Json absent = {{"text", field.no_value}, {"color", Word(Color::kText)}, {"index", index}};
    out.push_back({{"type", "special"}, {"options", {{"match", "null+nan"}, {"result", absent}}}});
  }
  return out;
}

Json RenderLinks(const std::vector<Link>& links) {
  Json out = Json::array();
  for (const Link& link : links) {
    out.push_back({{"title", link.title}, {"url", link.url}, {"targetBlank", link.new_tab}});
  }
  return out;
}

Json RenderField(const Field& field) {
  Json out = Json::object();
  out["unit"] = field.unit;
  if (field.decimals) out["decimals"] = *field.decimals;
  if (field.min) out["min"] = Number(*field.min);
  if (field.max) out["max"] = Number(*field.max);
  if (!field.no_value.empty()) out["noValue"] = field.no_value;
  out["color"] = RenderColor(field);
  out["mappings"] = RenderMappings(field);
  if (!field.thresholds.empty()) out["thresholds"] = RenderThresholds(field.thresholds);
  return out;
}

}  // namespace fleet::rulegen::grafana
