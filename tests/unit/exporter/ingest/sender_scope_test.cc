#include "exporter/ingest/sender_scope.h"

#include <catch2/catch.hpp>
#include <string>

#include "exporter/ingest/ingest.h"
#include "exporter/self_metrics.h"
#include "exporter/store/memory_store.h"
#include "tests/support/manual_clock.h"
#include "tests/unit/exporter/fleet/fleet_fixture.h"

namespace fleet {
namespace {

struct Rig {
  test::ManualClock clock{test::FleetFixture::kStart};
  Fleet fleet{"fleet", {}};
  MemoryStore store;
  SelfMetrics metrics{"fleet"};
  Ingest ingest{fleet, store, clock, {}, metrics};

  std::string Send(const std::string& source, const std::string& type, const std::string& data,
                   const SenderScope& scope) {
    const std::string event = R"({"specversion":"1.0","id":"1","source":")" + source + R"(","type":"fleet.)" +
                              type + R"(","data":)" + data + "}";
    return ingest.Accept(BodyFormat::kCloudEvent, event, &scope).ToJson();
  }
};

const SenderScope kScope{{"sandbox"}, {"sbx-", "box-"}, {"ci/a"}};
constexpr char kAccepted[] = R"({"accepted":1,"duplicates":0,"rejected":[]})";

std::string Refusal(const std::string& reason) {
  return R"({"accepted":0,"duplicates":0,"rejected":[{"index":0,"reason":")" + reason + R"("}]})";
}

TEST_CASE("a bound sender speaks of its own and of nobody else") {
  Rig rig;
  const std::string own = R"({"worker_id":"box-1","worker_type":"sandbox"})";
  CHECK(rig.Send("ci/b", "worker.heartbeat", own, kScope) == Refusal("source: not one of this sender's"));
  CHECK(rig.Send("ci/a", "worker.heartbeat", R"({"worker_id":"box-1","worker_type":"builder"})", kScope) ==
        Refusal("data.worker_type: not one of this sender's"));
  CHECK(rig.Send("ci/a", "worker.heartbeat", R"({"worker_id":"x-box-1","worker_type":"sandbox"})", kScope) ==
        Refusal("data.worker_id: not one of this sender's"));
  CHECK(rig.Send("ci/a", "runner.heartbeat", R"({"runner_id":"r","pool":"p"})", kScope) ==
        Refusal("data.runner_id: not one of this sender's"));
  CHECK(rig.Send("ci/a", "sandbox.activity", R"({"sandbox_id":"r"})", kScope) ==
        Refusal("data.sandbox_id: not one of this sender's"));
  // None of them has claimed the id.
  CHECK(rig.Send("ci/a", "worker.heartbeat", own, kScope) == kAccepted);
}

TEST_CASE("what names no id is everyone's, and an unbound sender may say anything") {
  Rig rig;
  CHECK(rig.Send("ci/a", "queue.enqueued", R"({"queue":"q"})", kScope) == kAccepted);
  CHECK(rig.Send("any", "worker.heartbeat", R"({"worker_id":"w","worker_type":"builder"})", {}) == kAccepted);
}

TEST_CASE("the heartbeat shortcut is bound as well") {
  Rig rig;
  CHECK(rig.ingest.AcceptHeartbeat("sandbox", "sbx-1", "", &kScope).ToJson() == kAccepted);
  CHECK(rig.ingest.AcceptHeartbeat("sandbox", "other", "", &kScope).ToJson() ==
        Refusal("data.worker_id: not one of this sender's"));
  CHECK(rig.ingest.AcceptHeartbeat("runner", "other", "", &kScope).ToJson() ==
        Refusal("data.runner_id: not one of this sender's"));
}

}  // namespace
}  // namespace fleet
