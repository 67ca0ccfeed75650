#include "rulegen/emit/grafana/render.h"

#include <nlohmann/json.hpp>

#include "lib/base/text.h"
#include "rulegen/emit/grafana/render_field.h"
#include "rulegen/emit/grafana/render_panel.h"

namespace fleet::rulegen::grafana {
namespace {

constexpr int kSchemaVersion = 42;

// Grafana's own marks (alerts, deployments posted to its API) stay available, but hidden.
Json BuiltInAnnotation() {
  return {{"builtIn", 1},
          {"datasource", {{"type", "grafana"}, {"uid", "-- Grafana --"}}},
          {"enable", true},
          {"hide", true},
          {"iconColor", "rgba(0, 211, 255, 1)"},
          {"name", "Annotations & Alerts"},
          {"type", "dashboard"}};
}

Json RenderAnnotation(const Annotation& annotation) {
  return {{"name", annotation.name},
          {"datasource", DatasourceRef()},
          {"enable", annotation.enabled},
          {"hide", false},
          {"iconColor", Word(annotation.color)},
          {"expr", annotation.expr},
          {"step", PrintDuration(annotation.step)},
          {"titleFormat", annotation.title},
          {"textFormat", annotation.text},
          {"tagKeys", Join(annotation.tags, ",")}};
}

Json DatasourceVariable() {
  return {{"name", kDatasource},     {"label", "Data source"}, {"type", "datasource"},
          {"query", "prometheus"},   {"refresh", 1},           {"hide", 0},
          {"multi", false},          {"includeAll", false},    {"regex", ""},
          {"options", Json::array()}};
}

Json RenderVariable(const Variable& variable) {
  const std::string query = "label_values(" + variable.selector + ", " + variable.values_of + ")";
  Json out = {{"name", variable.name},
              {"label", variable.label},
              {"type", "query"},
              {"datasource", DatasourceRef()},
              {"query", {{"query", query}, {"refId", "Variable-" + variable.name}, {"qryType", 1}}},
              {"refresh", 2},  // when the time range changes: the list would miss new series
              {"sort", 1},
              {"hide", 0},
              {"regex", ""},
              {"multi", variable.multi},
              {"includeAll", variable.multi},
              {"options", Json::array()}};
  // Without it, All becomes a list of every value, and queries too long.
  if (variable.multi) out["allValue"] = ".+";
  const std::string text = variable.first.empty() ? "All" : variable.first;
  const std::string value = variable.first.empty() ? "$__all" : variable.first;
  if (variable.multi) {
    out["current"] = {{"selected", true}, {"text", Json::array({text})}, {"value", Json::array({value})}};
  } else if (!variable.first.empty()) {
    out["current"] = {{"selected", true}, {"text", text}, {"value", value}};
  }
  return out;
}

Json RenderLink(const DashboardLink& link) {
  const bool is_list = !link.tag.empty();
  const bool is_elsewhere = !link.url.empty();
  return {{"title", link.title},
          {"tooltip", link.tooltip},
          {"type", is_list ? "dashboards" : "link"},
          {"icon", is_list        ? "external link"
                   : is_elsewhere ? "doc"
                                  : "dashboard"},
          {"tags", is_list ? Json::array({link.tag}) : Json::array()},
          {"asDropdown", is_list},
          {"includeVars", !is_elsewhere},
          {"keepTime", !is_elsewhere},
          {"targetBlank", is_elsewhere},
          {"url", link.uid.empty() ? link.url : "/d/" + link.uid}};
}

// Ids: panels by declaration from 1, section headers after the last panel.
Json RenderPanels(const Dashboard& dashboard) {
  Json out = Json::array();
  const std::vector<PlacedSection> placed = Place(dashboard.layout);
  for (std::size_t s = 0; s < placed.size(); ++s) {
    const Section& section = dashboard.layout[s];
    const GridPos& header = placed[s].header;
    Json row = {{"id", dashboard.panels.size() + s + 1},
                {"type", "row"},
                {"title", section.title},
                {"collapsed", section.collapsed},
                {"gridPos", {{"x", header.x}, {"y", header.y}, {"w", header.w}, {"h", header.h}}},
                {"panels", Json::array()}};
    Json panels = Json::array();
    for (const PlacedPanel& p : placed[s].panels) {
      panels.push_back(RenderPanel(dashboard.panels[p.panel], p.panel + 1, p.pos));
    }
    if (section.collapsed) {  // then Grafana looks for them inside the row
      row["panels"] = std::move(panels);
      out.push_back(std::move(row));
    } else {
      out.push_back(std::move(row));
      for (Json& panel : panels) out.push_back(std::move(panel));
    }
  }
  return out;
}

}  // namespace

std::string RenderDashboard(const Dashboard& dashboard) {
  Json annotations = Json::array({BuiltInAnnotation()});
  for (const Annotation& a : dashboard.annotations) annotations.push_back(RenderAnnotation(a));
  Json variables = Json::array({DatasourceVariable()});
  for (const Variable& v : dashboard.variables) variables.push_back(RenderVariable(v));
  Json links = Json::array();
  for (const DashboardLink& link : dashboard.links) links.push_back(RenderLink(link));
  const Json out = {{"uid", dashboard.uid},
                    {"title", dashboard.title},
                    {"description", dashboard.description},
                    {"tags", dashboard.tags},
                    {"editable", false},  // the file is the truth
                    {"schemaVersion", kSchemaVersion},
                    {"version", 1},
                    {"timezone", dashboard.timezone},
                    {"time", {{"from", "now-" + PrintDuration(dashboard.range)}, {"to", "now"}}},
                    {"refresh", PrintDuration(dashboard.refresh)},
                    {"timepicker", {{"refresh_intervals", {"30s", "1m", "5m", "15m"}}}},
                    {"fiscalYearStartMonth", 0},
                    {"liveNow", false},
                    {"graphTooltip", 1},  // one crosshair in all panels
                    {"links", std::move(links)},
                    {"annotations", {{"list", std::move(annotations)}}},
                    {"templating", {{"list", std::move(variables)}}},
                    {"panels", RenderPanels(dashboard)}};
  return out.dump(2) + "\n";
}

}  // namespace fleet::rulegen::grafana
