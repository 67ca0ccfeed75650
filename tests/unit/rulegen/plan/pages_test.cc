// The pages of the policy of this repository: nothing is wrong with them, what a person would look at is on
// one of them, and an alert leads to where its number is drawn.
#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "lib/base/file_system.h"
#include "lib/catalog/catalog.h"
#include "rulegen/emit/grafana/check.h"
#include "rulegen/emit/grafana/expr_scan.h"
#include "rulegen/plan/dashboards.h"
#include "rulegen/plan/panel_alerts.h"
#include "rulegen/plan/panel_bounds.h"
#include "rulegen/plan/panel_query.h"
#include "tests/support/paths.h"
#include "tests/unit/rulegen/plan/sample_policy.h"

namespace fleet::rulegen {
namespace {

using Strings = std::vector<std::string>;

const Policy& OwnPolicy() {
  static const Policy policy = PolicyOf(ReadFile(test::SourcePath("slo/policies.yaml")).value());
  return policy;
}

const std::vector<grafana::Dashboard>& Pages() {
  static const std::vector<grafana::Dashboard> pages = PlanDashboards(OwnPolicy());
  return pages;
}

void NoteReads(const std::string& expr, std::set<std::string>& names) {
  for (const grafana::SeriesRead& read : grafana::ScanReads(expr)) names.insert(read.metric);
}

// Every series that any page reads.
std::set<std::string> Shown() {
  std::set<std::string> names;
  for (const grafana::Dashboard& page : Pages()) {
    for (const grafana::Annotation& a : page.annotations) NoteReads(a.expr, names);
    for (const grafana::Panel& panel : page.panels) {
      for (const grafana::Target& target : panel.targets) NoteReads(target.expr, names);
    }
  }
  return names;
}

bool IsShown(const catalog::MetricDef& metric, const std::set<std::string>& shown) {
  const std::string name = "fleet_" + std::string(metric.name);
  return shown.contains(name) || shown.contains(name + "_bucket") || shown.contains(name + "_count");
}

// What nobody looks at on a page, each with the reason.
const std::map<std::string, std::string>& NotShown() {
  static const std::map<std::string, std::string> reasons = {
      {"worker_info", "version and host stand in the labels; no number to look at"},
      {"runner_info", "version and system stand in the labels; no number to look at"},
      {"sandbox_info", "type of sandbox and agent stand in the labels; no number to look at"},
  };
  return reasons;
}

TEST_CASE("pages: nothing is wrong with those of the policy") {
  CHECK(grafana::CheckDashboards(Pages()) == Strings{});
}

// Those that are off by default, too: who switches them on wants to see them.
TEST_CASE("pages: every family is on one, or has a reason") {
  const std::set<std::string> shown = Shown();
  Strings missing;
  Strings needless;
  for (const catalog::MetricDef& metric : catalog::kMetrics) {
    const std::string name(metric.name);
    const bool excused = NotShown().contains(name);
    if (IsShown(metric, shown)) {
      if (excused) needless.push_back(name);
    } else if (!excused) {
      missing.push_back(name);
    }
  }
  CHECK(missing == Strings{});
  CHECK(needless == Strings{});
}

TEST_CASE("pages: every alert with a bound is drawn on the page that it links to") {
  for (const ThresholdAlert& alert : OwnPolicy().alerts) {
    INFO(*alert.alert);
    const std::string page = DashboardOf(OwnPolicy(), alert);
    const auto dashboard =
        std::ranges::find_if(OwnPolicy().dashboards, [&](const Dashboard& d) { return *d.name == page; });
    REQUIRE(dashboard != OwnPolicy().dashboards.end());
    bool drawn = false;
    for (const DashboardRow& row : dashboard->rows) {
      for (const Panel& panel : row.panels) {
        for (const Text& name : panel.alerts) drawn = drawn || *name == *alert.alert;
      }
    }
    CHECK(drawn);
  }
}

TEST_CASE("pages: the number of an alert is the number of the line") {
  const auto workers = std::ranges::find(Pages(), "fleet-queues", &grafana::Dashboard::uid);
  REQUIRE(workers != Pages().end());
  const auto depth = std::ranges::find(workers->panels, "Depth", &grafana::Panel::title);
  REQUIRE(depth != workers->panels.end());
  REQUIRE(depth->field.thresholds.size() == 3);
  const ThresholdAlert* high = FindAlert(OwnPolicy(), "HighTaskQueueDepth");
  const ThresholdAlert* critical = FindAlert(OwnPolicy(), "CriticalTaskQueueDepth");
  CHECK(*depth->field.thresholds[1].from == high->threshold.bound->value);
  CHECK(*depth->field.thresholds[2].from == critical->threshold.bound->value);
  REQUIRE(depth->links.size() == 1);
  CHECK(depth->links[0].url == RunbookUrl(OwnPolicy(), "queue-backup"));
}

const grafana::Panel& PanelOf(const std::string& uid, const std::string& title) {
  const auto page = std::ranges::find(Pages(), uid, &grafana::Dashboard::uid);
  REQUIRE(page != Pages().end());
  const auto panel = std::ranges::find(page->panels, title, &grafana::Panel::title);
  REQUIRE(panel != page->panels.end());
  return *panel;
}

const grafana::Timeseries& LinesOf(const grafana::Panel& panel) {
  return std::get<grafana::Timeseries>(panel.view);
}

TEST_CASE("pages: areas of a stack have no edge, many lines no areas") {
  const grafana::Timeseries& stack = LinesOf(PanelOf("fleet-runs", "Runners by state"));
  CHECK(stack.stacking == grafana::Stacking::kNormal);
  CHECK(stack.line_width == 0);
  CHECK(stack.fill_opacity == 70);
  CHECK(LinesOf(PanelOf("fleet-workers", "CPU cores, busiest workers")).fill_opacity == 0);
  CHECK(LinesOf(PanelOf("fleet-performance", "Task duration")).fill_opacity == 10);
}

TEST_CASE("pages: a single line needs no legend, and is called what its panel is called") {
  const grafana::Panel& oldest = PanelOf("fleet-runs", "Oldest pending run");
  CHECK(LinesOf(oldest).legend.style == grafana::LegendStyle::kHidden);
  CHECK(oldest.targets.front().legend == "Oldest pending run");
  CHECK(LinesOf(PanelOf("fleet-runs", "Runs executed by pool")).legend.style == grafana::LegendStyle::kTable);
}

TEST_CASE("pages: states that are seen together have colours of their own") {
  const auto color = [](const grafana::Panel& panel, const std::string& word) {
    for (const grafana::SeriesStyle& style : LinesOf(panel).series) {
      if (style.pattern.find("(" + word + "|") != std::string::npos ||
          style.pattern.find("|" + word + "|") != std::string::npos ||
          style.pattern.find("|" + word + ")") != std::string::npos) {
        return style.color;
      }
    }
    return std::optional<grafana::Color>();
  };
  const grafana::Panel& connections = PanelOf("fleet-capacity", "Database connections");
  const grafana::Panel& runs = PanelOf("fleet-runs", "Open runs by state");
  const grafana::Panel& priorities = PanelOf("fleet-queues", "Depth by priority");
  CHECK(color(connections, "active") == grafana::Color::kBlue);
  CHECK(color(connections, "idle") == grafana::Color::kGreen);
  CHECK(color(connections, "waiting") == grafana::Color::kOrange);
  CHECK(color(runs, "pending") == grafana::Color::kYellow);
  CHECK(color(runs, "assigned") == grafana::Color::kBlue);
  CHECK(color(runs, "running") == grafana::Color::kGreen);
  CHECK(color(priorities, "critical") == grafana::Color::kRed);
  CHECK(color(priorities, "high") == grafana::Color::kOrange);
  CHECK(color(priorities, "normal") == grafana::Color::kBlue);
}

TEST_CASE("pages: what went well is green and what failed is red, in shades where there is much of it") {
  // Of the last style that takes the name, as in Grafana.
  const auto color = [](const grafana::Panel& panel, const std::string& name) {
    std::pair<std::optional<grafana::Color>, bool> found;
    for (const grafana::SeriesStyle& style : LinesOf(panel).series) {
      const std::string pattern = style.pattern.substr(1, style.pattern.size() - 2);
      if (std::regex_search(name, std::regex(pattern))) found = {style.color, style.shades};
    }
    return found;
  };
  const auto shades = [](grafana::Color of) { return std::pair{std::optional(of), true}; };
  const grafana::Panel& calls = PanelOf("fleet-errors", "Calls by status");
  CHECK(color(calls, "github 200") == shades(grafana::Color::kGreen));
  CHECK(color(calls, "github 429") == shades(grafana::Color::kOrange));
  CHECK(color(calls, "claude 502") == shades(grafana::Color::kRed));
  CHECK(color(calls, "claude none") == shades(grafana::Color::kRed));
  const grafana::Panel& agents = PanelOf("fleet-performance", "Agents started and stopped");
  CHECK(color(agents, "failed") == shades(grafana::Color::kRed));
  CHECK(color(agents, "completed") == shades(grafana::Color::kGreen));
  CHECK(color(PanelOf("fleet-errors", "Messages published"), "timeout failed") ==
        shades(grafana::Color::kRed));
  CHECK(color(PanelOf("fleet-events", "Deliveries"), "rate_limited failed") == shades(grafana::Color::kRed));
  const grafana::Panel& backups = PanelOf("fleet-backups", "Backups of the last day");
  CHECK(color(backups, "failed restores").first == grafana::Color::kRed);
  CHECK(color(backups, "restores").first == std::nullopt);
  CHECK(color(PanelOf("fleet-runs", "Runners by state"), "offline") ==
        std::pair{std::optional(grafana::Color::kRed), false});
  CHECK(color(PanelOf("fleet-runs", "Runs executed by pool"), "default").first == std::nullopt);
}

TEST_CASE("pages: a timeline of states shows as many rows as can be read, and all SLOs") {
  const auto rows = [](const grafana::Panel& panel) {
    return std::get<grafana::StateTimeline>(panel.view).per_page;
  };
  CHECK(rows(PanelOf("fleet-workers", "State by heartbeat")) == 17);
  CHECK(rows(PanelOf("fleet-slos", "Alerts by SLO")) >= static_cast<int>(OwnPolicy().slos.size()));
}

TEST_CASE("pages: a metric is called as people say it") {
  CHECK(HumanName("fleet_queue_oldest_message_timestamp_seconds", "fleet") == "Queue oldest message");
  CHECK(HumanName("fleet_external_api_request_duration_seconds", "fleet") == "External API request");
  CHECK(HumanName("fleet_http_requests_total", "fleet") == "HTTP requests");
  CHECK(HumanName("node_cpu_seconds_total", "fleet") == "Node CPU");
  CHECK(HumanName("fleet", "fleet") == "Fleet");
}

TEST_CASE("pages: no two panels of a page have the same title") {
  for (const grafana::Dashboard& page : Pages()) {
    std::set<std::string> titles;
    for (const grafana::Panel& panel : page.panels) {
      INFO(page.uid << ": " << panel.title);
      CHECK(titles.insert(panel.title).second);
    }
  }
}

TEST_CASE("pages: a filter is a variable, and all queries with its label obey it") {
  const auto queues = std::ranges::find(Pages(), "fleet-queues", &grafana::Dashboard::uid);
  REQUIRE(queues != Pages().end());
  REQUIRE(queues->variables.size() == 1);
  CHECK(queues->variables[0].selector == "fleet_queue_depth");
  for (const grafana::Panel& panel : queues->panels) {
    for (const grafana::Target& target : panel.targets) {
      if (target.expr.find("fleet_queue_") == std::string::npos) continue;
      INFO(panel.title << ": " << target.expr);
      CHECK(target.expr.find("queue=~\"$queue\"") != std::string::npos);
    }
  }
}

}  // namespace
}  // namespace fleet::rulegen
