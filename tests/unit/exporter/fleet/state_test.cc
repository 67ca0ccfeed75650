// State that is told by events and kept in no entity: queues, pools, components, backups.
#include <catch2/catch.hpp>

#include "tests/unit/exporter/fleet/fleet_fixture.h"

using fleet::test::FleetFixture;
using fleet::test::Lines;

TEST_CASE("the depth of a queue is told as a whole, by priority or by message type") {
  FleetFixture fleet;
  fleet.Send("queue.state", {{"queue", "q"}, {"depth", 9}});
  fleet.Send("queue.state", {{"queue", "q"}, {"depth", 4}, {"priority", "high"}});
  fleet.Send("queue.state", {{"queue", "q"}, {"depth", 5}, {"message_type", "mail"}});
  CHECK(fleet.Changes(0.0) == Lines{R"(queue_depth{queue="q",priority="high"} 4)",
                                    R"(queue_depth{queue="q",priority="none"} 9)",
                                    R"(queue_message_type_depth{queue="q",message_type="mail"} 5)"});
}

TEST_CASE("an empty queue has no oldest message") {
  FleetFixture fleet;
  constexpr auto kOldest = R"(queue_oldest_message_timestamp_seconds{queue="q"})";
  fleet.Send("queue.state", {{"queue", "q"}, {"depth", 1}, {"oldest_time", FleetFixture::At(0)}}, 1);
  CHECK(fleet.Value(kOldest, 1) == "1700000000");
  fleet.Send("queue.state", {{"queue", "q"}, {"depth", 0}, {"priority", "low"}}, 2);
  CHECK(fleet.Value(kOldest, 2) == "1700000000");
  fleet.Send("queue.state", {{"queue", "q"}, {"depth", 0}}, 3);
  CHECK(fleet.Value(kOldest, 3) == "absent");
}

TEST_CASE("state older than what is known is ignored, state nobody repeats is forgotten") {
  FleetFixture fleet;
  fleet.Send("queue.state", {{"queue", "q"}, {"consumers", 3}}, 100);
  fleet.Send("queue.state", {{"queue", "q"}, {"consumers", 1}}, 50);
  CHECK(fleet.Value(R"(queue_consumers{queue="q"})", 100) == "3");
  CHECK(fleet.Value(R"(queue_consumers{queue="q"})", 86500) == "3");
  CHECK(fleet.Value(R"(queue_consumers{queue="q"})", 86501) == "absent");
  CHECK(fleet.Value(R"(queue_messages_enqueued_total{queue="q"})", 86501) == "0");
}

TEST_CASE("what happened last is shown however long ago") {
  FleetFixture fleet;
  fleet.Send("backup.finished", {{"target", "kv"}, {"ok", true}, {"size_bytes", 5}});
  fleet.Send("sandbox.cleanup", {{"ok", true}});
  CHECK(fleet.Value(R"(backup_last_success_timestamp_seconds{target="kv"})", 1e7) == "1700000000");
  CHECK(fleet.Value(R"(backup_last_size_bytes{target="kv"})", 1e7) == "5");
  CHECK(fleet.Value("sandbox_cleanup_last_success_timestamp_seconds", 1e7) == "1700000000");
}

TEST_CASE("a failed backup is an attempt and no success") {
  FleetFixture fleet;
  fleet.Send("backup.finished", {{"target", "kv"}, {"ok", true}, {"size_bytes", 5}}, 0);
  fleet.Changes(0.0);
  fleet.Send("backup.finished", {{"target", "kv"}, {"ok", false}, {"size_bytes", 1}}, 10);
  CHECK(fleet.Changes(10) == Lines{R"(backup_failures_total{target="kv"} 1)",
                                   R"(backup_last_attempt_timestamp_seconds{target="kv"} 1700000010)",
                                   R"(backup_runs_total{target="kv"} 2)"});
}

