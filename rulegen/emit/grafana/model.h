// A Grafana dashboard as values: what is shown (panels) apart from where (layout), so that a second
// back end can arrange the same panels in another way.
//
// check.h says what must hold of a dashboard; render.h turns it into JSON. What can be made
// impossible is not checked: there is one data source variable and every query uses it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/duration.h"
#include "rulegen/emit/grafana/field.h"
#include "rulegen/emit/grafana/panels.h"

namespace fleet::rulegen::grafana {

// The variable that every dashboard has; the renderer declares it.
inline constexpr char kDatasource[] = "datasource";

struct Target {
  std::string expr = {};
  // The labels that the result carries: those of its `by`. Legends and columns may name no other.
  std::vector<std::string> labels = {};
  std::string legend = {};  // "{{slo_name}} 1h"
  // The expression names windows of its own ("in the last 24 h") in place of $__rate_interval.
  bool fixed_window = false;
  bool exemplar = false;
};

struct Panel {
  std::string title = {};
  std::string description = {};  // what it means, the target, what to do: the tooltip
  Visualization view = {};
  Field field = {};
  std::vector<Target> targets = {};
  std::vector<Link> links = {};
};

struct Slot {
  std::size_t panel = 0;  // index into Dashboard::panels
  int width = 24;         // of 24 columns
};

// Panels side by side, all of one height (in units of about 38 pixels). Widths add up to 24.
struct Line {
  int height = 8;
  std::vector<Slot> slots = {};
};

// A row of Grafana with the lines under it. A collapsed one sends no query until it is opened.
struct Section {
  std::string title = {};
  bool collapsed = false;
  std::vector<Line> lines = {};
};

// The values of one label over the series of a selector: label_values(selector, label).
struct Variable {
  std::string name = {};
  std::string label = {};  // shown
  std::string selector = {};
  std::string values_of = {};
  // Several at once, and All. Its matchers must then be =~ or !~.
  bool multi = true;
  std::string first = {};  // chosen when the dashboard opens; empty: all of them
};

struct Annotation {
  std::string name = {};
  std::string expr = {};
  // Samples no further apart than this are drawn as one region.
  Duration step = std::chrono::seconds(60);
  Color color = Color::kBlue;
  std::string title = {};  // "{{alertname}}"
  std::string text = {};
  std::vector<std::string> tags = {};  // labels shown as tags
  bool enabled = true;
};

// A drop-down with all dashboards of a tag, one of them, or a page elsewhere: one of the three. To dashboards
// variables and time go along.
struct DashboardLink {
  std::string title = {};
  std::string tooltip = {};
  std::string tag = {};
  std::string uid = {};
  std::string url = {};
};

struct Dashboard {
  std::string uid = {};  // fixed for ever: a changed one is a second dashboard
  std::string title = {};
  std::string description = {};
  std::vector<std::string> tags = {};
  std::string timezone = "browser";
  Duration range = std::chrono::hours(6);      // shown up to now
  Duration refresh = std::chrono::minutes(1);  // not faster than rules are evaluated
  std::vector<Variable> variables = {};
  std::vector<Annotation> annotations = {};
  std::vector<DashboardLink> links = {};
  std::vector<Panel> panels = {};  // their order gives their ids: 1, 2, 3...
  std::vector<Section> layout = {};
};

}  // namespace fleet::rulegen::grafana
