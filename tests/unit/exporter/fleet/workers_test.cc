#include "exporter/fleet/workers.h"

#include <catch2/catch.hpp>

#include "tests/unit/exporter/fleet/fleet_fixture.h"

using fleet::FleetLimits;
using fleet::test::FleetFixture;
using fleet::test::Lines;
using fleet::test::SentField;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

std::string WorkerBeat(FleetFixture& fleet, const std::string& id, double at,
                       std::vector<SentField> more = {}) {
  more.insert(more.begin(), {{"worker_id", id}, {"worker_type", "sandbox"}});
  return fleet.Send("worker.heartbeat", more, at);
}

// healthy, stale, down.
std::string WorkerStates(FleetFixture& fleet, double at) {
  const auto page = fleet.Page(at);
  std::string states;
  for (const char* state : {"healthy", "stale", "down"}) {
    states += page.at("workers{worker_type=\"sandbox\",state=\"" + std::string(state) + "\"}") + " ";
  }
  return states;
}

constexpr const char* kIntervals = R"(worker_heartbeat_interval_seconds{worker_type="sandbox"})";

}  // namespace

TEST_CASE("a worker is healthy, then stale, then down, by the age of its heartbeat") {
  FleetFixture fleet;
  WorkerBeat(fleet, "w", 0);
  CHECK(WorkerStates(fleet, 300) == "1 0 0 ");
  CHECK(WorkerStates(fleet, 300.001) == "0 1 0 ");
  CHECK(WorkerStates(fleet, 900) == "0 1 0 ");
  CHECK(WorkerStates(fleet, 900.001) == "0 0 1 ");
  WorkerBeat(fleet, "w", 1000);
  CHECK(WorkerStates(fleet, 1000) == "1 0 0 ");
}

TEST_CASE("a worker type may have limits of its own") {
  FleetLimits limits;
  limits.by_type["sandbox"] = {seconds(2), seconds(4)};
  FleetFixture fleet(limits);
  WorkerBeat(fleet, "w", 0);
  CHECK(WorkerStates(fleet, 3) == "0 1 0 ");
  CHECK(WorkerStates(fleet, 5) == "0 0 1 ");
  CHECK(fleet.Value(R"(worker_heartbeat_timeout_seconds{worker_type="sandbox",state="stale"})", 5) == "2");
  CHECK(fleet.Value(R"(worker_heartbeat_timeout_seconds{worker_type="sandbox",state="down"})", 5) == "4");
}

TEST_CASE("a worker that stopped is not down, one that crashed is at once") {
  FleetFixture fleet;
  WorkerBeat(fleet, "stopped", 0);
  WorkerBeat(fleet, "crashed", 0);
  fleet.Send("worker.stopped", {{"worker_id", "stopped"}, {"worker_type", "sandbox"}}, 1);
  fleet.Send("worker.crashed", {{"worker_id", "crashed"}, {"worker_type", "sandbox"}}, 1);
  CHECK(WorkerStates(fleet, 2) == "0 0 1 ");
  CHECK(fleet.Value(R"(workers_processes{worker_type="sandbox",state="stopped"})", 2) == "1");
  WorkerBeat(fleet, "stopped", 3);
  WorkerBeat(fleet, "crashed", 3);
  CHECK(WorkerStates(fleet, 3) == "2 0 0 ");
}

TEST_CASE("a heartbeat may say that the process is stopped") {
  FleetFixture fleet;
  WorkerBeat(fleet, "w", 0, {{"process_state", "stopped"}});
  CHECK(WorkerStates(fleet, 0) == "0 0 0 ");
}

TEST_CASE("intervals are those between heartbeats of one worker") {
  FleetFixture fleet;
  WorkerBeat(fleet, "a", 0);
  WorkerBeat(fleet, "b", 5);
  WorkerBeat(fleet, "a", 30);
  WorkerBeat(fleet, "b", 45);
  CHECK(fleet.Value(kIntervals, 50) == "count 2 sum 70");
}

TEST_CASE("a late heartbeat counts and moves nothing back") {
  FleetFixture fleet;
  WorkerBeat(fleet, "w", 100, {{"active_tasks", 5}});
  fleet.Changes(100);
  WorkerBeat(fleet, "w", 40, {{"active_tasks", 1}, {"process_state", "stopped"}});
  CHECK(fleet.Changes(100) == Lines{R"(worker_heartbeats_total{worker_type="sandbox"} 2)"});
}

TEST_CASE("a time more than five minutes ahead is taken as the time of arrival") {
  FleetFixture fleet;
  const std::vector<SentField> worker = {{"worker_id", "w"}, {"worker_type", "sandbox"}};
  fleet.Send("worker.heartbeat", worker, /*at=*/290, /*received=*/0);
  constexpr auto kLast = R"(worker_last_heartbeat_timestamp_seconds{worker_id="w",worker_type="sandbox"})";
  CHECK(fleet.Value(kLast, 0) == "1700000290");
  fleet.Send("worker.heartbeat", worker, /*at=*/4000, /*received=*/300);
  CHECK(fleet.Value(kLast, 300) == "1700000300");
}

TEST_CASE("a later start time is a restart, jitter is not") {
  FleetFixture fleet;
  WorkerBeat(fleet, "w", 0, {{"start_time", FleetFixture::At(-100)}});
  WorkerBeat(fleet, "w", 1, {{"start_time", FleetFixture::At(-99.5)}});
  WorkerBeat(fleet, "w", 2);
  CHECK(fleet.Value(R"(worker_restarts_total{worker_type="sandbox"})", 2) == "0");
  WorkerBeat(fleet, "w", 30, {{"start_time", FleetFixture::At(20)}});
  CHECK(fleet.Value(R"(worker_restarts_total{worker_type="sandbox"})", 30) == "1");
}

