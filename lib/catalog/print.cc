// The only place in lib/catalog that knows JSON or Markdown. Both are made of the table alone: what is
// worth saying about a metric stands in its row.
#include "lib/catalog/print.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>
#include <vector>

#include "lib/base/text.h"
#include "lib/catalog/catalog.h"
#include "lib/catalog/old_names.h"

namespace fleet::catalog {
namespace {

// Keeps fields in the order they are given, so the output is stable and reads like the header says.
using Json = nlohmann::ordered_json;

std::string FullName(std::string_view metric_namespace, const MetricDef& metric) {
  return fmt::format("{}_{}", metric_namespace, metric.name);
}

Json ToJson(const LabelDef& label) {
  Json values = Json::array();
  for (const std::string_view value : label.values) values.push_back(value);
  return {{"name", label.name}, {"values", std::move(values)}, {"bound", label.bound}};
}

Json ToJson(std::string_view metric_namespace, const MetricDef& metric) {
  Json labels = Json::array();
  for (const LabelDef& label : metric.labels) labels.push_back(ToJson(label));
  Json buckets = Json::array();
  for (const double bound : Bounds(metric.buckets)) buckets.push_back(bound);
  return {{"name", FullName(metric_namespace, metric)},
          {"type", Name(metric.type)},
          {"unit", Name(metric.unit)},
          {"help", metric.help},
          {"group", Name(metric.group)},
          {"scope", metric.scope == Scope::kEntity ? "entity" : "aggregate"},
          {"on_by_default", metric.on_by_default},
          {"labels", std::move(labels)},
          {"buckets", std::move(buckets)}};
}

struct Section {
  Group group;
  std::string_view title;  // letters and spaces only: it is also the anchor
  std::string_view intro;
};

// In the order of the groups; a group that is missing here is missing in the documentation.
constexpr Section kSections[] = {
    {Group::kExporter, "The exporter itself",
     "Whether what the exporter says can be trusted: its sources, its store, its limits."},
    {Group::kSources, "Sources and components",
     "What the exporter reads from, and the components of the fleet that report to it."},
    {Group::kRuns, "Runs and runners", "Runs, the runners that execute them, and the streams to clients."},
    {Group::kWorkers, "Workers and heartbeats",
     "A worker without a recent heartbeat is stale, then down; `state` is judged at the scrape."},
    {Group::kTasks, "Tasks", "Tasks from creation to a terminal state."},
    {Group::kQueues, "Queues", "Queues, their consumers and their messages, and synchronisations."},
    {Group::kAgents, "Agents and messages", "Agents by tier and by type, and what they say to each other."},
    {Group::kSandboxes, "Sandboxes",
     "Sandboxes by type; counters include sandboxes that have ended, so they never fall."},
    {Group::kEvents, "Events", "Domain events: recorded, reported by workers, delivered, kept."},
    {Group::kErrors, "Errors", "Errors that components report."},
    {Group::kRequests, "Requests and dependencies",
     "HTTP requests, and the databases, brokers, external APIs, models, caches and stores behind them."},
    {Group::kBackups, "Backup and recovery", "Backups, their checks, their copies and restores."},
};

struct BucketSetUse {
  BucketSet set;
  std::string_view use;
};

constexpr BucketSetUse kBucketSets[] = {
    {BucketSet::kFast, "seconds, for what should take milliseconds"},
    {BucketSet::kLatency, "seconds, for what somebody waits for"},
    {BucketSet::kWork, "seconds, for work and for waiting in a queue"},
    {BucketSet::kLifetime, "seconds, for how long things live"},
    {BucketSet::kBytes, "bytes"},
    {BucketSet::kMessages, "messages in a batch"},
};

// Rows of the table, in its order.
using Rows = std::vector<const MetricDef*>;

Rows Select(Group group, Scope scope) {
  Rows rows;
  for (const MetricDef& metric : kMetrics) {
    if (metric.group == group && metric.scope == scope) rows.push_back(&metric);
  }
  return rows;
}

// As GitHub makes it of a heading.
std::string Anchor(std::string_view title) {
  std::string anchor(title);
  std::ranges::replace(anchor, ' ', '-');
  std::ranges::transform(anchor, anchor.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return anchor;
}

// The unit alone would not tell a point in time from a span of it.
std::string_view UnitCell(Unit unit) { return unit == Unit::kUnixSeconds ? "unix seconds" : Name(unit); }

std::string TypeCell(const MetricDef& metric) {
  if (metric.type != MetricType::kHistogram) return std::string(Name(metric.type));
  return fmt::format("histogram, [{}](#bucket-sets)", Name(metric.buckets));
}

// `queue` (100)<br>`outcome`: completed, failed
std::string LabelsCell(const MetricDef& metric) {
  std::vector<std::string> cells;
  for (const LabelDef& label : metric.labels) {
    if (label.values.empty()) {
      cells.push_back(fmt::format("`{}` ({})", label.name, label.bound));
      continue;
    }
    const std::vector<std::string> values(label.values.begin(), label.values.end());
    cells.push_back(
        fmt::format("`{}`: {}{}", label.name, Join(values, ", "), label.from_start ? "" : " (when seen)"));
  }
  return Join(cells, "<br>");
}

std::string Table(std::string_view metric_namespace, const Rows& rows) {
  std::string out = "| Name | Type | Unit | Labels | Meaning |\n|---|---|---|---|---|\n";
  for (const MetricDef* metric : rows) {
    out += fmt::format("| `{}` | {} | {} | {} | {} |\n", FullName(metric_namespace, *metric),
                       TypeCell(*metric), UnitCell(metric->unit), LabelsCell(*metric), metric->help);
  }
  return out;
}

// A group has entity metrics of one kind of id only, the first label of each.
std::string EntityTable(std::string_view metric_namespace, const Rows& rows) {
  const LabelDef& id = rows.front()->labels[0];
  return fmt::format("\nOne series for each `{}`, {} at most, {} by default:\n\n{}", id.name, id.bound,
                     rows.front()->on_by_default ? "on" : "off", Table(metric_namespace, rows));
}

std::string SectionText(std::string_view metric_namespace, const Section& section) {
  std::string out = fmt::format("\n## {}\n\n{}\n\n", section.title, section.intro);
  out += Table(metric_namespace, Select(section.group, Scope::kAggregate));
  const Rows entities = Select(section.group, Scope::kEntity);
  if (!entities.empty()) out += EntityTable(metric_namespace, entities);
  return out;
}

// Metrics it mentions are looked up at compile time, like everywhere else.
std::string Introduction(std::string_view metric_namespace) {
  constexpr std::string_view kText = R"(# Metrics

<!-- Generated: do not edit. Made by `fleet_exporter --print-catalog=markdown`. -->

Every metric `fleet_exporter` can export: {1} families. This page is generated from the table the
exporter is compiled from, so do not edit it: `fleet_exporter --print-catalog=markdown` prints it, and
`--print-catalog=json` prints the same for programs.

## How to read it

- **Name**: with the namespace `{0}`, which `--metrics.namespace` changes. The standard `process_*`
  metrics are exported, too, under their own names.
- **Unit**: base units only. *unix seconds* is a point in time; its age is `time() - {0}_...`, so that
  the age still grows when the exporter stops.
- **Labels**: `queue` (100) takes any value, up to 100 different ones. Later ones are exported as
  `other` and counted in `{0}_{2}`. Values after a colon are all there
  are; each is exported from the start, as 0, unless marked *(when seen)*.
- `state` and `outcome` are exclusive: a thing is in one state and has one outcome, so sums are right.
- **Histograms** name their [bucket set](#bucket-sets). A latency objective whose threshold is one of
  the bounds is an exact ratio; `rulegen` refuses any other.
- Metrics with **one series for each** worker, runner, sandbox or user are capped, and can be switched
  on and off. What was refused is counted in `{0}_{3}`. No other metric
  depends on that cap. They stand at the end of the page that Prometheus reads.

| Section | Families |
|---|---|
)";
  std::string out =
      fmt::format(kText, metric_namespace, kMetricCount, Metric<"exporter_label_values_folded_total">.name,
                  Metric<"exporter_series_dropped_total">.name);
  for (const Section& section : kSections) {
    const auto count = std::ranges::count(kMetrics, section.group, &MetricDef::group);
    out += fmt::format("| [{}](#{}) | {} |\n", section.title, Anchor(section.title), count);
  }
  return out;
}

std::string BucketSetsText() {
  std::string out =
      "\n## Bucket sets\n\nUpper bounds as they stand in `le`, in every format. `+Inf` follows in each.\n\n"
      "| Set | For | Bounds |\n|---|---|---|\n";
  for (const BucketSetUse& entry : kBucketSets) {
    std::vector<std::string> bounds;
    for (const double bound : Bounds(entry.set)) bounds.push_back(FormatBound(bound));
    out += fmt::format("| {} | {} | {} |\n", Name(entry.set), entry.use, Join(bounds, ", "));
  }
  return out;
}

struct OriginTitle {
  Origin origin;
  std::string_view title;
};

constexpr OriginTitle kOrigins[] = {
    {Origin::kCoordinator, "A coordinator and its runners"},
    {Origin::kAgents, "Agents with SLOs"},
    {Origin::kSandboxes, "Orchestrator and sandbox workers"},
    {Origin::kEdge, "Workers at the edge, queues and backups"},
};

std::string OldNamesOf(Origin origin, std::string_view metric_namespace) {
  std::string out = "| Old name | Now | Fed by |\n|---|---|---|\n";
  for (const OldMetric& old : OldMetrics()) {
    if (old.origin != origin) continue;
    out += fmt::format("| `{}` | `{}` | {} |\n", old.name,
                       WithNamespace(SelectorOf(old, ""), metric_namespace), old.source);
  }
  for (const OldTerm& term : OldTerms()) {
    if (term.origin != origin) continue;
    std::string now(term.now);
    if (now.find('`') == std::string::npos) now = fmt::format("`{}`", now);
    out += fmt::format("| {} | {} | {} |\n", term.name, WithNamespace(now, metric_namespace), term.source);
  }
  return out;
}

std::string OldNamesText(std::string_view metric_namespace) {
  std::string out = R"(
## Old names

What fleets called these things before, or asked for without a name, and where it is now. Events stand
with their types ([events.md](events.md)); coordinator, postgres, redis and cgroup are the sources that
are polled. Averages, rates and percentiles are made of histograms and counters in Prometheus.

With `legacy_names: true` in the policy, `rulegen build` writes recording rules that bring the names of
metrics back, for dashboards and alerts that still ask for them.
)";
  for (const OriginTitle& entry : kOrigins) {
    out += fmt::format("\n### {}\n\n{}", entry.title, OldNamesOf(entry.origin, metric_namespace));
  }
  return out;
}

}  // namespace

std::string PrintJson(std::string_view metric_namespace) {
  // One line for each metric: greppable, and a change of one is a diff of one line.
  std::vector<std::string> lines;
  for (const MetricDef& metric : kMetrics) lines.push_back(ToJson(metric_namespace, metric).dump());
  return fmt::format("{{\"namespace\": {}, \"metrics\": [\n{}\n]}}\n", Json(metric_namespace).dump(),
                     Join(lines, ",\n"));
}

std::string PrintMarkdown(std::string_view metric_namespace) {
  std::string out = Introduction(metric_namespace);
  for (const Section& section : kSections) out += SectionText(metric_namespace, section);
  return out + BucketSetsText() + OldNamesText(metric_namespace);
}

}  // namespace fleet::catalog
