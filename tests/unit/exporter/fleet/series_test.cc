#include "exporter/fleet/series.h"

#include <catch2/catch.hpp>
#include <map>
#include <random>

using fleet::FamilySnapshot;
using fleet::Observation;
using fleet::Series;
using fleet::Snapshot;
using fleet::UnixMillis;
using fleet::ValuesPerSeries;

namespace {

using Lines = std::vector<std::string>;

std::string Print(const FamilySnapshot& family, std::size_t i) {
  std::string line((*family.labels)[i]);
  for (std::size_t k = 0; k < ValuesPerSeries(*family.header); ++k) {
    line += " " + std::to_string(family.values[i * ValuesPerSeries(*family.header) + k]);
    line.erase(line.find_last_not_of('0') + 1);
    if (line.ends_with('.')) line.pop_back();
  }
  return line;
}

const FamilySnapshot* Find(const Snapshot& snapshot, std::string_view name) {
  for (const FamilySnapshot& family : snapshot.families) {
    if (family.header->name == name) return &family;
  }
  return nullptr;
}

Snapshot Collect(Series& series) {
  Snapshot snapshot;
  series.Collect(snapshot);
  return snapshot;
}

Lines LinesOf(Series& series, std::string_view name) {
  const Snapshot snapshot = Collect(series);
  const FamilySnapshot* const family = Find(snapshot, name);
  Lines lines;
  for (std::size_t i = 0; family != nullptr && i < family->labels->size(); ++i) {
    lines.push_back(Print(*family, i));
  }
  return lines;
}

}  // namespace

TEST_CASE("families come in the order of the catalog, with the namespace") {
  Series series("acme");
  series.Set<"queue_consumers">(1, "q");
  series.Count<"runs_created_total">(1);
  std::vector<std::string> names;
  for (const FamilySnapshot& family : Collect(series).families) names.push_back(family.header->name);
  std::size_t last = 0;
  for (const std::string& name : names) {
    REQUIRE(name.starts_with("acme_"));
    const auto* const def = fleet::catalog::Find(name.substr(5));
    REQUIRE(def != nullptr);
    const auto row = static_cast<std::size_t>(def - std::begin(fleet::catalog::kMetrics));
    CHECK(row >= last);
    last = row;
  }
  CHECK(std::ranges::count(names, "acme_queue_consumers") == 1);
}

TEST_CASE("series whose labels are all closed are there from the start") {
  Series series("fleet");
  CHECK(LinesOf(series, "fleet_runs") ==
        Lines{R"(state="pending" 0)", R"(state="assigned" 0)", R"(state="running" 0)"});
  CHECK(LinesOf(series, "fleet_runs_created_total") == Lines{" 0"});
  CHECK(LinesOf(series, "fleet_run_queue_duration_seconds").size() == 1);
}

TEST_CASE("points in time are absent until told") {
  Series series("fleet");
  CHECK(LinesOf(series, "fleet_runs_oldest_pending_timestamp_seconds").empty());
  CHECK(LinesOf(series, "fleet_tasks_oldest_state_change_timestamp_seconds").empty());
  series.Set<"tasks_oldest_state_change_timestamp_seconds">(5, "running");
  CHECK(LinesOf(series, "fleet_tasks_oldest_state_change_timestamp_seconds") ==
        Lines{R"(state="running" 5)"});
  series.Remove<"tasks_oldest_state_change_timestamp_seconds">("running");
  CHECK(LinesOf(series, "fleet_tasks_oldest_state_change_timestamp_seconds").empty());
}

TEST_CASE("a new open value brings all values of the closed labels") {
  Series series("fleet");
  series.Count<"queue_messages_processed_total">(3, "q", "dead_lettered");
  CHECK(LinesOf(series, "fleet_queue_messages_processed_total") ==
        Lines{R"(queue="q",outcome="succeeded" 0)", R"(queue="q",outcome="retried" 0)",
              R"(queue="q",outcome="dead_lettered" 3)", R"(queue="q",outcome="discarded" 0)"});
}

TEST_CASE("a new open value brings the counts that depend on it alone, but no amounts") {
  Series series("fleet");
  series.SetState<"queue_consumers">({1}, 2, "q");
  CHECK(LinesOf(series, "fleet_queue_messages_enqueued_total") == Lines{R"(queue="q" 0)"});
  CHECK(LinesOf(series, "fleet_queue_message_errors_total").size() == 3);
  CHECK(LinesOf(series, "fleet_queue_wait_duration_seconds").empty());
  series.Count<"agents_started_total">(1, "master");
  CHECK(LinesOf(series, "fleet_agents_cpu_seconds_total").empty());
}