TEST_CASE("a deployment replaces the info series of its workers") {
  FleetFixture fleet;
  WorkerBeat(fleet, "w", 0, {{"version", "1"}, {"host", "h"}});
  fleet.Changes(0.0);
  WorkerBeat(fleet, "w", 0, {{"version", "2"}});
  CHECK(fleet.Changes(0.0) ==
        Lines{R"(worker_heartbeats_total{worker_type="sandbox"} 2)",
              R"(worker_info{worker_id="w",worker_type="sandbox",version="2",host="h"} 1)",
              R"(gone: worker_info{worker_id="w",worker_type="sandbox",version="1",host="h"})"});
}

TEST_CASE("the same id under two types is two workers") {
  FleetFixture fleet;
  WorkerBeat(fleet, "w", 0);
  fleet.Send("worker.heartbeat", {{"worker_id", "w"}, {"worker_type", "orchestrator"}, {"active_tasks", 2}});
  CHECK(fleet.Value(R"(workers{worker_type="sandbox",state="healthy"})", 0) == "1");
  CHECK(fleet.Value(R"(workers{worker_type="orchestrator",state="healthy"})", 0) == "1");
  CHECK(fleet.Value(R"(worker_active_tasks{worker_id="w",worker_type="orchestrator"})", 0) == "2");
}

TEST_CASE("a worker unheard of for the retention is forgotten, its type is not") {
  FleetFixture fleet;
  WorkerBeat(fleet, "w", 0);
  fleet.Changes(86400);
  const Lines changes = fleet.Changes(86400.001);
  CHECK(changes ==
        Lines{R"(exporter_series_expired_total{group="workers"} 3)", R"(exporter_series{group="workers"} 0)",
              R"(workers_processes{worker_type="sandbox",state="running"} 0)",
              R"(workers{worker_type="sandbox",state="down"} 0)",
              R"(gone: worker_active_tasks{worker_id="w",worker_type="sandbox"})",
              R"(gone: worker_last_event_timestamp_seconds{worker_id="w",worker_type="sandbox"})",
              R"(gone: worker_last_heartbeat_timestamp_seconds{worker_id="w",worker_type="sandbox"})",
              R"(gone: workers_oldest_heartbeat_timestamp_seconds{worker_type="sandbox"})"});
}

TEST_CASE("series of workers are capped first come, first served, aggregates are not") {
  FleetLimits limits;
  limits.max_worker_series = 2;
  FleetFixture fleet(limits);
  for (const char* id : {"a", "b", "c", "c", "c"}) WorkerBeat(fleet, id, 0, {{"active_tasks", 1}});
  CHECK(WorkerStates(fleet, 0) == "3 0 0 ");
  CHECK(fleet.Value(R"(workers_active_tasks{worker_type="sandbox"})", 0) == "3");
  CHECK(fleet.Value(R"(worker_active_tasks{worker_id="b",worker_type="sandbox"})", 0) == "1");
  CHECK(fleet.Value(R"(worker_active_tasks{worker_id="c",worker_type="sandbox"})", 0) == "absent");
  CHECK(fleet.Value(R"(exporter_series_dropped_total{group="workers"})", 0) == "7");
  CHECK(fleet.Value(R"(exporter_series_limit{group="workers"})", 0) == "14");
  CHECK(fleet.Value(R"(exporter_series{group="workers"})", 0) == "6");

  WorkerBeat(fleet, "c", 86000);  // a and b expire, c may take their place
  fleet.Page(87000);
  WorkerBeat(fleet, "c", 87000, {{"active_tasks", 4}});
  CHECK(fleet.Value(R"(worker_active_tasks{worker_id="c",worker_type="sandbox"})", 87000) == "4");
}

TEST_CASE("series of workers can be switched off, also later") {
  FleetLimits limits;
  FleetFixture fleet(limits);
  WorkerBeat(fleet, "a", 0);
  limits.max_worker_series = 0;
  fleet.fleet().SetLimits(limits);
  WorkerBeat(fleet, "b", 0);
  CHECK(fleet.Value(R"(exporter_series{group="workers"})", 0) == "0");
  CHECK(fleet.Value(R"(exporter_series_dropped_total{group="workers"})", 0) == "0");
  CHECK(WorkerStates(fleet, 0) == "2 0 0 ");
}

TEST_CASE("workers beyond the limit of entities are refused with a reason") {
  FleetLimits limits;
  limits.max_entities = 2;
  FleetFixture fleet(limits);
  CHECK(WorkerBeat(fleet, "a", 0) == "");
  CHECK(WorkerBeat(fleet, "b", 0) == "");
  CHECK(WorkerBeat(fleet, "c", 0) == "2 workers are known, which is the limit; no new ones are taken");
  CHECK(WorkerBeat(fleet, "a", 1) == "");
  CHECK(WorkerStates(fleet, 1) == "2 0 0 ");
}

TEST_CASE("worker types beyond their bound are folded") {
  FleetFixture fleet;
  for (int i = 0; i < 8; ++i) {
    fleet.Send("worker.heartbeat", {{"worker_id", "w"}, {"worker_type", "type-" + std::to_string(i)}});
  }
  CHECK(fleet.Value(R"(worker_heartbeats_total{worker_type="type-5"})", 0) == "1");
  CHECK(fleet.Value(R"(worker_heartbeats_total{worker_type="other"})", 0) == "2");
  CHECK(fleet.Value(R"(exporter_label_values_folded_total{label="worker_type"})", 0) == "2");
}
