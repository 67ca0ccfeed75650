#include "exporter/fleet/runners.h"

#include <catch2/catch.hpp>

#include "tests/unit/exporter/fleet/fleet_fixture.h"

using fleet::FleetLimits;
using fleet::test::FleetFixture;
using fleet::test::Lines;
using fleet::test::SentField;

namespace {

std::string RunnerBeat(FleetFixture& fleet, const std::string& id, double at,
                       std::vector<SentField> more = {}) {
  more.insert(more.begin(), {{"runner_id", id}, {"pool", "linux"}});
  return fleet.Send("runner.heartbeat", more, at);
}

// idle, busy, draining, offline.
std::string RunnerStates(FleetFixture& fleet, double at) {
  const auto page = fleet.Page(at);
  std::string states;
  for (const char* state : {"idle", "busy", "draining", "offline"}) {
    states += page.at("runners{pool=\"linux\",state=\"" + std::string(state) + "\"}") + " ";
  }
  return states;
}

}  // namespace

TEST_CASE("a runner is idle or busy by its slots unless it says otherwise") {
  FleetFixture fleet;
  RunnerBeat(fleet, "a", 0, {{"slots", 2}, {"slots_used", 0}});
  RunnerBeat(fleet, "b", 0, {{"slots", 2}, {"slots_used", 2}});
  RunnerBeat(fleet, "c", 0, {{"slots", 2}, {"active_runs", 1}});
  RunnerBeat(fleet, "d", 0, {{"slots", 2}, {"slots_used", 1}, {"state", "draining"}});
  CHECK(RunnerStates(fleet, 0) == "1 2 1 0 ");
  CHECK(fleet.Value(R"(runner_slots{pool="linux",state="free"})", 0) == "4");
  CHECK(fleet.Value(R"(runner_slots{pool="linux",state="used"})", 0) == "4");
}

TEST_CASE("a silent runner is offline and offers no slots") {
  FleetFixture fleet;
  RunnerBeat(fleet, "a", 0, {{"slots", 2}});
  CHECK(RunnerStates(fleet, 300) == "1 0 0 0 ");
  CHECK(RunnerStates(fleet, 300.001) == "0 0 0 1 ");
  CHECK(fleet.Value(R"(runner_slots{pool="linux",state="free"})", 301) == "0");
  RunnerBeat(fleet, "a", 400);
  CHECK(RunnerStates(fleet, 400) == "1 0 0 0 ");
}

TEST_CASE("a late heartbeat does not bring a runner back") {
  FleetFixture fleet;
  RunnerBeat(fleet, "a", 0);
  fleet.Send("runner.offline", {{"runner_id", "a"}}, 10);
  RunnerBeat(fleet, "a", 5, {{"state", "busy"}});
  CHECK(RunnerStates(fleet, 10) == "0 0 0 1 ");
  RunnerBeat(fleet, "a", 11);
  CHECK(RunnerStates(fleet, 11) == "1 0 0 0 ");
}

TEST_CASE("a runner that was never there cannot go offline") {
  FleetFixture fleet;
  CHECK(fleet.Send("runner.offline", {{"runner_id", "ghost"}}) == "");
  CHECK(fleet.Changes(0.0).empty());
}

TEST_CASE("a runner can move to another pool") {
  FleetFixture fleet;
  RunnerBeat(fleet, "a", 0);
  fleet.Send("runner.heartbeat", {{"runner_id", "a"}, {"pool", "arm"}}, 1);
  CHECK(RunnerStates(fleet, 1) == "0 0 0 0 ");
  CHECK(fleet.Value(R"(runners{pool="arm",state="idle"})", 1) == "1");
  CHECK(fleet.Value(R"(runner_info{runner_id="a",pool="linux",version="",os=""})", 1) == "absent");
  CHECK(fleet.Value(R"(runner_info{runner_id="a",pool="arm",version="",os=""})", 1) == "1");
}

TEST_CASE("a runner unheard of for the retention is forgotten with its series") {
  FleetFixture fleet;
  RunnerBeat(fleet, "a", 0);
  fleet.Changes(86400);
  CHECK(fleet.Changes(86401) ==
        Lines{R"(exporter_series_expired_total{group="runs"} 3)", R"(exporter_series{group="runs"} 0)",
              R"(runners{pool="linux",state="offline"} 0)", R"(gone: runner_active_runs{runner_id="a"})",
              R"(gone: runner_info{runner_id="a",pool="linux",version="",os=""})",
              R"(gone: runner_last_heartbeat_timestamp_seconds{runner_id="a"})"});
}

TEST_CASE("series of runners are capped, their states are not") {
  FleetLimits limits;
  limits.max_runner_series = 1;
  FleetFixture fleet(limits);
  RunnerBeat(fleet, "a", 0);
  RunnerBeat(fleet, "b", 0);
  CHECK(RunnerStates(fleet, 0) == "2 0 0 0 ");
  CHECK(fleet.Value(R"(runner_active_runs{runner_id="b"})", 0) == "absent");
  CHECK(fleet.Value(R"(exporter_series_dropped_total{group="runs"})", 0) == "3");
}

TEST_CASE("what is known of a runner changes with what it says, in one series") {
  FleetFixture fleet;
  RunnerBeat(fleet, "a", 0, {{"version", "1"}, {"os", "linux"}});
  RunnerBeat(fleet, "a", 1, {{"version", "1"}, {"os", "freebsd"}});
  CHECK(fleet.Value(R"(runner_info{runner_id="a",pool="linux",version="1",os="linux"})", 1) == "absent");
  CHECK(fleet.Value(R"(runner_info{runner_id="a",pool="linux",version="1",os="freebsd"})", 1) == "1");
  RunnerBeat(fleet, "a", 2, {{"version", "2"}, {"os", "freebsd"}});
  CHECK(fleet.Value(R"(runner_info{runner_id="a",pool="linux",version="1",os="freebsd"})", 2) == "absent");
  CHECK(fleet.Value(R"(runner_info{runner_id="a",pool="linux",version="2",os="freebsd"})", 2) == "1");
}

TEST_CASE("series of runners that were switched off come back with the next heartbeat") {
  FleetLimits limits;
  FleetFixture fleet(limits);
  RunnerBeat(fleet, "a", 0);
  limits.max_runner_series = 0;
  fleet.fleet().SetLimits(limits);
  CHECK(fleet.Value(R"(runner_active_runs{runner_id="a"})", 1) == "absent");
  limits.max_runner_series = 1;
  fleet.fleet().SetLimits(limits);
  RunnerBeat(fleet, "a", 2);
  CHECK(fleet.Value(R"(runner_active_runs{runner_id="a"})", 2) == "0");
  CHECK(fleet.Value(R"(exporter_series{group="runs"})", 2) == "3");
}
