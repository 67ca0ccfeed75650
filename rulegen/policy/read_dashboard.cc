// Dashboards: rows of panels. What `show` and `kind` may be is for rulegen/plan/dashboards to say.
#include <utility>

#include "rulegen/policy/read_parts.h"
#include "rulegen/policy/read_promql.h"
#include "rulegen/policy/read_query.h"

namespace fleet::rulegen {
namespace {

// A query as it stands in a panel: of a metric, or an expression.
Query ReadPanelQuery(yaml::MapReader& map) {
  Query query;
  if (map.Has("promql")) {
    query.span = map.span();
    const yaml::Node& promql = *map.Find("promql");
    query.promql = Text{promql.text, promql.span};
    query.promql_tree = ReadPanelExpression(promql, "promql", map.diagnostics()).value_or(promql::Tree{});
    if (const yaml::Node* by = map.Find("by")) query.by = yaml::ReadStrings(*by, "by", map.diagnostics());
  } else {
    query = ReadQueryKeys(map);
    map.Find("promql");  // known all the same
  }
  query.legend = map.Optional("legend", yaml::ReadString);
  query.limit = map.Optional("limit", yaml::ReadBool);
  query.top = map.Optional("top", yaml::ReadInteger);
  return query;
}

// One query in the panel's own keys, or several under `queries`.
std::vector<Query> ReadPanelQueries(yaml::MapReader& panel) {
  std::vector<Query> queries;
  if (panel.Has("metric") || panel.Has("promql")) queries.push_back(ReadPanelQuery(panel));
  const yaml::Node* list = panel.Find("queries");
  if (list == nullptr) return queries;
  if (!queries.empty()) {
    panel.diagnostics().AddError(list->span, "choice-conflict",
                                 "a panel has 'metric' for one query or 'queries' for several, not both");
  }
  for (const yaml::Node& item : yaml::ReadItems(*list, "queries", panel.diagnostics())) {
    yaml::MapReader map(item, "a query", panel.diagnostics());
    queries.push_back(ReadPanelQuery(map));
    queries.back().unit = map.Optional("unit", yaml::ReadString);
    map.Finish();
  }
  return queries;
}

// One name or a list of them.
std::vector<Text> ReadNames(yaml::MapReader& map, std::string_view key) {
  const yaml::Node* node = map.Find(key);
  if (node == nullptr) return {};
  if (node->kind == yaml::Kind::kSequence) return yaml::ReadStrings(*node, key, map.diagnostics());
  const auto name = yaml::ReadString(*node, key, map.diagnostics());
  return name ? std::vector<Text>{{*name, node->span}} : std::vector<Text>{};
}

std::vector<StateWord> ReadStates(yaml::MapReader& panel) {
  std::vector<StateWord> states;
  const yaml::Node* list = panel.Find("states");
  if (list == nullptr) return states;
  for (const yaml::Node& item : yaml::ReadItems(*list, "states", panel.diagnostics())) {
    yaml::MapReader map(item, "a state", panel.diagnostics());
    StateWord& state = states.emplace_back();
    state.value = map.Required("value", yaml::ReadDecimal);
    state.text = map.Required("text", yaml::ReadString);
    state.color = map.Required("color", yaml::ReadString);
    map.Finish();
  }
  return states;
}

Panel ReadPanel(const yaml::Node& node, Diagnostics& diagnostics) {
  yaml::MapReader map(node, "a panel", diagnostics);
  Panel panel;
  panel.span = node.span;
  panel.title = map.Optional("title", yaml::ReadString);
  panel.description = map.Optional("description", yaml::ReadString);
  panel.slo = map.Optional("slo", yaml::ReadString);
  panel.show = map.Optional("show", yaml::ReadString);
  panel.queries = ReadPanelQueries(map);
  panel.kind = map.Optional("kind", yaml::ReadString);
  panel.alerts = ReadNames(map, "alert");
  panel.stack = map.Optional("stack", yaml::ReadBool);
  panel.states = ReadStates(map);
  panel.unit = map.Optional("unit", yaml::ReadString);
  panel.target = map.Optional("target", ReadQuantity);
  panel.width = map.Optional("width", yaml::ReadInteger);
  panel.height = map.Optional("height", yaml::ReadInteger);
  map.Finish();
  return panel;
}

DashboardRow ReadRow(const yaml::Node& node, Diagnostics& diagnostics) {
  yaml::MapReader map(node, "a row", diagnostics);
  DashboardRow row;
  row.span = node.span;
  row.title = map.Required("title", yaml::ReadString);
  row.collapsed = map.Optional("collapsed", yaml::ReadBool);
  if (const yaml::Node* panels = map.Require("panels")) {
    for (const yaml::Node& item : yaml::ReadItems(*panels, "panels", diagnostics)) {
      row.panels.push_back(ReadPanel(item, diagnostics));
    }
  }
  map.Finish();
  return row;
}

}  // namespace

Dashboard ReadDashboard(const yaml::Node& node, Diagnostics& diagnostics) {
  yaml::MapReader map(node, "a dashboard", diagnostics);
  Dashboard dashboard;
  dashboard.span = node.span;
  dashboard.name = map.Required("name", yaml::ReadString);
  dashboard.title = map.Required("title", yaml::ReadString);
  dashboard.description = map.Optional("description", yaml::ReadString);
  dashboard.filters = ReadNames(map, "filters");
  if (const yaml::Node* rows = map.Require("rows")) {
    for (const yaml::Node& item : yaml::ReadItems(*rows, "rows", diagnostics)) {
      dashboard.rows.push_back(ReadRow(item, diagnostics));
    }
  }
  map.Finish();
  return dashboard;
}

}  // namespace fleet::rulegen
