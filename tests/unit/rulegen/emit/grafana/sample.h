// A dashboard with one panel of each kind, with which nothing is wrong. Tests damage it.
#pragma once

#include <string>
#include <utility>

#include "rulegen/emit/grafana/model.h"

namespace fleet::rulegen::grafana {

inline Target Query(std::string expr, std::vector<std::string> labels = {}, std::string legend = {}) {
  return {.expr = std::move(expr), .labels = std::move(labels), .legend = std::move(legend)};
}

inline Field Ratio() {
  return {.unit = "percentunit",
          .decimals = 1,
          .min = Decimal(0, 0),
          .max = Decimal(1, 0),
          .no_value = "no data",
          .thresholds = {{.color = Color::kRed}, {.from = Decimal(5, 1), .color = Color::kGreen}}};
}

// Indices into SampleDashboard().panels.
enum : std::size_t { kTimeseries, kStat, kGauge, kBarGauge, kHeatmap, kTable, kStateTimeline, kPie, kText };

inline Dashboard SampleDashboard() {
  Dashboard d;
  d.uid = "shop-sample";
  d.title = "Shop: sample";
  d.description = "One panel of each kind.";
  d.tags = {"rulegen", "shop"};
  d.variables = {{.name = "pool", .label = "Pool", .selector = "fleet_info", .values_of = "pool"},
                 {.name = "queue",
                  .label = "Queue",
                  .selector = "fleet_queue_depth{pool=~\"$pool\"}",
                  .values_of = "queue",
                  .multi = false}};
  d.annotations = {{.name = "Firing alerts",
                    .expr = "ALERTS{alertstate=\"firing\",slo_service=\"shop\"}",
                    .color = Color::kRed,
                    .title = "{{alertname}}",
                    .text = "{{slo_name}}",
                    .tags = {"slo_name"}}};
  d.links = {{.title = "Dashboards", .tooltip = "All of this service", .tag = "shop"}};
  const std::string queue = "{queue=\"$queue\"}";
  d.panels = {
      {.title = "Runs",
       .description = "Runs finished each second.",
       .view = Timeseries{.thresholds = ThresholdStyle::kDashed,
                          .series = {{.pattern = "A", .color = Color::kBlue, .dashed = true}}},
       .field = {.unit = "ops",
                 .min = Decimal(0, 0),
                 .thresholds = {{.color = Color::kTransparent},
                                {.from = Decimal(144, 1), .color = Color::kRed}}},
       .targets = {Query("sum by (kind) (rate(fleet_runs_total[$__rate_interval]))", {"kind"}, "{{kind}}")}},
      {.title = "Share",
       .description = "Good runs.",
       .view = Stat{},
       .field = Ratio(),
       .targets = {Query("slo:good:ratio")}},
      {.title = "Used",
       .description = "Slots in use.",
       .view = Gauge{},
       .field = Ratio(),
       .targets = {Query("used")}},
      {.title = "Pools",
       .description = "Slots in use.",
       .view = BarGauge{},
       .field = Ratio(),
       .targets = {Query("max by (pool) (used{pool=~\"$pool\"})", {"pool"}, "{{pool}}")}},
      {.title = "Times",
       .description = "How long runs take.",
       .view = Heatmap{},
       .field = {.unit = "s"},
       .targets = {Query("sum by (le) (increase(run_seconds_bucket[$__rate_interval]))", {"le"}, "{{le}}")}},
      {.title = "Queues",
       .description = "One row a queue.",
       .view =
           Table{.columns = {{.title = "Queue", .label = "queue"},
                             {.title = "Depth",
                              .target = 0,
                              .field = {.unit = "short", .no_value = "no data"},
                              .links = {{.title = "Open", .url = "/d/shop-queue"}}},
                             {.title = "Age", .target = 1, .field = {.unit = "s", .no_value = "no data"}}},
                 .sort = {{.column = "Depth", .descending = true}}},
       .targets = {Query("max by (queue, shard) (depth" + queue + ")", {"queue", "shard"}),
                   Query("max by (queue, shard) (age" + queue + ")", {"queue", "shard"})}},
      {.title = "Alerts",
       .description = "What fired when.",
       .view = StateTimeline{},
       .field = {.mappings = {{.value = Decimal(0, 0), .text = "quiet"},
                              {.value = Decimal(1, 0), .text = "firing", .color = Color::kRed}}},
       .targets = {Query("max by (pool) (up)", {"pool"}, "{{pool}}")}},
      {.title = "Kinds",
       .description = "Parts of the whole.",
       .view = PieChart{},
       .field = {.unit = "short"},
       .targets = {Query("sum by (kind) (slots)", {"kind"}, "{{kind}}")}},
      {.title = "", .view = Text{.markdown = "Generated."}},
  };
  d.layout = {{.title = "Now",
               .lines = {{.height = 5, .slots = {{kStat, 8}, {kGauge, 8}, {kBarGauge, 8}}},
                         {.height = 8, .slots = {{kTimeseries, 12}, {kHeatmap, 12}}}}},
              {.title = "More in $pool",
               .collapsed = true,
               .lines = {{.height = 8, .slots = {{kTable, 24}}},
                         {.height = 8, .slots = {{kStateTimeline, 12}, {kPie, 8}, {kText, 4}}}}}};
  return d;
}

}  // namespace fleet::rulegen::grafana
