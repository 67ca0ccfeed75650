// The JSON as Grafana reads it: what each kind of panel needs, and what holds of every query.
#include "rulegen/emit/grafana/render.h"

#include <catch2/catch.hpp>
#include <functional>
#include <nlohmann/json.hpp>

#include "tests/unit/rulegen/emit/grafana/sample.h"

namespace fleet::rulegen::grafana {
namespace {

using Json = nlohmann::ordered_json;

Json Rendered() { return Json::parse(RenderDashboard(SampleDashboard())); }

// The panels, with those inside collapsed rows, by title.
Json Find(const Json& dashboard, const std::string& title) {
  for (const Json& panel : dashboard["panels"]) {
    if (panel["title"] == title) return panel;
    if (panel["type"] != "row") continue;
    for (const Json& inner : panel["panels"]) {
      if (inner["title"] == title) return inner;
    }
  }
  FAIL("no panel " << title);
  return {};
}

TEST_CASE("grafana render: the frame of a dashboard") {
  Json d = Rendered();
  d.erase("panels");
  d["templating"]["list"].erase(2);
  const Json wanted = Json::parse(R"json({
    "uid": "shop-sample", "title": "Shop: sample", "description": "One panel of each kind.",
    "tags": ["rulegen", "shop"], "editable": false, "schemaVersion": 42, "version": 1,
    "timezone": "browser", "time": {"from": "now-6h", "to": "now"}, "refresh": "1m",
    "timepicker": {"refresh_intervals": ["30s", "1m", "5m", "15m"]},
    "fiscalYearStartMonth": 0, "liveNow": false, "graphTooltip": 1,
    "links": [{"title": "Dashboards", "tooltip": "All of this service", "type": "dashboards",
               "icon": "external link", "tags": ["shop"], "asDropdown": true, "includeVars": true,
               "keepTime": true, "targetBlank": false, "url": ""}],
    "annotations": {"list": [
      {"builtIn": 1, "datasource": {"type": "grafana", "uid": "-- Grafana --"}, "enable": true,
       "hide": true, "iconColor": "rgba(0, 211, 255, 1)", "name": "Annotations & Alerts",
       "type": "dashboard"},
      {"name": "Firing alerts", "datasource": {"type": "prometheus", "uid": "${datasource}"},
       "enable": true, "hide": false, "iconColor": "red",
       "expr": "ALERTS{alertstate=\"firing\",slo_service=\"shop\"}", "step": "1m",
       "titleFormat": "{{alertname}}", "textFormat": "{{slo_name}}", "tagKeys": "slo_name"}]},
    "templating": {"list": [
      {"name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus",
       "refresh": 1, "hide": 0, "multi": false, "includeAll": false, "regex": "", "options": []},
      {"name": "pool", "label": "Pool", "type": "query",
       "datasource": {"type": "prometheus", "uid": "${datasource}"},
       "query": {"query": "label_values(fleet_info, pool)", "refId": "Variable-pool", "qryType": 1},
       "refresh": 2, "sort": 1, "hide": 0, "regex": "", "multi": true, "includeAll": true,
       "options": [], "allValue": ".+",
       "current": {"selected": true, "text": ["All"], "value": ["$__all"]}}]}
  })json");
  CHECK(d == wanted);
}

TEST_CASE("grafana render: ids by declaration, sections after them, collapsed panels inside the row") {
  const Json d = Rendered();
  Json got = Json::array();
  for (const Json& p : d["panels"]) {
    got.push_back({p["id"], p["type"], p["gridPos"]["x"], p["gridPos"]["y"]});
    if (p["type"] != "row") continue;
    for (const Json& q : p["panels"])
      got.push_back({q["id"], q["type"], q["gridPos"]["x"], q["gridPos"]["y"]});
  }
  const Json wanted = Json::parse(R"([
    [10, "row", 0, 0],
    [2, "stat", 0, 1], [3, "gauge", 8, 1], [4, "bargauge", 16, 1],
    [1, "timeseries", 0, 6], [5, "heatmap", 12, 6],
    [11, "row", 0, 14],
    [6, "table", 0, 15], [7, "state-timeline", 0, 23], [8, "piechart", 12, 23], [9, "text", 20, 23]])");
  CHECK(got == wanted);
}

TEST_CASE("grafana render: how a query runs follows from the kind of its panel") {
  const Json d = Rendered();
  const auto mode = [&](const std::string& title) {
    const Json target = Find(d, title)["targets"][0];
    return target["format"].get<std::string>() + (target["instant"] ? " instant" : "") +
           (target["range"] ? " range" : "");
  };
  CHECK(mode("Runs") == "time_series range");
  CHECK(mode("Share") == "time_series range");  // it has a sparkline
  CHECK(mode("Used") == "time_series instant");
  CHECK(mode("Pools") == "time_series instant");
  CHECK(mode("Times") == "heatmap range");
  CHECK(mode("Queues") == "table instant");
  CHECK(mode("Alerts") == "time_series range");
  CHECK(mode("Kinds") == "time_series instant");
}