TEST_CASE("series are sorted by their values from left to right, closed sets in declared order") {
  Series series("fleet");
  series.Count<"errors_total">(1, "b", "info", "x");
  series.Count<"errors_total">(2, "a", "warning", "y");
  series.Count<"errors_total">(3, "a b", "critical", "x");
  series.Count<"errors_total">(4, "a", "critical", "x");
  const Lines lines = LinesOf(series, "fleet_errors_total");
  REQUIRE(lines.size() == 12);
  CHECK(lines[0] == R"(component="a",severity="critical",category="x" 4)");
  CHECK(lines[1] == R"(component="a",severity="critical",category="y" 0)");
  CHECK(lines[2] == R"(component="a",severity="warning",category="x" 0)");
  CHECK(lines[3] == R"(component="a",severity="warning",category="y" 2)");
  CHECK(lines[6] == R"(component="a b",severity="critical",category="x" 3)");
  CHECK(lines[11] == R"(component="b",severity="info",category="x" 1)");
}

TEST_CASE("methods appear only when seen") {
  Series series("fleet");
  series.Count<"http_requests_total">(1, "c", "/b", "POST", "200");
  series.Count<"http_requests_total">(1, "c", "/a", "BREW", "418");
  series.Count<"http_requests_total">(1, "c", "/b", "GET", "200");
  CHECK(LinesOf(series, "fleet_http_requests_total") ==
        Lines{R"(component="c",endpoint="/a",method="other",code="418" 1)",
              R"(component="c",endpoint="/b",method="GET",code="200" 1)",
              R"(component="c",endpoint="/b",method="POST",code="200" 1)"});
}

