// Dashboards: rows of panels. What `show` and `kind` may be is for rulegen/plan/dashboards to say.
#include <utility>

#include "rulegen/policy/read_parts.h"
#include "rulegen/policy/read_query.h"

namespace fleet::rulegen {
namespace {

// One query in the panel's own keys, or several under `queries`.
std::vector<Query> ReadPanelQueries(yaml::MapReader& panel) {
  std::vector<Query> queries;
  if (panel.Has("metric")) {
    queries.push_back(ReadQueryKeys(panel));
    queries.back().legend = panel.Optional("legend", yaml::ReadString);
  }
  const yaml::Node* list = panel.Find("queries");
  if (list == nullptr) return queries;
  if (!queries.empty()) {
    panel.diagnostics().AddError(list->span, "choice-conflict",
                                 "a panel has 'metric' for one query or 'queries' for several, not both");
  }
  for (const yaml::Node& item : yaml::ReadItems(*list, "queries", panel.diagnostics())) {
    yaml::MapReader map(item, "a query", panel.diagnostics());
    queries.push_back(ReadQueryKeys(map));
    queries.back().legend = map.Optional("legend", yaml::ReadString);
    map.Finish();
  }
  return queries;
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
  panel.alert = map.Optional("alert", yaml::ReadString);
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
  if (const yaml::Node* rows = map.Require("rows")) {
    for (const yaml::Node& item : yaml::ReadItems(*rows, "rows", diagnostics)) {
      dashboard.rows.push_back(ReadRow(item, diagnostics));
    }
  }
  map.Finish();
  return dashboard;
}

}  // namespace fleet::rulegen