TEST_CASE("grafana render: every data source is the variable and every panel names its version") {
  const Json d = Rendered();
  int found = 0;
  const std::function<void(const Json&)> walk = [&](const Json& node) {
    if (node.is_object() && node.contains("datasource")) {
      const Json& uid = node["datasource"]["uid"];
      CHECK((uid == "${datasource}" || uid == "-- Grafana --"));
      ++found;
    }
    if (node.is_object() && node.contains("gridPos") && node["type"] != "row") {
      CHECK(node["pluginVersion"] == "13.2.0");
    }
    for (const Json& child : node) {
      if (child.is_structured()) walk(child);
    }
  };
  walk(d);
  CHECK(found == 21);
  CHECK_FALSE(Find(d, "")["transparent"].is_null());
}

TEST_CASE("grafana render: a table joins its queries and names the columns") {
  const Json panel = Find(Rendered(), "Queues");
  const Json wanted = Json::parse(R"([
    {"id": "merge", "options": {}},
    {"id": "organize", "options": {
      "excludeByName": {"Time": true, "shard": true},
      "indexByName": {"queue": 0, "Value #A": 1, "Value #B": 2},
      "renameByName": {"queue": "Queue", "Value #A": "Depth", "Value #B": "Age"}}}])");
  CHECK(panel["transformations"] == wanted);
  const Json depth = Json::parse(R"({
    "matcher": {"id": "byName", "options": "Depth"},
    "properties": [{"id": "unit", "value": "short"}, {"id": "noValue", "value": "no data"},
                   {"id": "links", "value": [{"title": "Open", "url": "/d/shop-queue", "targetBlank": false}]}]})");
  CHECK(panel["fieldConfig"]["overrides"][1] == depth);
  const Json sorted = Json::parse(R"([{"displayName": "Depth", "desc": true}])");
  CHECK(panel["options"]["sortBy"] == sorted);
}

TEST_CASE("grafana render: the value of a table's only query is called Value") {
  Dashboard d = SampleDashboard();
  d.panels[kTable].targets.pop_back();
  std::get<Table>(d.panels[kTable].view).columns.pop_back();
  const Json panel = Find(Json::parse(RenderDashboard(d)), "Queues");
  const Json wanted = Json::parse(R"({"queue": "Queue", "Value #A": "Depth", "Value": "Depth"})");
  CHECK(panel["transformations"][1]["options"]["renameByName"] == wanted);
}

TEST_CASE("grafana render: numbers as they were written") {
  const Json panel = Find(Rendered(), "Runs");
  const std::string wanted =
      R"({"mode":"absolute","steps":[{"color":"transparent","value":null},{"color":"red","value":14.4}]})";
  CHECK(panel["fieldConfig"]["defaults"]["thresholds"].dump() == wanted);
  CHECK(panel["fieldConfig"]["defaults"]["min"].dump() == "0");
}

TEST_CASE("grafana render: a series' own style") {
  const Json panel = Find(Rendered(), "Runs");
  const Json wanted = Json::parse(R"([{
    "matcher": {"id": "byFrameRefID", "options": "A"},
    "properties": [{"id": "color", "value": {"mode": "fixed", "fixedColor": "blue"}},
                   {"id": "custom.lineStyle", "value": {"fill": "dash", "dash": [8, 6]}}]}])");
  CHECK(panel["fieldConfig"]["overrides"] == wanted);
}

TEST_CASE("grafana render: texts for values") {
  const Json defaults = Find(Rendered(), "Alerts")["fieldConfig"]["defaults"];
  const Json wanted = Json::parse(R"([{"type": "value", "options": {
    "0": {"text": "quiet", "color": "text", "index": 0}, "1": {"text": "firing", "color": "red", "index": 1}}}])");
  CHECK(defaults["mappings"] == wanted);
}

TEST_CASE("grafana render: a gauge says its shape, a heatmap its columns") {
  const Json d = Rendered();
  CHECK(Find(d, "Used")["options"]["shape"] == "gauge");
  CHECK(Find(d, "Times")["maxDataPoints"] == 90);
  CHECK(Find(d, "Times")["options"]["yAxis"]["unit"] == "s");
}

TEST_CASE("grafana render: same input, same bytes, one line feed at the end") {
  const std::string bytes = RenderDashboard(SampleDashboard());
  CHECK(bytes == RenderDashboard(SampleDashboard()));
  CHECK(bytes.ends_with("}\n"));
  CHECK(bytes.find('\r') == std::string::npos);
}

TEST_CASE("grafana decimals: two more than the objective has") {
  CHECK(DecimalsFor(*Decimal::Parse("99")) == 2);
  CHECK(DecimalsFor(*Decimal::Parse("99.9")) == 3);
  CHECK(DecimalsFor(*Decimal::Parse("99.95")) == 4);
}

}  // namespace
}  // namespace fleet::rulegen::grafana