TEST_CASE("label texts are escaped once, when the series is born") {
  Series series("fleet");
  series.Count<"runs_executed_total">(1, "a\"b\\c\nd");
  CHECK(LinesOf(series, "fleet_runs_executed_total") == Lines{R"(pool="a\"b\\c\nd" 1)"});
}

TEST_CASE("histograms keep the count of each bucket by itself, and the sum") {
  Series series("fleet");
  series.Observe<"event_size_bytes">({.value = 128, .weight = 1});
  series.Observe<"event_size_bytes">({.value = 129, .weight = 10});
  series.Observe<"event_size_bytes">({.value = 1e9, .weight = 1});
  CHECK(LinesOf(series, "fleet_event_size_bytes") == Lines{" 1 10 0 0 0 0 0 0 1 1000001418"});
}

TEST_CASE("exemplars are the last trace of each bucket, in the order of the series") {
  Series series("fleet");
  series.Observe<"agent_startup_duration_seconds">({5, 1, "first", {1}}, "b");
  series.Observe<"agent_startup_duration_seconds">({5, 1, "second", {2}}, "b");
  series.Observe<"agent_startup_duration_seconds">({99, 1, "slow", {3}}, "a");
  series.Observe<"agent_startup_duration_seconds">({0.5, 1, "", {4}}, "a");
  const Snapshot snapshot = Collect(series);
  const FamilySnapshot* const family = Find(snapshot, "fleet_agent_startup_duration_seconds");
  REQUIRE(family != nullptr);
  REQUIRE(family->exemplars.size() == 2);
  CHECK(family->exemplars[0].series == 0);
  CHECK(family->exemplars[0].bucket == family->header->bounds.size());
  CHECK(family->exemplars[0].trace_id == "slow");
  CHECK(family->exemplars[1].series == 1);
  CHECK(family->header->bounds[family->exemplars[1].bucket] == 5);
  CHECK(family->exemplars[1].trace_id == "second");
  CHECK(family->exemplars[1].time.value == 2);
}

TEST_CASE("values beyond the bound of their label are folded into other and counted") {
  Series series("fleet");
  for (int i = 0; i < 7; ++i) series.Count<"broker_publishes_total">(1, "broker-" + std::to_string(i));
  series.Count<"broker_publishes_total">(1, "broker-6");
  series.Count<"broker_publishes_total">(1, "broker-0");
  CHECK(LinesOf(series, "fleet_broker_publishes_total") ==
        Lines{R"(broker="broker-0" 2)", R"(broker="broker-1" 1)", R"(broker="broker-2" 1)",
              R"(broker="broker-3" 1)", R"(broker="broker-4" 1)", R"(broker="other" 3)"});
  CHECK(LinesOf(series, "fleet_exporter_label_values_folded_total") == Lines{R"(label="broker" 3)"});
}

TEST_CASE("a bound holds for the label over all metrics") {
  Series series("fleet");
  for (int i = 0; i < 5; ++i) series.Set<"broker_up">(1, "up-" + std::to_string(i));
  series.Count<"broker_publishes_total">(1, "another");
  CHECK(LinesOf(series, "fleet_broker_publishes_total").back() == R"(broker="up-4" 0)");
  CHECK(LinesOf(series, "fleet_broker_publishes_total").front() == R"(broker="other" 1)");
}

TEST_CASE("label texts are shared between collections until a series comes or goes") {
  Series series("fleet");
  series.SetState<"queue_consumers">({1}, 1, "a");
  const auto labels = [&] { return Find(Collect(series), "fleet_queue_consumers")->labels; };
  const auto first = labels();
  series.SetState<"queue_consumers">({2}, 2, "a");
  CHECK(labels() == first);
  series.SetState<"queue_consumers">({2}, 2, "b");
  CHECK(labels() != first);
  CHECK(first->size() == 1);
}

TEST_CASE("what was told about a later moment is not replaced by an earlier one") {
  Series series("fleet");
  series.SetState<"queue_consumers">({10}, 1, "q");
  series.SetState<"queue_consumers">({9}, 2, "q");
  CHECK(LinesOf(series, "fleet_queue_consumers") == Lines{R"(queue="q" 1)"});
  series.SetState<"queue_consumers">({10}, 3, "q");
  CHECK(LinesOf(series, "fleet_queue_consumers") == Lines{R"(queue="q" 3)"});
}

TEST_CASE("state that is not told again is forgotten, with all of its closed values") {
  Series series("fleet");
  series.SetState<"queue_depth">({10}, 5, "old", "high");
  series.SetState<"queue_depth">({20}, 5, "new", "high");
  series.SetLasting<"backup_last_size_bytes">({10}, 5, "kv");
  series.Expire({15});
  CHECK(LinesOf(series, "fleet_queue_depth").size() == 5);
  CHECK(LinesOf(series, "fleet_queue_depth")[1] == R"(queue="new",priority="high" 5)");
  CHECK(LinesOf(series, "fleet_backup_last_size_bytes").size() == 1);
  series.SetState<"queue_depth">({16}, 7, "old", "low");
  CHECK(LinesOf(series, "fleet_queue_depth").size() == 10);
}

TEST_CASE("a removed series frees the values that only it carried") {
  Series series("fleet");
  for (int i = 0; i < 500; ++i) {
    const std::string version = "1." + std::to_string(i);
    series.SetState<"component_info">({i + 1}, 1, "api", version);
    if (i > 0) series.Remove<"component_info">("api", "1." + std::to_string(i - 1));
    series.Remove<"component_info">("api", "never there");
  }
  CHECK(LinesOf(series, "fleet_component_info") == Lines{R"(component="api",version="1.499" 1)"});
  CHECK(LinesOf(series, "fleet_exporter_label_values_folded_total").empty());
}

TEST_CASE("the page is that of a map, whatever came and went between collections") {
  std::mt19937 random(7);
  Series series("fleet");
  std::map<std::string, int> expected;
  for (int round = 0; round < 200; ++round) {
    for (int i = 0; i < 10; ++i) {
      const std::string id = "w" + std::to_string(random() % 40);
      if (random() % 3 == 0) {
        series.Remove<"worker_memory_bytes">(id, "sandbox");
        expected.erase(id);
      } else {
        const int value = static_cast<int>(random() % 1000);
        series.Set<"worker_memory_bytes">(value, id, "sandbox");
        expected[id] = value;
      }
    }
    Lines lines;
    for (const auto& [id, value] : expected) {
      lines.push_back("worker_id=\"" + id + "\",worker_type=\"sandbox\" " + std::to_string(value));
    }
    REQUIRE(LinesOf(series, "fleet_worker_memory_bytes") == lines);
  }
}
