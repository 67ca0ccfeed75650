#include "rulegen/plan/page.h"

#include <algorithm>
#include <variant>

#include "lib/base/text.h"

namespace fleet::rulegen {

void AddSection(grafana::Dashboard& dashboard, std::string title, bool collapsed) {
  dashboard.layout.push_back({.title = std::move(title), .collapsed = collapsed});
}

namespace {

// A row that can be read takes 20 pixels; a unit of the grid is 38 high, of which title and axis take 73.
int RowsThatFit(int height) { return std::max(1, (38 * height - 73) / 20); }

}  // namespace

void AddLine(grafana::Dashboard& dashboard, int height, std::vector<Placed> panels) {
  grafana::Line& line = dashboard.layout.back().lines.emplace_back();
  line.height = height;
  for (Placed& placed : panels) {
    if (auto* states = std::get_if<grafana::StateTimeline>(&placed.panel.view)) {
      states->per_page = RowsThatFit(height);
    }
    line.slots.push_back({.panel = dashboard.panels.size(), .width = placed.width});
    dashboard.panels.push_back(std::move(placed.panel));
  }
}

void AddPairs(grafana::Dashboard& dashboard, int height, std::vector<grafana::Panel> panels) {
  std::size_t next = 0;
  if (panels.size() % 2 == 1) AddLine(dashboard, height, {{std::move(panels[next++]), 24}});
  while (next < panels.size()) {
    std::vector<Placed> line;
    line.push_back({std::move(panels[next++]), 12});
    line.push_back({std::move(panels[next++]), 12});
    AddLine(dashboard, height, std::move(line));
  }
}

grafana::Target QueryBy(std::string expr, std::vector<std::string> labels, std::string_view suffix) {
  std::string legend;
  for (const std::string& label : labels) legend += (legend.empty() ? "{{" : " {{") + label + "}}";
  if (!suffix.empty()) legend += (legend.empty() ? "" : " ") + std::string(suffix);
  return {.expr = std::move(expr), .labels = std::move(labels), .legend = std::move(legend)};
}

grafana::Field ObjectiveRatio(Decimal objective) {
  return {.unit = "percentunit", .decimals = grafana::DecimalsFor(objective), .objective = objective};
}

grafana::Legend LastAndMax() {
  return {.style = grafana::LegendStyle::kTable, .calcs = {grafana::Calc::kLast, grafana::Calc::kMax}};
}

std::string AnyOf(const std::vector<std::string>& names) {
  std::vector<std::string> escaped;
  for (const std::string& name : names) {
    std::string& out = escaped.emplace_back();
    for (const char c : name) {
      if (std::string_view("\\^$.|?*+()[]{}").find(c) != std::string_view::npos) out += '\\';
      out += c;
    }
  }
  return Join(escaped, "|");
}

}  // namespace fleet::rulegen