TEST_CASE("failed verifications, restores and cleanups are counted") {
  FleetFixture fleet;
  fleet.Send("backup.verified", {{"target", "kv"}, {"ok", false}});
  fleet.Send("restore.finished", {{"target", "kv"}, {"ok", false}, {"duration_seconds", 1}});
  fleet.Send("sandbox.cleanup", {{"ok", false}});
  CHECK(fleet.Changes(0.0) == Lines{R"(backup_verification_failures_total{target="kv"} 1)",
                                    R"(backup_verifications_total{target="kv"} 1)",
                                    R"(restore_failures_total{target="kv"} 1)",
                                    R"(restore_runs_total{target="kv"} 1)",
                                    "sandbox_cleanup_failures_total 1", "sandbox_cleanup_runs_total 1"});
}

TEST_CASE("the oldest backup of a target is the oldest of all its retentions") {
  FleetFixture fleet;
  constexpr auto kOldest = R"(backup_oldest_timestamp_seconds{target="kv"})";
  const auto send = [&](const char* retention, double oldest) {
    fleet.Send("backup.inventory", {{"target", "kv"},
                                    {"retention", retention},
                                    {"stored", 1},
                                    {"oldest_time", FleetFixture::At(oldest)}});
  };
  send("monthly", -500);
  send("daily", -100);
  CHECK(fleet.Value(kOldest, 0) == "1699999500");
  send("monthly", -50);
  CHECK(fleet.Value(kOldest, 0) == "1699999900");
}

TEST_CASE("totals of senders become one counter, through resets and late reports") {
  FleetFixture fleet;
  const auto send = [&](const char* source, double cpu_seconds, double at) {
    fleet.source = source;
    fleet.Send("agent.pool", {{"tier", "master"}, {"cpu_seconds", cpu_seconds}}, at);
    return fleet.Value(R"(agents_cpu_seconds_total{tier="master"})", at);
  };
  CHECK(send("a", 100, 0) == "100");
  CHECK(send("b", 50, 1) == "150");
  CHECK(send("a", 130, 2) == "180");
  CHECK(send("b", 5, 3) == "185");    // began again
  CHECK(send("a", 110, 1) == "185");  // late
}

TEST_CASE("the CPU time of a component is that of its senders") {
  FleetFixture fleet;
  fleet.Send("component.state", {{"component", "api"}, {"cpu_seconds", 5}}, 0);
  fleet.Send("component.state", {{"component", "api"}, {"cpu_seconds", 7}}, 1);
  CHECK(fleet.Value(R"(component_cpu_seconds_total{component="api"})", 1) == "7");
}

TEST_CASE("a new version of a component replaces the old one") {
  FleetFixture fleet;
  fleet.Send("component.state", {{"component", "api"}, {"version", "1"}}, 0);
  fleet.Changes(0.0);
  fleet.Send("component.state", {{"component", "api"}, {"version", "2"}}, 1);
  CHECK(fleet.Changes(1) == Lines{R"(component_info{component="api",version="2"} 1)",
                                  R"(gone: component_info{component="api",version="1"})"});
  fleet.Send("component.state", {{"component", "api"}, {"version", "1"}}, 0.5);
  CHECK(fleet.Changes(1).empty());
}

TEST_CASE("a ratio is at most one") {
  FleetFixture fleet;
  fleet.Send("sync.progress", {{"sync", "s"}, {"ratio", 1.5}});
  CHECK(fleet.Value(R"(sync_progress_ratio{sync="s"})", 0) == "1");
}

TEST_CASE("a sampled slow call weighs as many, and leaves its trace") {
  FleetFixture fleet;
  fleet.Send("api.call", {{"api", "github"}, {"duration_seconds", 3}, {"weight", 10}, {"trace_id", "abc"}});
  CHECK(fleet.Value(R"(external_api_request_duration_seconds{api="github"})", 0) == "count 10 sum 30");
  CHECK(fleet.Value(R"(external_api_requests_total{api="github",code="none"})", 0) == "1");
}
