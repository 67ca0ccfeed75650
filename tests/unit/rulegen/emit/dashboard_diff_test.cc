#include "rulegen/emit/dashboard_diff.h"

#include <catch2/catch.hpp>
#include <string>

#include "rulegen/emit/changes_text.h"
#include "tests/unit/rulegen/plan/sample_policy.h"

namespace fleet::rulegen {
namespace {

std::vector<Output> OutputsOf(const std::string& text) {
  const Policy policy = PolicyOf(text);
  return RenderAll(policy, MakePlan(policy), Provenance{});
}

std::string DiffOf(const std::string& before, const std::string& after) {
  return RenderChanges(DescribeDashboardChanges(CompareOutputs(OutputsOf(before), OutputsOf(after))), "text");
}

// What becomes of the sample when `what` is `with`.
std::string DiffWith(const std::string& what, const std::string& with) {
  return DiffOf(kSamplePolicy, Replaced(kSamplePolicy, what, with));
}

constexpr char kPie[] = "          - {kind: piechart, metric: fleet_agents_active, by: [tier], width: 6}\n";

TEST_CASE("panels that come and go are told by their titles") {
  const std::string pie = Replaced(kPie, "kind", "title: Agents by tier, kind");
  CHECK(DiffWith(kPie, pie + "          - {title: Runs, metric: fleet_runs, width: 6}\n") ==
        "dashboard shop-metrics: panel 'Runs' is new\n"
        "dashboard shop-metrics: panel 'Agents active by tier' is called 'Agents by tier' now\n");
  CHECK(DiffOf(Replaced(kSamplePolicy, kPie, pie), Replaced(kSamplePolicy, kPie, "")) ==
        "dashboard shop-metrics: panel 'Agents by tier' is gone\n");
}

TEST_CASE("another query, kind and look are told in one sentence for all panels that change so") {
  CHECK(DiffWith("title: Pending, metric: fleet_runs, where: {state: pending}",
                 "title: Pending, metric: fleet_runs, where: {state: running}") ==
        "dashboard shop-metrics: panel 'Pending' changes its query\n");
  CHECK(DiffWith("aggregate: sum, kind: stat", "aggregate: sum, kind: gauge, unit: percent") ==
        "dashboard shop-metrics: panel 'Pending' changes its kind from stat to gauge and unit from short to "
        "percent\n");
  const std::string text = DiffWith("above: 1000", "above: 2000");
  CHECK(text == "dashboard shop-metrics: panel 'Queue depth by queue' changes its bounds and description\n");
}

TEST_CASE("panels of other pages that follow from an objective are told, too") {
  CHECK(
      DiffWith("99.95", "99") ==
      "dashboard shop-metrics: panels 'availability: Good events, 5m' and 'fast: Error ratio by window' "
      "change their look\n"
      "dashboard shop-slo: panels 'Objective, reached and covered' and 'Error ratio by window' change their "
      "look\n"
      "dashboard shop-slos: panel 'All SLOs' changes its look\n");
}

TEST_CASE("rows and filters, titles and whole dashboards are told") {
  CHECK(DiffWith("    description: Everything at once.\n", "    filters: [queue]\n") ==
        "dashboard shop-metrics: changes its description\n"
        "dashboard shop-metrics: filter 'queue' is new\n"
        "dashboard shop-metrics: panels 'Queue depth by queue', 'Queue oldest message by queue' and 'Queues' "
        "change their query\n");
  CHECK(DiffWith("title: Numbers", "title: Figures") ==
        "dashboard shop-metrics: row 'Figures' is new\ndashboard shop-metrics: row 'Numbers' is gone\n");
  CHECK(DiffWith("    title: Metrics\n", "    title: All metrics\n") ==
        "dashboard shop-metrics: is called 'shop: All metrics' instead of 'shop: Metrics'\n");
  CHECK(DiffWith("  - name: metrics\n", "  - name: numbers\n") ==
        "dashboard shop-metrics: is gone; it was 'shop: Metrics' with 18 panels\n"
        "dashboard shop-numbers: is new: 'shop: Metrics' with 18 panels\n");
}

TEST_CASE("panels that move are told where they go, and sizes while none does") {
  const std::string without = Replaced(kSamplePolicy, kPie, "");
  const std::string table = "          - {kind: text, description: \"Read the *runbook*.\"}\n";
  CHECK(DiffOf(kSamplePolicy, Replaced(without, table, table + kPie)) ==
        "dashboard shop-metrics: panel 'Agents active by tier' moves to the row 'Tables'\n"
        "dashboard shop-metrics: panels stand in another order\n");
  CHECK(DiffWith("width: 24, height: 7", "width: 12, height: 9") ==
        "dashboard shop-metrics: panel 'Queue oldest message by queue' changes its look and size\n");
}

TEST_CASE("files that are no dashboards of ours are not told of") {
  const auto described = [](const std::string& path, const std::string& before, const std::string& after) {
    return DescribeDashboardChanges({{Change::Kind::kChanged, path, before, after}}).size();
  };
  const std::string ours = R"({"title": "A", "panels": []})";
  CHECK(described("dashboards/a.json", R"({"title": "B", "panels": []})", ours) == 1);
  CHECK(described("alerts/a.yaml", R"({"title": "B", "panels": []})", ours) == 0);
  CHECK(described("dashboards/a.json", "{\"title\": ", ours) == 0);
  CHECK(described("dashboards/a.json", "[1]", ours) == 0);
  CHECK(described("dashboards/a.json", R"({"title": "B", "panels": [1, {"title": 7}]})",
                  R"({"title": "B", "panels": [null, {"type": "row", "panels": 3}]})") > 0);
}

}  // namespace
}  // namespace fleet::rulegen
