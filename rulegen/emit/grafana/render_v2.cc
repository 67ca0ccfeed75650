#include "rulegen/emit/grafana/render_v2.h"

#include <fmt/format.h>

#include "rulegen/emit/grafana/layout.h"
#include "rulegen/emit/grafana/render.h"
#include "rulegen/emit/grafana/render_panel.h"

namespace fleet::rulegen::grafana {
namespace {

std::string ElementName(std::size_t panel) { return fmt::format("panel-{}", panel + 1); }

// A query of Prometheus, without what stands outside it in this model.
Json DataQuery(Json spec) {
  spec.erase("refId");
  spec.erase("datasource");
  return {{"kind", "DataQuery"},
          {"group", "prometheus"},
          {"version", "v0"},
          {"datasource", {{"name", std::string("${") + kDatasource + "}"}}},
          {"spec", std::move(spec)}};
}

Json QueryGroup(const Json& classic) {
  Json queries = Json::array();
  if (classic.contains("targets")) {
    for (const Json& target : classic["targets"]) {
      queries.push_back(
          {{"kind", "PanelQuery"},
           {"spec", {{"query", DataQuery(target)}, {"refId", target["refId"]}, {"hidden", false}}}});
    }
  }
  Json transformations = Json::array();
  if (classic.contains("transformations")) {
    for (const Json& t : classic["transformations"]) {
      transformations.push_back(
          {{"kind", "Transformation"}, {"group", t["id"]}, {"spec", {{"options", t["options"]}}}});
    }
  }
  Json options = Json::object();
  if (classic.contains("maxDataPoints")) options["maxDataPoints"] = classic["maxDataPoints"];
  return {{"kind", "QueryGroup"},
          {"spec",
           {{"queries", std::move(queries)},
            {"transformations", std::move(transformations)},
            {"queryOptions", std::move(options)}}}};
}

// Fewer fields than in the classic model, and no others.
Json Links(const Json& classic) {
  Json links = Json::array();
  if (!classic.contains("links")) return links;
  for (const Json& link : classic["links"]) {
    links.push_back({{"title", link["title"]}, {"url", link["url"]}, {"targetBlank", link["targetBlank"]}});
  }
  return links;
}

Json Element(const Json& classic) {
  Json spec = {{"id", classic["id"]},
               {"title", classic["title"]},
               {"description", classic.value("description", "")},
               {"links", Links(classic)},
               {"data", QueryGroup(classic)},
               {"vizConfig",
                {{"kind", "VizConfig"},
                 {"group", classic["type"]},
                 {"version", classic["pluginVersion"]},
                 {"spec", {{"options", classic["options"]}, {"fieldConfig", classic["fieldConfig"]}}}}}};
  if (classic.value("transparent", false)) spec["transparent"] = true;
  return {{"kind", "Panel"}, {"spec", std::move(spec)}};
}

Json Elements(const Dashboard& dashboard) {
  Json elements = Json::object();
  for (std::size_t i = 0; i < dashboard.panels.size(); ++i) {
    elements[ElementName(i)] = Element(RenderPanel(dashboard.panels[i], i + 1, {}));
  }
  return elements;
}

// A row has a grid of its own, which begins at its top.
Json RowsLayout(const Dashboard& dashboard) {
  Json rows = Json::array();
  const std::vector<PlacedSection> placed = Place(dashboard.layout);
  for (std::size_t s = 0; s < placed.size(); ++s) {
    const int top = placed[s].header.y + 1;
    Json items = Json::array();
    for (const PlacedPanel& p : placed[s].panels) {
      items.push_back({{"kind", "GridLayoutItem"},
                       {"spec",
                        {{"x", p.pos.x},
                         {"y", p.pos.y - top},
                         {"width", p.pos.w},
                         {"height", p.pos.h},
                         {"element", {{"kind", "ElementReference"}, {"name", ElementName(p.panel)}}}}}});
    }
    rows.push_back({{"kind", "RowsLayoutRow"},
                    {"spec",
                     {{"title", dashboard.layout[s].title},
                      {"collapse", dashboard.layout[s].collapsed},
                      {"layout", {{"kind", "GridLayout"}, {"spec", {{"items", std::move(items)}}}}}}}});
  }
  return {{"kind", "RowsLayout"}, {"spec", {{"rows", std::move(rows)}}}};
}

Json DatasourceVariableV2() {
  return {{"kind", "DatasourceVariable"},
          {"spec",
           {{"name", kDatasource},
            {"label", "Data source"},
            {"pluginId", "prometheus"},
            {"refresh", "onDashboardLoad"},
            {"regex", ""},
            {"current", {{"text", ""}, {"value", ""}}},
            {"options", Json::array()},
            {"multi", false},
            {"includeAll", false},
            {"hide", "dontHide"},
            {"skipUrlSync", false},
            {"allowCustomValue", true}}}};
}

Json QueryVariable(const Json& classic) {
  Json query = classic["query"];
  Json spec = {{"name", classic["name"]},
               {"label", classic["label"]},
               {"current", {{"text", ""}, {"value", ""}}},
               {"hide", "dontHide"},
               {"refresh", "onTimeRangeChanged"},
               {"skipUrlSync", false},
               {"query", DataQuery(std::move(query))},
               {"regex", ""},
               {"sort", "alphabeticalAsc"},
               {"options", Json::array()},
               {"multi", classic["multi"]},
               {"includeAll", classic["includeAll"]},
               {"allowCustomValue", true}};
  if (classic.contains("current")) {
    spec["current"] = {{"text", classic["current"]["text"]}, {"value", classic["current"]["value"]}};
  }
  if (classic.contains("allValue")) spec["allValue"] = classic["allValue"];
  return {{"kind", "QueryVariable"}, {"spec", std::move(spec)}};
}

Json VariablesOf(const Json& classic) {
  Json out = Json::array({DatasourceVariableV2()});
  for (const Json& variable : classic["templating"]["list"]) {
    if (variable["type"] == "query") out.push_back(QueryVariable(variable));
  }
  return out;
}

// What only Prometheus' annotations know, Grafana keeps beside the query.
Json Annotations(const Json& classic) {
  Json out = Json::array();
  for (const Json& a : classic["annotations"]["list"]) {
    Json spec = {{"query", nullptr},
                 {"enable", a["enable"]},
                 {"hide", a.value("hide", false)},
                 {"iconColor", a["iconColor"]},
                 {"name", a["name"]}};
    if (a.contains("builtIn")) {
      spec["query"] = {{"kind", "DataQuery"},
                       {"group", "grafana"},
                       {"version", "v0"},
                       {"datasource", {{"name", "-- Grafana --"}}},
                       {"spec", Json::object()}};
      spec["builtIn"] = true;
    } else {
      spec["query"] = DataQuery({{"expr", a["expr"]}, {"step", a["step"]}});
      Json legacy = Json::object();
      for (const char* key : {"expr", "step", "titleFormat", "textFormat", "tagKeys"}) legacy[key] = a[key];
      spec["legacyOptions"] = std::move(legacy);
    }
    out.push_back({{"kind", "AnnotationQuery"}, {"spec", std::move(spec)}});
  }
  return out;
}

}  // namespace

std::string RenderDashboardV2(const Dashboard& dashboard) {
  const Json classic = Json::parse(RenderDashboard(dashboard));
  const Json out = {{"apiVersion", "dashboard.grafana.app/v2"},
                    {"kind", "Dashboard"},
                    {"metadata", {{"name", dashboard.uid}}},
                    {"spec",
                     {{"title", dashboard.title},
                      {"description", dashboard.description},
                      {"tags", dashboard.tags},
                      {"cursorSync", "Crosshair"},
                      {"editable", false},
                      {"preload", false},
                      {"liveNow", false},
                      {"links", classic["links"]},
                      {"annotations", Annotations(classic)},
                      {"variables", VariablesOf(classic)},
                      {"timeSettings",
                       {{"timezone", dashboard.timezone},
                        {"from", classic["time"]["from"]},
                        {"to", "now"},
                        {"autoRefresh", classic["refresh"]},
                        {"autoRefreshIntervals", classic["timepicker"]["refresh_intervals"]},
                        {"hideTimepicker", false},
                        {"fiscalYearStartMonth", 0}}},
                      {"elements", Elements(dashboard)},
                      {"layout", RowsLayout(dashboard)}}}};
  return out.dump(2) + "\n";
}

}  // namespace fleet::rulegen::grafana
