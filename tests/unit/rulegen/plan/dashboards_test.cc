// What the dashboards of a policy hold, and that nothing is wrong with any of them.
#include "rulegen/plan/dashboards.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "rulegen/emit/grafana/check.h"
#include "rulegen/emit/grafana/expr_scan.h"
#include "rulegen/plan/panel_alerts.h"
#include "rulegen/plan/plan.h"
#include "tests/unit/rulegen/plan/sample_policy.h"

namespace fleet::rulegen {
namespace {

using Strings = std::vector<std::string>;
using grafana::Color;

std::vector<grafana::Dashboard> Sample() { return PlanDashboards(PolicyOf(kSamplePolicy)); }
grafana::Dashboard List() { return Sample()[0]; }
grafana::Dashboard Detail() { return Sample()[1]; }
grafana::Dashboard Metrics() { return Sample()[2]; }

const grafana::Panel& Find(const grafana::Dashboard& dashboard, const std::string& title) {
  for (const grafana::Panel& panel : dashboard.panels) {
    if (panel.title == title) return panel;
  }
  FAIL("no panel " << title);
  return dashboard.panels.front();
}

Strings Titles(const grafana::Dashboard& dashboard) {
  Strings titles;
  for (const grafana::Section& section : dashboard.layout) {
    titles.push_back("# " + section.title);
    for (const grafana::Line& line : section.lines) {
      for (const grafana::Slot& slot : line.slots) {
        titles.push_back(std::to_string(slot.width) + "x" + std::to_string(line.height) + " " +
                         dashboard.panels[slot.panel].title);
      }
    }
  }
  return titles;
}

Strings Exprs(const grafana::Panel& panel) {
  Strings exprs;
  for (const grafana::Target& target : panel.targets) exprs.push_back(target.expr);
  return exprs;
}

Strings Legends(const grafana::Panel& panel) {
  Strings legends;
  for (const grafana::Target& target : panel.targets) legends.push_back(target.legend);
  return legends;
}

// "base transparent, 10 red"
std::string Steps(const grafana::Panel& panel) {
  std::string text;
  for (const grafana::Threshold& step : panel.field.thresholds) {
    if (!text.empty()) text += ", ";
    text += (step.from ? step.from->ToString() : "base") + " ";
    text += step.color == Color::kTransparent ? "clear"
            : step.color == Color::kRed       ? "red"
            : step.color == Color::kOrange    ? "orange"
            : step.color == Color::kYellow    ? "yellow"
                                              : "green";
  }
  return text;
}

TEST_CASE("dashboards: nothing is wrong with those of the sample") {
  CHECK(grafana::CheckDashboards(Sample()) == Strings{});
}

// A panel on a series that no rule records would be empty for ever.
TEST_CASE("dashboards: every SLO series they read is recorded by a rule") {
  const Plan plan = MakePlan(PolicyOf(kSamplePolicy));
  std::set<std::string> recorded;
  for (const RuleFile& file : plan.rule_files) {
    for (const RuleGroup& group : file.groups) {
      for (const Rule& rule : group.rules) recorded.insert(rule.name);
    }
  }
  for (const grafana::Dashboard& dashboard : plan.dashboards) {
    for (const grafana::Panel& panel : dashboard.panels) {
      for (const grafana::Target& target : panel.targets) {
        for (const grafana::SeriesRead& read : grafana::ScanReads(target.expr)) {
          if (!read.metric.starts_with("slo")) continue;
          INFO(panel.title << ": " << read.metric);
          CHECK(recorded.contains(read.metric));
        }
      }
    }
  }
}

TEST_CASE("dashboards: uid, title and variables") {
  REQUIRE(Sample().size() == 3);
  const auto list = List();
  CHECK(list.uid == "shop-slos");
  CHECK(list.title == "shop: SLO overview");
  CHECK(list.tags == Strings{"rulegen", "slo", "shop"});
  CHECK(list.variables.empty());
  const auto detail = Detail();
  CHECK(detail.uid == "shop-slo");
  CHECK(detail.title == "shop: Objectives");
  CHECK(detail.tags == Strings{"rulegen", "slo", "shop"});
  REQUIRE(detail.variables.size() == 1);
  CHECK(detail.variables[0].selector == "slo_info{slo_service=\"shop\"}");
  CHECK(detail.variables[0].first == "availability");
  CHECK_FALSE(detail.variables[0].multi);
  CHECK(detail.annotations[0].expr ==
        "ALERTS{alertstate=\"firing\",slo_service=\"shop\",slo_name=\"$slo\",severity=\"critical\"}");
  CHECK(detail.links[0].uid == list.uid);
  for (const Slo& slo : PolicyOf(kSamplePolicy).slos) {
    const auto link =
        std::ranges::find(detail.links, "Runbook: " + *slo.runbook, &grafana::DashboardLink::title);
    REQUIRE(link != detail.links.end());
    CHECK(link->url == RunbookUrl(PolicyOf(kSamplePolicy), *slo.runbook));
  }
  const auto metrics = Metrics();
  CHECK(metrics.uid == "shop-metrics");
  CHECK(metrics.variables.empty());
  CHECK(metrics.annotations[0].expr ==
        "ALERTS{alertstate=\"firing\",slo_service=\"shop\",alertname=~\"QueueDeep|PoolLow\"}");
}

TEST_CASE("dashboards: the sections of the list and of the detail, the policy's rows after them") {
  CHECK(Titles(List()) ==
        Strings{"# All objectives", "6x4 Objectives missed", "6x4 Firing alerts", "6x4 Lowest budget left",
                "6x4 Highest burn rate, 1h", "24x6 All SLOs", "# Alerts", "24x7 Alerts by SLO", "# Latency",
                "12x9 Share of events within their time, 5m", "12x9 HTTP request, quantiles"});
  CHECK(Titles(Detail()) == Strings{"# Now: $slo", "4x4 Status", "9x4 Objective, reached and covered",
                                    "4x4 Budget left", "4x4 Burn rate, 1h", "3x4 Budget empty in", "# Budget",
                                    "12x9 Error budget left", "12x9 Time until the budget is empty",
                                    "12x9 Burn rate, fast windows", "12x9 Burn rate, slow windows",
                                    "# Events", "12x9 Error ratio by window", "12x9 Events per second",
                                    "# Alerts", "24x9 Alerts", "# Work", "24x9 Tasks processed by outcome"});
}

TEST_CASE("dashboards: a policy adds to the list, too, and words it") {
  Policy policy = PolicyOf(kSamplePolicy);
  for (Dashboard& dashboard : policy.dashboards) {
    if (*dashboard.name == kSloDashboard) dashboard.name.value = kSloListDashboard;
  }
  const auto all = PlanDashboards(policy);
  REQUIRE(all.size() == 3);
  CHECK(all[0].title == "shop: Objectives");
  CHECK(Titles(all[0]).back() == "24x9 Tasks processed by outcome");
  CHECK(all[1].title == "shop: SLO detail");
}

TEST_CASE("dashboards: the list begins with the SLO that is worst, then with the one of the least budget") {
  const auto list = List();
  const auto& sort = std::get<grafana::Table>(Find(list, "All SLOs").view).sort;
  REQUIRE(sort.size() == 2);
  CHECK(sort[0].column == "Status");
  CHECK(sort[0].descending);
  CHECK(sort[1].column == "Budget left");
  CHECK_FALSE(sort[1].descending);
}

// The status of the SLO that is looked at is the status that its row in the list has.
TEST_CASE("dashboards: the detail judges one SLO as the list judges all") {
  const auto list = List(), detail = Detail();
  std::string of_one = Find(detail, "Status").targets[0].expr;
  const std::string one = ",slo_name=\"$slo\"";
  for (std::size_t at = of_one.find(one); at != std::string::npos; at = of_one.find(one)) {
    of_one.erase(at, one.size());
  }
  CHECK(of_one == Find(list, "All SLOs").targets[0].expr);
  CHECK(Legends(Find(detail, "Objective, reached and covered")) ==
        Strings{"objective", "last 30d", "covered"});
  CHECK(
      Exprs(Find(detail, "Time until the budget is empty")) ==
      Strings{
          "clamp_max(min by (slo_name, queue) "
          "(slo:period_error_budget_exhaustion:seconds{slo_service=\"shop\",slo_name=\"$slo\"}), 2592000)"});
  CHECK(Steps(Find(detail, "Budget empty in")) == "base red, 180000 orange, 432000 green");
  CHECK(Legends(Find(detail, "Events per second")) == Strings{"{{queue}} total", "{{queue}} bad"});
}

TEST_CASE("dashboards: without SLOs there are no pages of them") {
  Policy policy = PolicyOf(kSamplePolicy);
  policy.slos.clear();
  policy.dashboards.resize(1);
  policy.dashboards[0].name.value = "other";
  const auto all = PlanDashboards(policy);
  REQUIRE(all.size() == 1);
  CHECK(all[0].uid == "shop-other");
}

TEST_CASE("dashboards: the lines of a burn rate panel are the factors of the policy's tiers") {
  const auto detail = Detail();
  const grafana::Panel& fast = Find(detail, "Burn rate, fast windows");
  CHECK(Steps(fast) == "base clear, 6 orange, 14.4 red");
  CHECK(fast.description.find("14.4x over 1h and 5m (a full budget then lasts 2d2h)") != std::string::npos);
  CHECK(Legends(fast) == Strings{"{{queue}} 5m", "{{queue}} 30m", "{{queue}} 1h", "{{queue}} 6h"});
  CHECK(fast.targets[0].expr ==
        "max by (slo_name, queue) (slo:sli_error:ratio_rate5m{slo_service=\"shop\",slo_name=\"$slo\"} / on "
        "(slo_id) group_left () slo:error_budget:ratio{slo_service=\"shop\",slo_name=\"$slo\"})");
  CHECK(Steps(Find(detail, "Burn rate, slow windows")) == "base clear, 1 orange, 3 orange");
  const auto list = List();
  CHECK(Steps(Find(list, "Highest burn rate, 1h")) == "base green, 1 orange, 3 orange, 6 orange, 14.4 red");
}

TEST_CASE("dashboards: digits follow from the most precise objective") {
  const auto overview = List(), detail = Detail();
  CHECK(Find(detail, "Error ratio by window").field.decimals == 4);
  const auto& table = std::get<grafana::Table>(Find(overview, "All SLOs").view);
  CHECK(table.columns[3].title == "Objective");
  CHECK(table.columns[3].field.decimals == 4);
  CHECK(Find(overview, "Share of events within their time, 5m").field.decimals == 2);
}

TEST_CASE("dashboards: the status joins the windows of each SLO's own tiers") {
  const auto overview = List();
  const grafana::Panel& all = Find(overview, "All SLOs");
  const std::string& status = all.targets[0].expr;
  CHECK(
      status.find("slo_name=~\"availability|queues\"} / on (slo_id) group_left () slo:error_budget:ratio") !=
      std::string::npos);
  CHECK(status.find("slo_name=~\"fast|faster\"") != std::string::npos);
  CHECK(status.find("> bool 14.4") != std::string::npos);
  const auto& table = std::get<grafana::Table>(all.view);
  CHECK(table.columns[0].links[0].url ==
        "/d/shop-slo?var-slo=${__value.raw}&${datasource:queryparam}&${__url_time_range}");
}

TEST_CASE("dashboards: latency SLOs show their share and targets, quantiles and bounds") {
  const auto overview = List();
  const grafana::Panel& share = Find(overview, "Share of events within their time, 5m");
  CHECK(Exprs(share) ==
        Strings{"1 - max by (slo_name) "
                "(slo:sli_error:ratio_rate5m{slo_service=\"shop\",slo_name=~\"fast|faster\"})"});
  CHECK(Steps(share) == "base clear, 0.9 orange, 0.95 orange");
  const grafana::Panel& quantiles = Find(overview, "HTTP request, quantiles");
  CHECK(Steps(quantiles) == "base clear, 0.025 orange, 0.05 orange");
  CHECK(Legends(quantiles) == Strings{"p50", "p95", "p99"});
}

TEST_CASE("dashboards: what a panel's query, unit and lines follow from") {
  const auto metrics = Metrics();
  const grafana::Panel& pending = Find(metrics, "Pending");
  CHECK(Exprs(pending) == Strings{"sum(fleet_runs{state=\"pending\"})"});
  CHECK(pending.field.unit == "short");

  const grafana::Panel& pool = Find(metrics, "Sandbox pool available by sandbox type");
  CHECK(Exprs(pool) == Strings{"sum by (sandbox_type) (fleet_sandbox_pool_available) / "
                               "(sum by (sandbox_type) (fleet_sandbox_pool_capacity) > 0)"});
  CHECK(pool.field.unit == "percentunit");
  CHECK(Steps(pool) == "base orange, 0.1 green");

  const grafana::Panel& depth = Find(metrics, "Queue depth by queue");
  CHECK(Steps(depth) == "base clear, 1000 orange");
  CHECK(depth.description == "Messages ready for delivery. The dashed line: QueueDeep fires above 1000.");
  CHECK(Legends(depth) == Strings{"{{queue}}"});

  const grafana::Panel& age = Find(metrics, "Queue oldest message by queue");
  CHECK(Exprs(age) == Strings{"max by (queue) (time() - fleet_queue_oldest_message_timestamp_seconds)"});
  CHECK(age.field.unit == "s");
}

TEST_CASE("dashboards: a histogram is drawn as quantiles or as a heatmap") {
  const auto metrics = Metrics();
  std::vector<const grafana::Panel*> found;
  for (const grafana::Panel& panel : metrics.panels) {
    if (panel.title == "HTTP request") found.push_back(&panel);
  }
  REQUIRE(found.size() == 2);
  CHECK(Exprs(*found[0]) == Strings{"histogram_quantile(0.5, sum by (le) "
                                    "(rate(fleet_http_request_duration_seconds_bucket[$__rate_interval])))",
                                    "histogram_quantile(0.99, sum by (le) "
                                    "(rate(fleet_http_request_duration_seconds_bucket[$__rate_interval])))"});
  CHECK(Legends(*found[0]) == Strings{"p50", "p99"});
  CHECK(Steps(*found[0]) == "base clear, 0.1 orange");
  CHECK(std::holds_alternative<grafana::Heatmap>(found[1]->view));
  CHECK(found[1]->field.unit == "s");
}

TEST_CASE("dashboards: a table has a column for each query") {
  const auto metrics = Metrics();
  const grafana::Panel& queues = Find(metrics, "Queues");
  CHECK(Exprs(queues) == Strings{"sum by (queue) (fleet_queue_depth)",
                                 "sum by (queue) (rate(fleet_queue_messages_processed_total[1h]))"});
  Strings columns;
  for (const auto& column : std::get<grafana::Table>(queues.view).columns) columns.push_back(column.title);
  CHECK(columns == Strings{"Queue", "Queue depth", "Processed"});
}

TEST_CASE("dashboards: panels fill their lines") {
  CHECK(Titles(Metrics()) == Strings{"# Numbers",
                                     "6x7 Pending",
                                     "6x7 Sandbox pool available by sandbox type",
                                     "6x7 Agents active by tier",
                                     "6x7 Agents active by tier",
                                     "# Lines",
                                     "12x9 Queue depth by queue",
                                     "12x9 HTTP request",
                                     "12x9 HTTP request",
                                     "12x9 Runs",
                                     "24x7 Queue oldest message by queue",
                                     "# Tables",
                                     "12x9 Queues",
                                     "12x9 Component up by component",
                                     "24x3 ",
                                     "# Objectives",
                                     "12x9 availability: Good events, 5m",
                                     "12x9 availability: Error budget left",
                                     "12x9 Burn rate, fast windows",
                                     "12x9 fast: Error ratio by window",
                                     "12x9 Asked",
                                     "12x9 Alerts by SLO"});
}

}  // namespace
}  // namespace fleet::rulegen
