#include "exporter/self_metrics.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "exporter/exposition/text_format.h"
#include "exporter/fleet/fleet.h"
#include "exporter/process_metrics.h"
#include "lib/base/text.h"
#include "lib/catalog/catalog.h"
#include "tests/support/process.h"

namespace fleet {
namespace {

std::string Page(const SelfMetrics& metrics, bool all = true) {
  Snapshot snapshot;
  metrics.Collect(snapshot, all);
  std::string page;
  RenderText(snapshot, [&](std::string_view bytes) { return page += bytes, true; });
  return page;
}

std::string Value(const SelfMetrics& metrics, std::string_view series) {
  const std::string page = Page(metrics);
  for (const std::string_view line : Split(page, '\n')) {
    if (line.starts_with(series) && line.substr(series.size()).starts_with(' ')) {
      return std::string(line.substr(series.size() + 1));
    }
  }
  return "";
}

TEST_CASE("self metrics: counters that can be known beforehand begin at 0") {
  const SelfMetrics metrics("fleet");
  CHECK(Value(metrics, "fleet_exporter_log_messages_total{level=\"error\"}") == "0");
  CHECK(Value(metrics, "fleet_exporter_ingest_events_rejected_total{reason=\"malformed\"}") == "0");
  CHECK(Value(metrics, "fleet_exporter_ingest_events_deduplicated_total") == "0");
  CHECK(Value(metrics, "fleet_exporter_ingest_request_duration_seconds_count") == "0");
}

TEST_CASE("self metrics: what happens is counted") {
  SelfMetrics metrics("acme");
  metrics.Logged(LogLevel::kWarn);
  metrics.Received("worker", 3);
  metrics.Received("worker", 2);
  metrics.Rejected("malformed");
  metrics.Deduplicated(4);
  metrics.IngestRequest("ndjson", 200, 100, std::chrono::milliseconds(3));
  metrics.Collected("fleet", true, std::chrono::milliseconds(2), UnixMillis{1'732'233'600'500});
  metrics.ConfigLoaded(true, UnixMillis{1'732'233'600'000});
  CHECK(Value(metrics, "acme_exporter_log_messages_total{level=\"warn\"}") == "1");
  CHECK(Value(metrics, "acme_exporter_ingest_events_total{kind=\"worker\"}") == "5");
  CHECK(Value(metrics, "acme_exporter_ingest_events_rejected_total{reason=\"malformed\"}") == "1");
  CHECK(Value(metrics, "acme_exporter_ingest_events_deduplicated_total") == "4");
  CHECK(Value(metrics, "acme_exporter_ingest_received_bytes_total") == "100");
  CHECK(Value(metrics, R"(acme_exporter_ingest_requests_total{format="ndjson",code="200"})") == "1");
  CHECK(Value(metrics, "acme_exporter_ingest_request_duration_seconds_bucket{le=\"0.0025\"}") == "0");
  CHECK(Value(metrics, "acme_exporter_ingest_request_duration_seconds_bucket{le=\"0.005\"}") == "1");
  CHECK(Value(metrics, "acme_exporter_ingest_request_duration_seconds_bucket{le=\"+Inf\"}") == "1");
  CHECK(Value(metrics, "acme_exporter_ingest_request_duration_seconds_sum") == "0.003");
  CHECK(Value(metrics, "acme_exporter_collector_success{collector=\"fleet\"}") == "1");
  CHECK(Value(metrics, "acme_exporter_collector_duration_seconds{collector=\"fleet\"}") == "0.002");
  metrics.ConfigLoaded(false, UnixMillis{1'732'233'700'000});
  CHECK(Value(metrics, "acme_exporter_config_last_reload_successful") == "0");
  CHECK(Value(metrics, "acme_exporter_config_last_reload_success_timestamp_seconds") == "1732233600");
}

TEST_CASE("self metrics: help, type and labels are those of the catalog") {
  const SelfMetrics metrics("fleet");
  const std::string page = Page(metrics, false);
  CHECK(
      page.starts_with("# HELP fleet_exporter_build_info How this exporter was built, constant 1\n"
                       "# TYPE fleet_exporter_build_info gauge\n"
                       "fleet_exporter_build_info{version=\""));
  CHECK(page.ends_with("\"} 1\n"));
  CHECK(std::ranges::count(page, '\n') == 3);
}

TEST_CASE("self metrics: labels beyond a bound count as other") {
  SelfMetrics metrics("fleet");
  for (int i = 0; i < 300; ++i) metrics.Received("kind" + std::to_string(i), 1);
  CHECK(Value(metrics, "fleet_exporter_ingest_events_total{kind=\"kind0\"}") == "1");
  CHECK(Value(metrics, "fleet_exporter_ingest_events_total{kind=\"kind299\"}") == "");
  CHECK(Value(metrics, "fleet_exporter_ingest_events_total{kind=\"other\"}") == "173");
}

TEST_CASE("self metrics: many threads lose no count") {
  SelfMetrics metrics("fleet");
  HandlerMetrics& handler = metrics.Handler("h");
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 1000; ++i) {
        handler.Started();
        handler.Finished(200 + i % 3);
        metrics.Received("kind" + std::to_string((i + t) % 10), 1);
        metrics.IngestRequest("ndjson", 200, 1, std::chrono::microseconds(1));
        if (i % 100 == 0) Page(metrics);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(Value(metrics, R"(fleet_exporter_http_requests_total{handler="h",code="200"})") == "1336");
  CHECK(Value(metrics, R"(fleet_exporter_http_requests_in_flight{handler="h"})") == "0");
  CHECK(Value(metrics, "fleet_exporter_ingest_events_total{kind=\"kind3\"}") == "400");
  CHECK(Value(metrics, "fleet_exporter_ingest_received_bytes_total") == "4000");
}

TEST_CASE("a page has every family once: the exporter's in catalog order, process_*, then the fleet") {
  SelfMetrics metrics("fleet");
  metrics.Handler("h");
  metrics.Collected("fleet", true, std::chrono::milliseconds(2), UnixMillis{1});
  Fleet fleet("fleet", {});
  Snapshot snapshot;
  fleet.Collect(UnixMillis{1'732'233'600'000}, snapshot);
  CollectProcess(snapshot);
  metrics.Collect(snapshot);
  std::vector<std::string_view> names;
  for (const FamilySnapshot& family : snapshot.families) names.push_back(family.header->name);
  std::vector<std::string_view> unique = names;
  std::ranges::sort(unique);
  CHECK(std::ranges::adjacent_find(unique) == unique.end());

  std::vector<std::string> expected;
  for (const catalog::MetricDef& row : catalog::kMetrics)
    expected.push_back("fleet_" + std::string(row.name));
  std::ptrdiff_t before = -1;
  for (const std::string_view name : names) {
    if (name.starts_with("process_")) continue;
    const auto at = std::ranges::find(expected, name) - expected.begin();
    CAPTURE(name);
    CHECK(at > before);
    CHECK(static_cast<std::size_t>(at) < expected.size());
    before = at;
  }
  const auto process = std::ranges::find(names, "process_cpu_seconds_total");
  REQUIRE(process != names.begin());
  REQUIRE(process != names.end());
  CHECK((process - 1)->starts_with("fleet_exporter_"));
  CHECK_FALSE((process + 6)->starts_with("fleet_exporter_"));
}

TEST_CASE("process metrics: all six, plausible") {
  Snapshot snapshot;
  CollectProcess(snapshot);
  REQUIRE(snapshot.families.size() == 6);
  for (const FamilySnapshot& family : snapshot.families) {
    CAPTURE(family.header->name);
    CHECK(family.values.at(0) > 0);
  }
  CHECK(snapshot.families[1].values[0] <= snapshot.families[2].values[0]);
  CHECK(snapshot.families[5].values[0] > 1.6e9);
}

TEST_CASE("process metrics: a folder is listed once in five seconds") {
  const test::TemporaryFolder folder;
  FolderCount files(folder.path());
  const std::chrono::steady_clock::time_point begin{std::chrono::hours(1)};
  CHECK(files.Count(begin) == 0.0);
  folder.Write("a", "");
  folder.Write("b", "");
  CHECK(files.Count(begin + FolderCount::kAge - std::chrono::nanoseconds(1)) == 0.0);
  CHECK(files.Count(begin + FolderCount::kAge) == 2.0);
  FolderCount missing(folder.path() + "/none");
  CHECK(missing.Count(begin) == std::nullopt);
}

}  // namespace
}  // namespace fleet
