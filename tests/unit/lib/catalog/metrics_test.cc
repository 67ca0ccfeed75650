#include "lib/catalog/metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "lib/base/text.h"
#include "lib/catalog/catalog.h"
#include "lib/catalog/lint.h"

namespace fleet::catalog {
namespace {

// A row as one line: name type unit {labels} buckets group scope.
std::string Describe(const MetricDef& metric) {
  std::vector<std::string> labels;
  for (const LabelDef& label : metric.labels) {
    const std::vector<std::string> values(label.values.begin(), label.values.end());
    labels.push_back(values.empty() ? std::string(label.name)
                                    : fmt::format("{}={}", label.name, Join(values, "/")));
  }
  const std::string_view unit = metric.unit == Unit::kUnixSeconds ? "unix" : Name(metric.unit);
  std::string out = fmt::format("{} {} {} {{{}}} {} {}", metric.name, Name(metric.type), unit,
                                Join(labels, ","), Name(metric.buckets), Name(metric.group));
  if (metric.scope == Scope::kEntity) out += metric.on_by_default ? " entity" : " entity off";
  return out;
}

// The most series a metric can have.
double MostSeries(const MetricDef& metric) {
  double series =
      metric.type == MetricType::kHistogram ? static_cast<double>(Bounds(metric.buckets).size() + 3) : 1.0;
  for (const LabelDef& label : metric.labels) {
    series *=
        label.values.empty() ? static_cast<double>(label.bound) : static_cast<double>(label.values.size());
  }
  return series;
}

TEST_CASE("metrics: the table keeps its own rules") { CHECK(Lint(kMetrics) == std::vector<std::string>{}); }

TEST_CASE("metrics: number of families by group") {
  std::map<std::string_view, int> counts;
  for (const MetricDef& metric : kMetrics) ++counts[Name(metric.group)];
  CHECK(counts == std::map<std::string_view, int>{{"exporter", 26},
                                                  {"sources", 6},
                                                  {"runs", 13},
                                                  {"workers", 16},
                                                  {"tasks", 14},
                                                  {"queues", 16},
                                                  {"agents", 14},
                                                  {"sandboxes", 40},
                                                  {"events", 11},
                                                  {"errors", 1},
                                                  {"requests", 25},
                                                  {"backups", 18}});
  CHECK(kMetricCount == 200);
}

TEST_CASE("metrics: rows say what they should") {
  for (const char* row : {
           "exporter_build_info gauge  {version,revision,branch,compiler}  exporter",
           "exporter_ingest_requests_total counter  "
           "{format=cloudevents/cloudevents_batch/ndjson/other,code}  exporter",
           "source_up gauge  {source}  sources",
           "run_duration_seconds histogram seconds {outcome=completed/failed/cancelled/timed_out} work runs",
           "runners gauge  {pool,state=idle/busy/draining/offline}  runs",
           "runner_info gauge  {runner_id,pool,version,os}  runs entity",
           "workers gauge  {worker_type,state=healthy/stale/down}  workers",
           "worker_last_heartbeat_timestamp_seconds gauge unix {worker_id,worker_type}  workers entity",
           "tasks gauge  {task_type,state=pending/assigned/running/completed/failed/cancelled}  tasks",
           "task_assignment_duration_seconds histogram seconds {} latency tasks",
           "user_tasks gauge  {user}  tasks entity off",
           "queue_depth gauge  {queue,priority=critical/high/normal/low/none}  queues",
           "queue_batch_messages histogram  {queue} messages queues",
           "sync_progress_ratio gauge ratio {sync}  queues",
           "agent_startup_duration_seconds histogram seconds {tier} fast agents",
           "sandbox_terminations_total counter  "
           "{reason=completed/failed/idle/timed_out/orphaned/forced/other}  sandboxes",
           "sandbox_lifetime_seconds histogram seconds {sandbox_type} lifetime sandboxes",
           "sandbox_cpu_limit_cores gauge cores {sandbox_id}  sandboxes entity off",
           "sandbox_pressure_waiting_seconds_total counter seconds "
           "{sandbox_id,resource=cpu/memory/io}  sandboxes entity off",
           "event_size_bytes histogram bytes {} bytes events",
           "errors_total counter  {component,severity=critical/warning/info,category}  errors",
           "http_requests_total counter  {component,endpoint,"
           "method=GET/HEAD/POST/PUT/PATCH/DELETE/OPTIONS/other,code}  requests",
           "llm_tokens_total counter  {model,direction=input/output/cache_read/cache_write}  requests",
           "backups_stored gauge  {target,retention=daily/weekly/monthly}  backups",
       }) {
    const std::string_view expected = row;
    const MetricDef* metric = Find(expected.substr(0, expected.find(' ')));
    REQUIRE(metric != nullptr);
    CHECK(Describe(*metric) == expected);
  }
}

TEST_CASE("metrics: one name of a label, one bound") {
  const std::map<std::string_view, int> bounds = {
      {"agent_type", 30}, {"api", 15},         {"branch", 1},        {"broker", 5},      {"cache", 20},
      {"category", 30},   {"channel", 10},     {"code", 25},         {"collector", 12},  {"compiler", 1},
      {"component", 30},  {"database", 10},    {"direction", 4},     {"endpoint", 100},  {"event_type", 50},
      {"format", 4},      {"group", 15},       {"handler", 10},      {"host", 500},      {"kind", 100},
      {"label", 30},      {"level", 4},        {"message_type", 50}, {"method", 8},      {"model", 20},
      {"operation", 4},   {"os", 500},         {"pool", 20},         {"priority", 5},    {"protocol", 3},
      {"queue", 100},     {"reason", 15},      {"resource", 3},      {"retention", 3},   {"revision", 1},
      {"runner_id", 500}, {"sandbox_id", 200}, {"sandbox_type", 10}, {"severity", 3},    {"source", 12},
      {"store", 20},      {"sync", 10},        {"table", 8},         {"target", 20},     {"task_type", 50},
      {"tier", 10},       {"transport", 4},    {"user", 20},         {"worker_id", 500}, {"worker_type", 6},
  };
  // The same word for different things: their sets are each metric's own.
  const std::set<std::string_view> differ = {"outcome", "state", "version"};
  std::map<std::string_view, int> found;
  for (const MetricDef& metric : kMetrics) {
    for (const LabelDef& label : metric.labels) {
      if (differ.contains(label.name)) continue;
      const auto [it, is_new] = found.emplace(label.name, label.bound);
      CAPTURE(metric.name, label.name);
      CHECK(it->second == label.bound);
    }
  }
  CHECK(found == bounds);
}

TEST_CASE("metrics: state, outcome and severity are closed sets, wherever they stand") {
  for (const MetricDef& metric : kMetrics) {
    for (const LabelDef& label : metric.labels) {
      if (label.name != "state" && label.name != "outcome" && label.name != "severity") continue;
      CAPTURE(metric.name, label.name);
      CHECK(label.bound == static_cast<int>(label.values.size()));
    }
  }
}

// A scraper that truncates cuts from the end.
TEST_CASE("metrics: what may be lost comes last") {
  const auto rank = [](const MetricDef& metric) { return std::pair(metric.scope, metric.group); };
  for (std::size_t i = 1; i < kMetricCount; ++i) {
    const MetricDef& before = kMetrics[i - 1];
    const MetricDef& metric = kMetrics[i];
    CAPTURE(before.name, metric.name);
    CHECK(rank(before) <= rank(metric));
    if (rank(before) == rank(metric)) CHECK(MostSeries(before) <= MostSeries(metric));
  }
}

// The documentation has one table of them for each group, with one heading.
TEST_CASE("metrics: entity metrics of a group share the id, as first label, and the default") {
  std::map<Group, std::pair<std::string_view, bool>> found;
  for (const MetricDef& metric : kMetrics) {
    if (metric.scope != Scope::kEntity) continue;
    const std::pair<std::string_view, bool> kind = {metric.labels[0].name, metric.on_by_default};
    CAPTURE(metric.name);
    CHECK(found.emplace(metric.group, kind).first->second == kind);
  }
  CHECK(found ==
        std::map<Group, std::pair<std::string_view, bool>>{{Group::kRuns, {"runner_id", true}},
                                                           {Group::kWorkers, {"worker_id", true}},
                                                           {Group::kTasks, {"user", false}},
                                                           {Group::kSandboxes, {"sandbox_id", false}}});
}

TEST_CASE("metrics: every threshold asked of latencies is a bound") {
  for (const double seconds : {0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0}) {
    for (const BucketSet set : {BucketSet::kLatency, BucketSet::kWork}) {
      CAPTURE(seconds, Name(set));
      CHECK(std::ranges::count(Bounds(set), seconds) == 1);
    }
    if (seconds <= 10) CHECK(std::ranges::count(Bounds(BucketSet::kFast), seconds) == 1);
  }
}

}  // namespace
}  // namespace fleet::catalog
