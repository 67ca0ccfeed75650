#include "rulegen/emit/grafana/render_panel.h"

#include <algorithm>
#include <string_view>

#include "rulegen/emit/grafana/render_field.h"

namespace fleet::rulegen::grafana {
namespace {

// Written on every panel, so that Grafana does not guess from which version to migrate.
constexpr char kPluginVersion[] = "13.2.0";

std::string_view Word(Calc calc) {
  switch (calc) {
    case Calc::kMin:
      return "min";
    case Calc::kMean:
      return "mean";
    case Calc::kMax:
      return "max";
    case Calc::kLast:
      return "lastNotNull";
  }
  return "";
}

std::string_view Word(Reduce reduce) {
  switch (reduce) {
    case Reduce::kLast:
      return "lastNotNull";
    case Reduce::kMax:
      return "max";
    case Reduce::kMean:
      return "mean";
  }
  return "";
}

std::string_view Word(DrawStyle draw) {
  switch (draw) {
    case DrawStyle::kLine:
      return "line";
    case DrawStyle::kBars:
      return "bars";
    case DrawStyle::kPoints:
      return "points";
  }
  return "";
}

std::string_view Word(Interpolation interpolation) {
  return interpolation == Interpolation::kLinear ? "linear" : "stepAfter";
}

std::string_view Word(Stacking stacking) {
  switch (stacking) {
    case Stacking::kNone:
      return "none";
    case Stacking::kNormal:
      return "normal";
    case Stacking::kPercent:
      return "percent";
  }
  return "";
}

std::string_view Word(ThresholdStyle style) {
  switch (style) {
    case ThresholdStyle::kOff:
      return "off";
    case ThresholdStyle::kLine:
      return "line";
    case ThresholdStyle::kDashed:
      return "dashed";
    case ThresholdStyle::kDashedAndArea:
      return "dashed+area";
  }
  return "";
}

std::string_view Word(StatColor color) {
  switch (color) {
    case StatColor::kNone:
      return "none";
    case StatColor::kValue:
      return "value";
    case StatColor::kBackground:
      return "background";
  }
  return "";
}

std::string_view Word(StatText text) {
  switch (text) {
    case StatText::kAuto:
      return "auto";
    case StatText::kValue:
      return "value";
    case StatText::kValueAndName:
      return "value_and_name";
  }
  return "";
}

std::string_view Word(BarStyle style) {
  switch (style) {
    case BarStyle::kBasic:
      return "basic";
    case BarStyle::kGradient:
      return "gradient";
    case BarStyle::kLcd:
      return "lcd";
  }
  return "";
}

std::string_view Word(Scheme scheme) {
  switch (scheme) {
    case Scheme::kOranges:
      return "Oranges";
    case Scheme::kBlues:
      return "Blues";
    case Scheme::kGreens:
      return "Greens";
  }
  return "";
}

Json RenderCell(Cell cell) {
  switch (cell) {
    case Cell::kPlain:
      return {{"type", "auto"}};
    case Cell::kColoredText:
      return {{"type", "color-text"}};
    case Cell::kColoredBackground:
      return {{"type", "color-background"}, {"mode", "basic"}};
    case Cell::kGauge:
      return {{"type", "gauge"}, {"mode", "basic"}, {"valueDisplayMode", "color"}};
  }
  return nullptr;
}

Json ReduceOptions(Reduce reduce) {
  return {{"calcs", Json::array({Word(reduce)})}, {"fields", ""}, {"values", false}};
}

Json NoLegend() {
  return {{"showLegend", false}, {"displayMode", "list"}, {"placement", "bottom"}, {"calcs", Json::array()}};
}

Json NoHiding() { return {{"legend", false}, {"tooltip", false}, {"viz", false}}; }

Json RenderLegend(const Legend& legend) {
  Json calcs = Json::array();
  for (const Calc calc : legend.calcs) calcs.push_back(Word(calc));
  const bool table = legend.style == LegendStyle::kTable;
  Json out = {{"showLegend", legend.style != LegendStyle::kHidden},
              {"displayMode", table ? "table" : "list"},
              {"placement", legend.placement == Placement::kRight ? "right" : "bottom"},
              {"calcs", std::move(calcs)}};
  if (table && std::ranges::find(legend.calcs, Calc::kMax) != legend.calcs.end()) {
    out["sortBy"] = "Max";  // Grafana's name of the column
    out["sortDesc"] = true;
  }
  return out;
}

Json Property(std::string_view id, Json value) { return {{"id", id}, {"value", std::move(value)}}; }

Json RenderSeriesStyle(const SeriesStyle& style) {
  Json properties = Json::array();
  if (style.color) {
    const char* const mode = style.shades ? "shades" : "fixed";
    properties.push_back(Property("color", {{"mode", mode}, {"fixedColor", Word(*style.color)}}));
  }
  if (style.line_width) properties.push_back(Property("custom.lineWidth", *style.line_width));
  if (style.fill_opacity) properties.push_back(Property("custom.fillOpacity", *style.fill_opacity));
  if (style.dashed) {
    properties.push_back(Property("custom.lineStyle", {{"fill", "dash"}, {"dash", {8, 6}}}));
  }
  const char* const matcher = style.match == Match::kRefId ? "byFrameRefID" : "byRegexp";
  return {{"matcher", {{"id", matcher}, {"options", style.pattern}}}, {"properties", std::move(properties)}};
}

// What the kinds differ in: the type, three blocks, and how their queries run.
struct Parts {
  const char* type = "";
  Json options = Json::object();
  Json custom = nullptr;
  Json overrides = Json::array();
  Json transformations = nullptr;
  bool instant = false;
  const char* format = "time_series";
  int max_data_points = 0;
};

Parts Render(const Timeseries& v, const Panel&) {
  Parts out{.type = "timeseries"};
  out.options = {
      {"legend", RenderLegend(v.legend)},
      {"tooltip",
       {{"mode", "multi"}, {"sort", v.tooltip_sort == TooltipSort::kDescending ? "desc" : "none"}}}};
  out.custom = {{"drawStyle", Word(v.draw)},
                {"lineInterpolation", Word(v.interpolation)},
                {"lineWidth", v.line_width},
                {"fillOpacity", v.fill_opacity},
                {"gradientMode", "none"},
                {"showPoints", "never"},
                {"spanNulls", v.span_gaps},
                {"stacking", {{"mode", Word(v.stacking)}, {"group", "A"}}},
                {"axisPlacement", "auto"},
                {"scaleDistribution", {{"type", "linear"}}},
                {"thresholdsStyle", {{"mode", Word(v.thresholds)}}},
                {"hideFrom", NoHiding()}};
  if (v.scale == Scale::kLog10) out.custom["scaleDistribution"] = {{"type", "log"}, {"log", 10}};
  if (v.soft_min) out.custom["axisSoftMin"] = Number(*v.soft_min);
  if (v.soft_max) out.custom["axisSoftMax"] = Number(*v.soft_max);
  for (const SeriesStyle& style : v.series) out.overrides.push_back(RenderSeriesStyle(style));
  return out;
}

Parts Render(const Stat& v, const Panel&) {
  Parts out{.type = "stat"};
  out.instant = !v.sparkline;  // one sample draws no line
  out.options = {{"reduceOptions", ReduceOptions(v.reduce)},
                 {"orientation", "auto"},
                 {"colorMode", Word(v.color)},
                 {"graphMode", v.sparkline ? "area" : "none"},
                 {"justifyMode", "auto"},
                 {"textMode", Word(v.text)},
                 {"wideLayout", true},
                 {"showPercentChange", false},
                 {"percentChangeColorMode", "standard"}};
  return out;
}

Parts Render(const Gauge& v, const Panel&) {
  Parts out{.type = "gauge", .instant = true};
  // All of them: without `shape` Grafana 13 takes the panel for an old one and migrates it.
  out.options = {{"reduceOptions", ReduceOptions(v.reduce)},
                 {"orientation", "auto"},
                 {"shape", v.shape == GaugeShape::kArc ? "gauge" : "circle"},
                 {"barShape", "flat"},
                 {"barWidthFactor", 0.5},
                 {"segmentCount", 1},
                 {"segmentSpacing", 0.3},
                 {"effects", {{"gradient", false}, {"barGlow", false}, {"centerGlow", false}}},
                 {"showThresholdLabels", false},
                 {"showThresholdMarkers", v.threshold_markers},
                 {"sizing", "auto"},
                 {"minVizHeight", 75},
                 {"minVizWidth", 75}};
  return out;
}

Parts Render(const BarGauge& v, const Panel&) {
  Parts out{.type = "bargauge", .instant = true};
  out.options = {{"reduceOptions", ReduceOptions(v.reduce)},
                 {"orientation", v.orientation == Orientation::kHorizontal ? "horizontal" : "vertical"},
                 {"displayMode", Word(v.style)},
                 {"valueMode", "color"},
                 {"namePlacement", "auto"},
                 {"showUnfilled", true},
                 {"sizing", "auto"},
                 {"minVizWidth", 8},
                 {"minVizHeight", 16},
                 {"maxVizHeight", 300},
                 {"legend", NoLegend()}};
  return out;
}

Parts Render(const Heatmap& v, const Panel& panel) {
  Parts out{.type = "heatmap"};
  out.format = "heatmap";  // Grafana then takes the buckets apart and sorts them by bound
  out.max_data_points = v.columns;
  out.options = {{"calculate", false},
                 {"cellGap", 1},
                 {"color",
                  {{"mode", "scheme"},
                   {"scheme", Word(v.scheme)},
                   {"scale", "exponential"},
                   {"exponent", 0.5},
                   {"fill", "dark-orange"},
                   {"reverse", false},
                   {"steps", 64}}},
                 {"exemplars", {{"color", "rgba(255,0,255,0.7)"}}},
                 {"filterValues", {{"le", 1e-9}}},
                 {"legend", {{"show", true}}},
                 {"rowsFrame", {{"layout", "auto"}}},
                 {"showValue", "never"},
                 {"tooltip", {{"mode", "single"}, {"yHistogram", false}, {"showColorScale", false}}},
                 {"yAxis", {{"axisPlacement", "left"}, {"unit", panel.field.unit}, {"reverse", false}}}};
  out.custom = {{"scaleDistribution", {{"type", "linear"}}}, {"hideFrom", NoHiding()}};
  return out;
}

// The name that a query's value has after the merge. A lone query's is just "Value".
std::string ValueName(std::size_t target) { return std::string("Value #") + static_cast<char>('A' + target); }

Json RenderColumn(const Column& column) {
  Json properties = Json::array();
  const Field& field = column.field;
  if (!field.unit.empty()) properties.push_back(Property("unit", field.unit));
  if (field.decimals) properties.push_back(Property("decimals", *field.decimals));
  if (field.min) properties.push_back(Property("min", Number(*field.min)));
  if (field.max) properties.push_back(Property("max", Number(*field.max)));
  if (!field.no_value.empty()) properties.push_back(Property("noValue", field.no_value));
  if (!field.thresholds.empty()) {
    properties.push_back(Property("thresholds", RenderThresholds(field.thresholds)));
    properties.push_back(Property("color", RenderColor(field)));
  }
  Json mappings = RenderMappings(field);
  if (!mappings.empty()) properties.push_back(Property("mappings", std::move(mappings)));
  if (column.cell != Cell::kPlain) {
    properties.push_back(Property("custom.cellOptions", RenderCell(column.cell)));
  }
  if (column.width > 0) properties.push_back(Property("custom.width", column.width));
  if (!column.links.empty()) properties.push_back(Property("links", RenderLinks(column.links)));
  return {{"matcher", {{"id", "byName"}, {"options", column.title}}}, {"properties", std::move(properties)}};
}

// Hides the time and every carried label without a column; orders and names the rest.
Json Organize(const Table& table, const Panel& panel) {
  Json exclude = {{"Time", true}};
  for (const Target& target : panel.targets) {
    for (const std::string& label : target.labels) exclude[label] = true;
  }
  Json index = Json::object();
  Json rename = Json::object();
  int position = 0;
  for (const Column& column : table.columns) {
    const std::string name = column.label.empty() ? ValueName(column.target) : column.label;
    exclude.erase(name);
    index[name] = position;
    rename[name] = column.title;
    if (column.label.empty() && panel.targets.size() == 1) {
      index["Value"] = position;
      rename["Value"] = column.title;
    }
    ++position;
  }
  return {{"excludeByName", std::move(exclude)},
          {"indexByName", std::move(index)},
          {"renameByName", std::move(rename)}};
}

Parts Render(const Table& v, const Panel& panel) {
  Parts out{.type = "table", .instant = true};
  out.format = "table";
  out.options = {{"showHeader", true}, {"cellHeight", "sm"}, {"frameIndex", 0}};
  for (const Sort& sort : v.sort) {
    out.options["sortBy"].push_back({{"displayName", sort.column}, {"desc", sort.descending}});
  }
  out.custom = {{"align", "auto"}, {"cellOptions", {{"type", "auto"}}}, {"filterable", false}};
  out.transformations = Json::array({Json{{"id", "merge"}, {"options", Json::object()}},
                                     Json{{"id", "organize"}, {"options", Organize(v, panel)}}});
  for (const Column& column : v.columns) out.overrides.push_back(RenderColumn(column));
  return out;
}

Parts Render(const StateTimeline& v, const Panel&) {
  Parts out{.type = "state-timeline"};
  out.options = {{"showValue", v.show_text ? "auto" : "never"},
                 {"rowHeight", 0.8},
                 {"mergeValues", v.merge_equal},
                 {"alignValue", "left"},
                 {"perPage", v.per_page},
                 {"legend", NoLegend()},
                 {"tooltip", {{"mode", "single"}, {"sort", "none"}}}};
  out.custom = {{"fillOpacity", 70}, {"lineWidth", 0}, {"hideFrom", NoHiding()}};
  return out;
}

Parts Render(const PieChart& v, const Panel&) {
  Parts out{.type = "piechart", .instant = true};
  Json legend = RenderLegend({.style = LegendStyle::kList, .placement = Placement::kRight});
  legend["values"] = Json::array({v.legend == PieLegend::kPercent ? "percent" : "value"});
  out.options = {{"reduceOptions", ReduceOptions(Reduce::kLast)},
                 {"pieType", v.donut ? "donut" : "pie"},
                 {"displayLabels", Json::array({"percent"})},
                 {"legend", std::move(legend)},
                 {"tooltip", {{"mode", "single"}, {"sort", "none"}}},
                 {"sort", "desc"},
                 {"orientation", "auto"}};
  out.custom = {{"hideFrom", NoHiding()}};
  return out;
}

Parts Render(const Text& v, const Panel&) {
  Parts out{.type = "text"};
  out.options = {{"mode", "markdown"}, {"content", v.markdown}};
  return out;
}

Json RenderTarget(const Target& target, std::size_t number, const Parts& parts) {
  Json out = {{"refId", std::string(1, static_cast<char>('A' + number))},
              {"datasource", DatasourceRef()},
              {"editorMode", "code"},
              {"expr", target.expr},
              {"legendFormat", target.legend},
              {"range", !parts.instant},
              {"instant", parts.instant},
              {"format", parts.format}};
  if (target.exemplar) out["exemplar"] = true;
  return out;
}

// In the head of a panel all fields of a link must be there.
Json PanelLinks(const std::vector<Link>& links) {
  Json out = Json::array();
  for (const Link& link : links) {
    out.push_back({{"title", link.title},
                   {"type", "link"},
                   {"url", link.url},
                   {"targetBlank", link.new_tab},
                   {"tooltip", link.title},
                   {"icon", "doc"},
                   {"tags", Json::array()},
                   {"asDropdown", false},
                   {"includeVars", false},
                   {"keepTime", false}});
  }
  return out;
}

}  // namespace

Json DatasourceRef() { return {{"type", "prometheus"}, {"uid", std::string("${") + kDatasource + "}"}}; }

Json RenderPanel(const Panel& panel, std::size_t id, const GridPos& pos) {
  Parts parts = std::visit([&](const auto& view) { return Render(view, panel); }, panel.view);
  const bool is_text = std::holds_alternative<Text>(panel.view);
  Json out = {{"id", id}, {"type", parts.type}, {"title", panel.title}};
  if (!panel.description.empty()) out["description"] = panel.description;
  if (is_text) out["transparent"] = true;
  out["gridPos"] = {{"x", pos.x}, {"y", pos.y}, {"w", pos.w}, {"h", pos.h}};
  out["pluginVersion"] = kPluginVersion;
  if (!panel.links.empty()) out["links"] = PanelLinks(panel.links);
  if (!is_text) {
    out["datasource"] = DatasourceRef();
    out["targets"] = Json::array();
    for (std::size_t i = 0; i < panel.targets.size(); ++i) {
      out["targets"].push_back(RenderTarget(panel.targets[i], i, parts));
    }
    if (parts.max_data_points > 0) out["maxDataPoints"] = parts.max_data_points;
    if (!parts.transformations.is_null()) out["transformations"] = std::move(parts.transformations);
  }
  Json defaults = is_text ? Json::object() : RenderField(panel.field);
  if (!parts.custom.is_null()) defaults["custom"] = std::move(parts.custom);
  out["fieldConfig"] = {{"defaults", std::move(defaults)}, {"overrides", std::move(parts.overrides)}};
  out["options"] = std::move(parts.options);
  return out;
}

}  // namespace fleet::rulegen::grafana
