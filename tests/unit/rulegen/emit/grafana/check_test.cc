// Nothing is wrong with the sample; each damage to it is named, and nothing else is.
#include "rulegen/emit/grafana/check.h"

#include <catch2/catch.hpp>
#include <functional>

#include "tests/unit/rulegen/emit/grafana/sample.h"

namespace fleet::rulegen::grafana {
namespace {

using Strings = std::vector<std::string>;

struct Damage {
  std::function<void(Dashboard&)> apply;
  std::string problem;
};

Strings After(const std::function<void(Dashboard&)>& apply) {
  Dashboard d = SampleDashboard();
  apply(d);
  return CheckDashboard(d);
}

void ExpectEach(const std::vector<Damage>& damages) {
  for (const Damage& damage : damages) CHECK(After(damage.apply) == Strings{damage.problem});
}

Timeseries& Lines(Dashboard& d) { return std::get<Timeseries>(d.panels[kTimeseries].view); }
Table& Rows(Dashboard& d) { return std::get<Table>(d.panels[kTable].view); }
Target& Runs(Dashboard& d) { return d.panels[kTimeseries].targets[0]; }

TEST_CASE("grafana check: the sample is without fault") {
  CHECK(After([](Dashboard&) {}) == Strings{});
}

TEST_CASE("grafana check: identity") {
  ExpectEach({
      {[](Dashboard& d) { d.uid = "shop/slo"; }, "uid 'shop/slo': 1 to 40 of A-Z a-z 0-9 - _"},
      {[](Dashboard& d) { d.uid = std::string(41, 'a'); },
       "uid '" + std::string(41, 'a') + "': 1 to 40 of A-Z a-z 0-9 - _"},
      {[](Dashboard& d) { d.title = ""; }, "no title"},
      {[](Dashboard& d) { d.description = ""; }, "no description"},
      {[](Dashboard& d) { d.tags = {"shop"}; }, "no tag 'rulegen'"},
      {[](Dashboard& d) { d.refresh = std::chrono::seconds(10); },
       "refresh 10s is faster than rules are evaluated (30s)"},
      {[](Dashboard& d) { d.links[0].tag = ""; },
       "dashboard link without title, or without one of tag, uid and url"},
  });
}

TEST_CASE("grafana check: variables") {
  ExpectEach({
      {[](Dashboard& d) { d.variables[0].label = ""; }, "variable 'pool': no label"},
      {[](Dashboard& d) { d.variables.push_back(d.variables[0]); }, "variable 'pool': declared twice"},
      {[](Dashboard& d) {
         d.variables.push_back({.name = "datasource", .label = "X", .selector = "up", .values_of = "job"});
       },
       "variable 'datasource': declared twice"},
      {[](Dashboard& d) {
         d.variables.push_back({.name = "extra", .label = "X", .selector = "up", .values_of = "job"});
       },
       "variable 'extra': never used"},
      {[](Dashboard& d) { std::swap(d.variables[0], d.variables[1]); },
       "variable 'queue': uses 'pool', which comes after it"},
      {[](Dashboard& d) { Runs(d).expr = "sum by (kind) (runs{host=~\"${host:regex}\"})"; },
       "panel 'Runs': there is no variable 'host'"},
      {[](Dashboard& d) { d.layout[0].title = "Now in $place"; },
       "section 'Now in $place': there is no variable 'place'"},
      {[](Dashboard& d) { d.panels[kStat].title = "Share of $team"; },
       "panel 'Share of $team': there is no variable 'team'"},
      {[](Dashboard& d) { d.annotations[0].expr = "ALERTS{alertstate=\"firing\",a=\"$x\"}"; },
       "annotation 'Firing alerts': there is no variable 'x'"},
      {[](Dashboard& d) { Rows(d).columns[1].links[0].url = "/d/shop?var-x=$x"; },
       "panel 'Queues': there is no variable 'x'"},
      {[](Dashboard& d) { d.panels[kPie].links = {{.title = "Go", .url = "/d/shop?var-y=${y:queryparam}"}}; },
       "panel 'Kinds': there is no variable 'y'"},
      {[](Dashboard& d) { d.panels[kStat].targets[0].expr = "good{pool=\"$pool\"}"; },
       "panel 'Share': 'pool' can have several values and needs =~"},
  });
}

TEST_CASE("grafana check: annotations") {
  ExpectEach({
      {[](Dashboard& d) { d.annotations[0].expr = "ALERTS{alertstate=\"firing\"}"; },
       "annotation 'Firing alerts': draws alerts of every service"},
      {[](Dashboard& d) { d.annotations[0].step = Duration::zero(); }, "annotation 'Firing alerts': no step"},
  });
}

TEST_CASE("grafana check: layout") {
  ExpectEach({
      {[](Dashboard& d) { d.layout[0].title = ""; }, "section without a title"},
      {[](Dashboard& d) { d.layout[0].lines[1].slots[0].width = 10; },
       "section 'Now' line 2: widths add up to 22, not 24"},
      {[](Dashboard& d) { d.layout[0].lines[0].height = 0; }, "section 'Now' line 1: no height"},
      {[](Dashboard& d) {
         d.layout[0].lines[0].slots.push_back({kText, 0});
         d.layout[1].lines[1].slots.pop_back();
         d.layout[1].lines[1].slots[1].width = 12;
       },
       "section 'Now' line 1: a panel without width"},
      {[](Dashboard& d) {
         d.layout[0].lines.push_back({.slots = {{99, 24}}});
       },
       "section 'Now' line 3: there is no panel 100"},
      {[](Dashboard& d) { d.layout[1].lines.erase(d.layout[1].lines.begin()); },
       "panel 'Queues': placed 0 times"},
      {[](Dashboard& d) {
         d.layout[0].lines.push_back({.slots = {{kPie, 24}}});
       },
       "panel 'Kinds': placed 2 times"},
      {[](Dashboard& d) {
         for (int i = 0; i < 16; ++i) {
           d.layout[0].lines.push_back({.slots = {{d.panels.size(), 24}}});
           d.panels.push_back(d.panels[kStat]);
         }
       },
       "21 open panels, at most 20"},
  });
}

TEST_CASE("grafana check: what every panel needs") {
  ExpectEach({
      {[](Dashboard& d) { d.panels[kStat].title = ""; }, "panel '': no title"},
      {[](Dashboard& d) { d.panels[kStat].description = ""; }, "panel 'Share': no description"},
      {[](Dashboard& d) { d.panels[kPie].targets.clear(); }, "panel 'Kinds': no query"},
      {[](Dashboard& d) { d.panels[kStat].targets[0].expr = ""; }, "panel 'Share': query A is empty"},
      {[](Dashboard& d) { d.panels[kTimeseries].targets.resize(27, Runs(d)); },
       "panel 'Runs': more than 26 queries"},
      {[](Dashboard& d) { d.panels[kPie].links = {{.url = "/d/x"}}; }, "panel 'Kinds': link without a title"},
      {[](Dashboard& d) { d.panels[kPie].links = {{.title = "Go", .url = "ftp://x"}}; },
       "panel 'Kinds': link 'Go' is neither /d/... nor https://..."},
      {[](Dashboard& d) { d.panels[kPie].links = {{.title = "Go", .url = "https://grafana.example/d/x"}}; },
       "panel 'Kinds': link 'Go' names a host for a dashboard"},
  });
}

TEST_CASE("grafana check: fields") {
  ExpectEach({
      {[](Dashboard& d) { d.panels[kTimeseries].field.unit = ""; }, "panel 'Runs': no unit"},
      {[](Dashboard& d) { d.panels[kTimeseries].field.unit = "requests"; },
       "panel 'Runs': Grafana has no unit 'requests'"},
      {[](Dashboard& d) { d.panels[kStat].field.thresholds[0].from = Decimal(0, 0); },
       "panel 'Share': the first threshold must be the base"},
      {[](Dashboard& d) { d.panels[kStat].field.thresholds[1].from.reset(); },
       "panel 'Share': threshold 2 has no bound"},
      {[](Dashboard& d) {
         d.panels[kStat].field.thresholds.push_back({.from = Decimal(25, 2), .color = Color::kRed});
       },
       "panel 'Share': thresholds do not rise: 0.25 after 0.5"},
      {[](Dashboard& d) { d.panels[kPie].field.color_mode = ColorMode::kThresholds; },
       "panel 'Kinds': coloured by thresholds, but there are none"},
      {[](Dashboard& d) { d.panels[kGauge].field.max = Decimal(0, 0); },
       "panel 'Used': maximum 0 is not above minimum 0"},
      {[](Dashboard& d) { d.panels[kStat].field.decimals.reset(); },
       "panel 'Share': a ratio needs its number of decimals said"},
      {[](Dashboard& d) { d.panels[kStat].field.objective = Decimal(9995, 2); },
       "panel 'Share': needs 4 decimals beside an objective of 99.95%"},
      {[](Dashboard& d) { d.panels[kStateTimeline].field.mappings[1].value = Decimal(0, 0); },
       "panel 'Alerts': two texts for 0"},
  });
}

TEST_CASE("grafana check: queries") {
  ExpectEach({
      {[](Dashboard& d) { Runs(d).expr = "sum by (kind) (rate(fleet_runs_total[$__interval]))"; },
       "panel 'Runs': fleet_runs_total over $__interval; use $__rate_interval"},
      {[](Dashboard& d) { Runs(d).expr = "sum by (kind) (rate(fleet_runs_total[5m]))"; },
       "panel 'Runs': fleet_runs_total over a literal [5m]; use $__rate_interval"},
      {[](Dashboard& d) { Runs(d).expr = "sum by (kind) (rate(fleet_runs_total[$__rate_interval])"; },
       "panel 'Runs': query A is no PromQL: expected ',' or ')', not the end"},
      {[](Dashboard& d) { Runs(d).expr = "sum by (kind) (fleet_runs_total)"; },
       "panel 'Runs': counter fleet_runs_total without rate or increase"},
      {[](Dashboard& d) {
         Runs(d).expr = "sum by (kind) (increase(slo:sli_total:rate5m[$__rate_interval]))";
       },
       "panel 'Runs': increase() of the recorded slo:sli_total:rate5m loses counter resets"},
      {[](Dashboard& d) { Runs(d).legend = "{{worker}}"; },
       "panel 'Runs': legend of label 'worker', which query A does not carry"},
      {[](Dashboard& d) { Runs(d).legend = ""; }, "panel 'Runs': query A needs a legend"},
  });
  // "In the last day" is a window of the panel's own.
  CHECK(After([](Dashboard& d) {
          Runs(d).expr = "sum by (kind) (increase(fleet_runs_total[1d]))";
          Runs(d).fixed_window = true;
        }) == Strings{});
}

TEST_CASE("grafana check: panel kinds") {
  ExpectEach({
      {[](Dashboard& d) { Lines(d).legend = {.style = LegendStyle::kTable}; },
       "panel 'Runs': height 8 cuts off the legend's table; at least 9"},
      {[](Dashboard& d) { d.panels[kTimeseries].field.thresholds.clear(); },
       "panel 'Runs': threshold lines without thresholds"},
      {[](Dashboard& d) { Lines(d).series[0].pattern = "B"; },
       "panel 'Runs': style for query 'B', which there is not"},
      {[](Dashboard& d) { d.panels[kStat].field.no_value = ""; }, "panel 'Share': no text for absent data"},
      {[](Dashboard& d) { d.panels[kGauge].field.max.reset(); },
       "panel 'Used': needs minimum and maximum, the ends of its scale"},
      {[](Dashboard& d) { d.panels[kBarGauge].field.min.reset(); },
       "panel 'Pools': needs a minimum, where its bars begin"},
      {[](Dashboard& d) { d.panels[kHeatmap].targets[0].legend = "{{le}} s"; },
       "panel 'Times': a heatmap has one query by le with legend {{le}}"},
      {[](Dashboard& d) {
         d.layout[1].lines[0].slots = {{kTable, 6}, {kPie, 18}};
         d.layout[1].lines[1].slots = {{kStateTimeline, 12}, {kText, 12}};
       },
       "panel 'Queues': width 6 cuts off columns; at least 8"},
      {[](Dashboard& d) { d.panels[kStateTimeline].field.mappings.clear(); },
       "panel 'Alerts': states without texts"},
      {[](Dashboard& d) { std::get<StateTimeline>(d.panels[kStateTimeline].view).per_page = 0; },
       "panel 'Alerts': 0 rows a page"},
      {[](Dashboard& d) { std::get<Text>(d.panels[kText].view).markdown = ""; }, "panel '': no text"},
      {[](Dashboard& d) { d.panels[kText].targets = {Query("up")}; }, "panel '': a text has no query"},
  });
}

TEST_CASE("grafana check: table columns") {
  ExpectEach({
      {[](Dashboard& d) { Rows(d).columns[2].target = 2; },
       "panel 'Queues': column 'Age': there is no such query"},
      {[](Dashboard& d) { Rows(d).columns[2].field.unit = ""; }, "panel 'Queues': column 'Age': no unit"},
      {[](Dashboard& d) { Rows(d).columns[2].field.no_value = ""; },
       "panel 'Queues': column 'Age': no text for absent data"},
      {[](Dashboard& d) { Rows(d).columns[2].field.unit = "sec"; },
       "panel 'Queues': column 'Age': Grafana has no unit 'sec'"},
      {[](Dashboard& d) { Rows(d).columns[2].title = "Depth"; },
       "panel 'Queues': column 'Depth': title used twice"},
      {[](Dashboard& d) { d.panels[kTable].targets[1].labels = {"shard"}; },
       "panel 'Queues': column 'Queue': query B does not carry label 'queue'"},
      {[](Dashboard& d) { Rows(d).sort[0].column = "Name"; },
       "panel 'Queues': sorted by 'Name', which is no column"},
      {[](Dashboard& d) { Rows(d).columns[1].links[0].url = "d/shop"; },
       "panel 'Queues': link 'Open' is neither /d/... nor https://..."},
  });
}

TEST_CASE("grafana check: dashboards of one folder differ in uid and title") {
  Dashboard a = SampleDashboard();
  Dashboard b = SampleDashboard();
  b.title = "Shop: other";
  CHECK(CheckDashboards(std::vector{a, b}) == Strings{"shop-sample: uid used twice"});
  b = SampleDashboard();
  b.uid = "shop-other";
  b.description = "";
  CHECK(CheckDashboards(std::vector{a, b}) ==
        Strings{"shop-other: no description", "shop-other: title 'Shop: sample' used twice"});
}

}  // namespace
}  // namespace fleet::rulegen::grafana
