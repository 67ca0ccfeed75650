#include "exporter/fleet/runs.h"

#include <catch2/catch.hpp>

#include "tests/unit/exporter/fleet/fleet_fixture.h"

using fleet::FleetLimits;
using fleet::test::FleetFixture;
using fleet::test::Lines;

namespace {

std::string SendRun(FleetFixture& fleet, const std::string& what, const std::string& id, double at) {
  return fleet.Send("run." + what, {{"run_id", id}}, at);
}

// pending, assigned, running.
std::string RunStates(FleetFixture& fleet, double at) {
  const auto page = fleet.Page(at);
  return page.at(R"(runs{state="pending"})") + " " + page.at(R"(runs{state="assigned"})") + " " +
         page.at(R"(runs{state="running"})");
}

}  // namespace

TEST_CASE("a run waits, is assigned, runs and ends") {
  FleetFixture fleet;
  SendRun(fleet, "created", "r", 0);
  CHECK(RunStates(fleet, 0) == "1 0 0");
  SendRun(fleet, "assigned", "r", 2);
  CHECK(RunStates(fleet, 2) == "0 1 0");
  SendRun(fleet, "started", "r", 3);
  CHECK(RunStates(fleet, 3) == "0 0 1");
  SendRun(fleet, "completed", "r", 13);
  CHECK(RunStates(fleet, 13) == "0 0 0");
  CHECK(fleet.Value("run_queue_duration_seconds", 13) == "count 1 sum 3");
  CHECK(fleet.Value(R"(run_duration_seconds{outcome="completed"})", 13) == "count 1 sum 10");
}

TEST_CASE("the oldest pending run is the one created first") {
  FleetFixture fleet;
  SendRun(fleet, "created", "b", 5);
  SendRun(fleet, "created", "a", 3);
  CHECK(fleet.Value("runs_oldest_pending_timestamp_seconds", 9) == "1700000003");
  SendRun(fleet, "started", "a", 9);
  CHECK(fleet.Value("runs_oldest_pending_timestamp_seconds", 9) == "1700000005");
  SendRun(fleet, "started", "b", 9);
  CHECK(fleet.Value("runs_oldest_pending_timestamp_seconds", 9) == "absent");
}

TEST_CASE("events of a run may come in any order") {
  FleetFixture fleet;
  SendRun(fleet, "completed", "r", 13);
  SendRun(fleet, "started", "r", 3);
  SendRun(fleet, "assigned", "r", 2);
  SendRun(fleet, "created", "r", 0);
  CHECK(RunStates(fleet, 13) == "0 0 0");
  CHECK(fleet.Value("runs_created_total", 13) == "1");
  CHECK(fleet.Value("run_queue_duration_seconds", 13) == "count 1 sum 3");
  CHECK(fleet.Value(R"(runs_finished_total{outcome="completed"})", 13) == "1");
}

TEST_CASE("a run ends once") {
  FleetFixture fleet;
  SendRun(fleet, "created", "r", 0);
  CHECK(SendRun(fleet, "completed", "r", 5) == "");
  CHECK(SendRun(fleet, "failed", "r", 6) == "run 'r' has ended before");
  CHECK(SendRun(fleet, "started", "r", 7) == "run 'r' has ended before");
  CHECK(fleet.Value(R"(runs_finished_total{outcome="failed"})", 7) == "0");
  CHECK(RunStates(fleet, 7) == "0 0 0");
}

TEST_CASE("a run may go to another runner") {
  FleetFixture fleet;
  SendRun(fleet, "started", "r", 1);
  CHECK(SendRun(fleet, "assigned", "r", 2) == "");
  CHECK(RunStates(fleet, 2) == "0 1 0");
}

TEST_CASE("ended runs make room before new ones are refused") {
  FleetLimits limits;
  limits.max_entities = 2;
  FleetFixture fleet(limits);
  SendRun(fleet, "created", "a", 0);
  SendRun(fleet, "completed", "b", 0);
  CHECK(SendRun(fleet, "created", "c", 1) == "");
  CHECK(SendRun(fleet, "created", "d", 1) == "2 runs are known, which is the limit; no new ones are taken");
  CHECK(RunStates(fleet, 1) == "2 0 0");
}

TEST_CASE("an unfinished run unheard of for the retention is forgotten") {
  FleetFixture fleet;
  SendRun(fleet, "created", "r", 0);
  CHECK(RunStates(fleet, 86400) == "1 0 0");
  CHECK(RunStates(fleet, 86401) == "0 0 0");
}
