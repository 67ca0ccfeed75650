// What a panel says wrongly, each with its own message.
#include <catch2/catch.hpp>
#include <string>

#include "rulegen/policy/checks.h"
#include "rulegen/policy/reader.h"

namespace fleet::rulegen {
namespace {

// The messages for a policy with this one panel.
std::string Check(const std::string& panel) {
  const SourceText source(
      "p.yaml",
      "version: 1\nservice: shop\nrunbook_url: https://a/{runbook}\ndashboard_url: https://b\n"
      "dashboards:\n  - {name: d, title: D, rows: [{title: R, panels: [\n" +
          panel + "\n]}]}\n");
  Diagnostics diagnostics(source);
  const Policy policy = ReadPolicy(source, diagnostics);
  CheckPolicy(policy, diagnostics);
  std::string text;
  for (const Diagnostic& d : diagnostics.all()) {
    text += d.text + " [" + d.check + "]";
    for (const std::string& note : d.notes) text += "; " + note;
    text += "\n";
  }
  return text;
}

TEST_CASE("panel checks: a good panel") {
  CHECK(Check("{metric: fleet_queue_depth, by: [queue], unit: short, width: 24, height: 40}") == "");
  CHECK(Check("{kind: text, description: x}") == "");
}

TEST_CASE("panel checks: words") {
  CHECK(Check("{metric: fleet_queue_depth, kind: timeserie}") ==
        "'timeserie' is no kind of a panel [panel-word-unknown]; did you mean 'timeseries'?\n");
  CHECK(
      Check("{metric: fleet_queue_depth, kind: graph}") ==
      "'graph' is no kind of a panel [panel-word-unknown]; it is one of: timeseries, stat, gauge, bargauge, "
      "heatmap, table, state-timeline, piechart, text\n");
  CHECK(Check("{slo: all, show: budgets}") ==
        "'budgets' is no view of a panel [panel-word-unknown]; did you mean 'budget'?\n");
}

TEST_CASE("panel checks: units and sizes") {
  CHECK(Check("{metric: fleet_queue_depth, unit: messages}") ==
        "Grafana has no unit 'messages' [panel-unit-unknown]\n");
  CHECK(Check("{metric: fleet_queue_depth, width: 25}") == "'width' is 1 to 24 columns [panel-size-range]\n");
  CHECK(Check("{metric: fleet_queue_depth, height: 1}") == "'height' is 2 to 40 [panel-size-range]\n");
}

TEST_CASE("panel checks: contents") {
  const std::string one =
      "a panel shows one of: 'slo', metrics, an 'alert', or 'kind: text' with a 'description' "
      "[panel-content]\n";
  CHECK(Check("{title: nothing}") == one);
  CHECK(Check("{slo: all, metric: fleet_queue_depth}") == one);
  CHECK(Check("{kind: text}") == "a text needs a 'description', which is the text [panel-content]\n");
  CHECK(Check("{metric: fleet_queue_depth, show: budget}") ==
        "'show' is for a panel about an 'slo' [panel-content]\n");
  const std::string heatmap =
      "a heatmap shows one histogram, without 'quantile', 'by' or 'over' [panel-content]\n";
  CHECK(Check("{metric: fleet_queue_depth, kind: heatmap}") == heatmap);
  CHECK(Check("{metric: fleet_task_duration_seconds, kind: heatmap, quantile: 0.5}") == heatmap);
}

TEST_CASE("panel checks: an expression says itself what nothing implies, of metrics that exist") {
  CHECK(Check("{promql: 'sum(fleet_queue_depth)', title: T, description: D, unit: short}") == "");
  CHECK(
      Check("{promql: 'sum(fleet_queue_depth)', title: T}") ==
      "a panel with 'promql' needs 'title', 'description' and 'unit' (or 'states'): nothing says them for it "
      "[panel-content]\n");
  CHECK(Check("{promql: 'sum(fleet_queue_dept)', title: T, description: D, unit: short}") ==
        "no metric 'fleet_queue_dept' in the catalog [metric-unknown]; did you mean 'fleet_queue_depth'?\n");
}

TEST_CASE("panel checks: colours of states") {
  CHECK(Check("{metric: fleet_db_up, by: [database], states: [{value: 0, text: down, color: rad}]}") ==
        "'rad' is no colour of a panel [panel-word-unknown]; did you mean 'red'?\n");
}

}  // namespace
}  // namespace fleet::rulegen
