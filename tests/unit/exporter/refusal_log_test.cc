#include "exporter/refusal_log.h"

#include <catch2/catch.hpp>

#include "tests/unit/exporter/fleet/fleet_fixture.h"

namespace fleet {
namespace {

using Lines = std::vector<RefusalLine>;

TEST_CASE("what limits refuse is said at most once a minute, with how often") {
  FleetLimits limits;
  limits.max_worker_series = 1;
  test::FleetFixture fleet(limits);
  RefusalLog log("fleet");
  const auto look = [&](double at) {
    Snapshot snapshot;
    fleet.fleet().Collect(test::FleetFixture::At(at), snapshot);
    return log.Look(snapshot, test::FleetFixture::At(at));
  };
  const auto beat = [&](const char* id) {
    fleet.Send("worker.heartbeat", {{"worker_id", id}, {"worker_type", "sandbox"}});
  };
  const auto line = [](std::int64_t series) {
    return Lines{{"Series refused, the group of metrics is full", "group", "workers", series}};
  };
  beat("w1");
  CHECK(look(0) == Lines{});
  beat("w2");
  CHECK(look(1) == line(7));
  beat("w3");
  beat("w4");
  CHECK(look(60) == Lines{});  // 59 s after the last line
  CHECK(look(61) == line(14));
  CHECK(look(300) == Lines{});
}

TEST_CASE("a label that reached its bound is said by name") {
  test::FleetFixture fleet;
  RefusalLog log("fleet");
  for (int i = 0; i < 7; ++i) {
    fleet.Send("broker.state", {{"broker", "b" + std::to_string(i)}, {"up", true}});
  }
  Snapshot snapshot;
  fleet.fleet().Collect(test::FleetFixture::At(0), snapshot);
  CHECK(log.Look(snapshot, test::FleetFixture::At(0)) ==
        Lines{{"Label values exported as other, the label has reached its bound", "label", "broker", 2}});
}

}  // namespace
}  // namespace fleet
