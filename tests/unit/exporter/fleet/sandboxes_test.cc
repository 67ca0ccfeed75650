#include "exporter/fleet/sandboxes.h"

#include <catch2/catch.hpp>

#include "tests/unit/exporter/fleet/fleet_fixture.h"

using fleet::FleetLimits;
using fleet::test::FleetFixture;
using fleet::test::Lines;
using fleet::test::SentField;

namespace {

std::string SendSandbox(FleetFixture& fleet, const std::string& what, double at,
                        std::vector<SentField> more = {}, const std::string& id = "s") {
  more.insert(more.begin(), {{"sandbox_id", id}, {"sandbox_type", "docker"}});
  return fleet.Send("sandbox." + what, more, at);
}

// provisioning, running, stopped, terminating.
std::string SandboxStates(FleetFixture& fleet, double at) {
  const auto page = fleet.Page(at);
  std::string states;
  for (const char* state : {"provisioning", "running", "stopped", "terminating"}) {
    states += page.at("sandboxes{sandbox_type=\"docker\",state=\"" + std::string(state) + "\"}") + " ";
  }
  return states;
}

constexpr auto kRuntime = R"(sandboxes_runtime_seconds_total{sandbox_type="docker"})";
constexpr auto kZombies = R"(sandboxes_zombie{sandbox_type="docker"})";
constexpr auto kOrphans = R"(sandboxes_orphaned{sandbox_type="docker"})";
constexpr auto kMemoryLimit = R"(sandboxes_memory_limit_bytes{sandbox_type="docker"})";
constexpr auto kCpuLimit = R"(sandboxes_cpu_limit_cores{sandbox_type="docker"})";
constexpr auto kCpu = R"(sandboxes_cpu_usage_seconds_total{sandbox_type="docker"})";

}  // namespace

TEST_CASE("a sandbox is provisioned, runs, stops, terminates and is gone") {
  FleetFixture fleet;
  SendSandbox(fleet, "requested", 0);
  CHECK(SandboxStates(fleet, 0) == "1 0 0 0 ");
  SendSandbox(fleet, "ready", 2);
  CHECK(SandboxStates(fleet, 2) == "0 1 0 0 ");
  SendSandbox(fleet, "stopped", 10, {{"reason", "idle"}});
  CHECK(SandboxStates(fleet, 10) == "0 0 1 0 ");
  SendSandbox(fleet, "terminating", 20);
  CHECK(SandboxStates(fleet, 20) == "0 0 0 1 ");
  SendSandbox(fleet, "terminated", 30);
  CHECK(SandboxStates(fleet, 30) == "0 0 0 0 ");
  CHECK(fleet.Value(R"(sandbox_terminations_total{reason="idle"})", 30) == "1");
  CHECK(fleet.Value(R"(sandbox_lifetime_seconds{sandbox_type="docker"})", 30) == "count 1 sum 30");
  CHECK(fleet.Value(R"(sandbox_provision_duration_seconds{sandbox_type="docker"})", 30) == "count 1 sum 2");
}

TEST_CASE("a sandbox ends once, and late events do not bring it back") {
  FleetFixture fleet;
  SendSandbox(fleet, "ready", 0);
  SendSandbox(fleet, "terminated", 10);
  CHECK(SendSandbox(fleet, "terminated", 11) == "sandbox 's' has ended before");
  CHECK(SendSandbox(fleet, "activity", 5) == "");
  CHECK(SendSandbox(fleet, "activity", 15) == "");
  CHECK(SandboxStates(fleet, 20) == "0 0 0 0 ");
}

TEST_CASE("time counts while a sandbox exists and is not stopped, and never falls") {
  FleetFixture fleet;
  SendSandbox(fleet, "requested", 0, {}, "a");
  SendSandbox(fleet, "ready", 10, {}, "b");
  CHECK(fleet.Value(kRuntime, 20) == "30");
  CHECK(fleet.Value(kRuntime, 20) == "30");
  SendSandbox(fleet, "stopped", 15, {}, "a");  // late: five seconds too many are counted already
  CHECK(fleet.Value(kRuntime, 30) == "40");
  SendSandbox(fleet, "terminated", 40, {}, "b");
  CHECK(fleet.Value(kRuntime, 100) == "50");
  CHECK(fleet.Value(kRuntime, 5) == "50");
}

TEST_CASE("a running sandbox that sends nothing is a zombie") {
  FleetFixture fleet;
  SendSandbox(fleet, "ready", 0, {}, "a");
  SendSandbox(fleet, "ready", 0, {}, "b");
  SendSandbox(fleet, "stopped", 0, {}, "b");
  CHECK(fleet.Value(kZombies, 600) == "0");
  CHECK(fleet.Value(kZombies, 601) == "1");
  SendSandbox(fleet, "activity", 601, {}, "a");
  CHECK(fleet.Value(kZombies, 602) == "0");
}

TEST_CASE("a sandbox is an orphan when its task has ended or was forgotten") {
  FleetFixture fleet;
  SendSandbox(fleet, "requested", 0, {{"task_id", "t"}});
  CHECK(fleet.Value(kOrphans, 0) == "0");  // nobody ever spoke of the task
  fleet.Send("task.started", {{"task_id", "t"}}, 1);
  CHECK(fleet.Value(kOrphans, 1) == "0");
  fleet.Send("task.completed", {{"task_id", "t"}}, 2);
  CHECK(fleet.Value(kOrphans, 2) == "1");
  CHECK(fleet.Value(kOrphans, 10000) == "1");
}

TEST_CASE("usage adds up over sandboxes, ended ones included, through resets") {
  FleetFixture fleet;
  SendSandbox(fleet, "usage", 0, {{"cpu_seconds", 10}}, "a");
  SendSandbox(fleet, "usage", 0, {{"cpu_seconds", 5}}, "b");
  CHECK(fleet.Value(kCpu, 0) == "15");
  SendSandbox(fleet, "usage", 1, {{"cpu_seconds", 12}}, "a");
  CHECK(fleet.Value(kCpu, 1) == "17");
  SendSandbox(fleet, "usage", 2, {{"cpu_seconds", 1}}, "a");  // began again
  CHECK(fleet.Value(kCpu, 2) == "18");
  SendSandbox(fleet, "usage", 1.5, {{"cpu_seconds", 12.5}}, "a");  // late
  CHECK(fleet.Value(kCpu, 2) == "18");
  SendSandbox(fleet, "terminated", 3, {}, "a");
  CHECK(fleet.Value(kCpu, 3) == "18");
}

TEST_CASE("memory and disk are sums over the live") {
  FleetFixture fleet;
  SendSandbox(fleet, "usage", 0, {{"memory_bytes", 100}, {"disk_bytes", 7}}, "a");
  SendSandbox(fleet, "usage", 0, {{"memory_bytes", 50}}, "b");
  CHECK(fleet.Value(R"(sandboxes_memory_usage_bytes{sandbox_type="docker"})", 0) == "150");
  CHECK(fleet.Value(R"(sandboxes_disk_usage_bytes{sandbox_type="docker"})", 0) == "7");
  SendSandbox(fleet, "terminated", 1, {}, "a");
  CHECK(fleet.Value(R"(sandboxes_memory_usage_bytes{sandbox_type="docker"})", 1) == "50");
}

TEST_CASE("series of single sandboxes are off unless asked for") {
  FleetFixture fleet;
  SendSandbox(fleet, "ready", 0);
  CHECK(fleet.Value(R"(exporter_series{group="sandboxes"})", 0) == "0");
  CHECK(fleet.Value(R"(exporter_series_dropped_total{group="sandboxes"})", 0) == "0");
}

TEST_CASE("a sandbox has series of its own until it ends") {
  FleetLimits limits;
  limits.max_sandbox_series = 1;
  FleetFixture fleet(limits);
  SendSandbox(fleet, "requested", 0, {{"agent_type", "coder"}});
  fleet.Changes(0.0);
  SendSandbox(fleet, "usage", 1, {{"memory_bytes", 100}, {"cpu_seconds", 2}});
  CHECK(fleet.Changes(1) == Lines{R"(exporter_series{group="sandboxes"} 5)",
                                  R"(sandbox_cpu_usage_seconds_total{sandbox_id="s"} 2)",
                                  R"(sandbox_last_event_timestamp_seconds{sandbox_id="s"} 1700000001)",
                                  R"(sandbox_memory_usage_bytes{sandbox_id="s"} 100)",
                                  R"(sandboxes_cpu_usage_seconds_total{sandbox_type="docker"} 2)",
                                  R"(sandboxes_memory_usage_bytes{sandbox_type="docker"} 100)",
                                  R"(sandboxes_runtime_seconds_total{sandbox_type="docker"} 1)"});
  SendSandbox(fleet, "terminated", 2);
  CHECK(fleet.Value(R"(exporter_series{group="sandboxes"})", 2) == "0");
  SendSandbox(fleet, "ready", 3, {}, "another");
  CHECK(fleet.Value(R"(sandbox_info{sandbox_id="another",sandbox_type="docker",agent_type="unknown"})", 3) ==
        "1");
}

TEST_CASE("a sandbox of unknown type gets its type from the first event that tells") {
  FleetLimits limits;
  limits.max_sandbox_series = 1;
  FleetFixture fleet(limits);
  fleet.Send("sandbox.activity", {{"sandbox_id", "s"}}, 0);
  CHECK(fleet.Value(R"(sandboxes{sandbox_type="unknown",state="running"})", 0) == "1");
  SendSandbox(fleet, "usage", 1);
  CHECK(fleet.Value(R"(sandboxes{sandbox_type="unknown",state="running"})", 1) == "0");
  CHECK(SandboxStates(fleet, 1) == "0 1 0 0 ");
  CHECK(fleet.Value(R"(sandbox_info{sandbox_id="s",sandbox_type="unknown",agent_type="unknown"})", 1) ==
        "absent");
  CHECK(fleet.Value(R"(sandbox_info{sandbox_id="s",sandbox_type="docker",agent_type="unknown"})", 1) == "1");
}

TEST_CASE("limits are those of the sandboxes that live and have one") {
  FleetFixture fleet;
  SendSandbox(fleet, "ready", 0, {}, "a");
  SendSandbox(fleet, "ready", 0, {}, "b");
  SendSandbox(fleet, "constrained", 1, {{"memory_limit_bytes", 1000}, {"cpu_limit_cores", 2}}, "a");
  SendSandbox(fleet, "constrained", 1, {{"memory_limit_bytes", 0}, {"cpu_limit_cores", 0.5}}, "b");
  CHECK(fleet.Value(kMemoryLimit, 1) == "1000");
  CHECK(fleet.Value(kCpuLimit, 1) == "2.5");
  SendSandbox(fleet, "constrained", 2, {{"cpu_limit_cores", 1}}, "a");  // says nothing of memory
  CHECK(fleet.Value(kMemoryLimit, 2) == "1000");
  CHECK(fleet.Value(kCpuLimit, 2) == "1.5");
  SendSandbox(fleet, "constrained", 1, {{"cpu_limit_cores", 9}}, "a");  // is older
  CHECK(fleet.Value(kCpuLimit, 2) == "1.5");
  SendSandbox(fleet, "terminated", 3, {}, "a");
  CHECK(fleet.Value(kMemoryLimit, 3) == "absent");
  CHECK(fleet.Value(kCpuLimit, 3) == "0.5");
}

TEST_CASE("where no sandbox has a limit there is no sum of limits") {
  FleetFixture fleet;
  SendSandbox(fleet, "ready", 0);
  SendSandbox(fleet, "constrained", 1, {{"memory_limit_bytes", 1000}});
  CHECK(fleet.Value(kMemoryLimit, 1) == "1000");
  CHECK(fleet.Value(kCpuLimit, 1) == "absent");
}

TEST_CASE("totals of a sandbox grow on when its counters begin anew") {
  FleetLimits limits;
  limits.max_sandbox_series = 5;
  FleetFixture fleet(limits);
  const auto send = [&](double at, double oom_kills, double io) {
    SendSandbox(fleet, "usage", at, {{"io_read_bytes", io}});
    SendSandbox(fleet, "constrained", at, {{"oom_kills", oom_kills}});
  };
  send(1, 3, 100);
  send(2, 4, 150);
  send(3, 1, 20);
  CHECK(fleet.Value(R"(sandboxes_oom_kills_total{sandbox_type="docker"})", 3) == "5");
  CHECK(fleet.Value(R"(sandbox_oom_kills_total{sandbox_id="s"})", 3) == "5");
  CHECK(fleet.Value(R"(sandbox_io_read_bytes_total{sandbox_id="s"})", 3) == "170");
}

TEST_CASE("what is seen from outside is no sign of life, and brings back what was ended long ago") {
  FleetLimits limits;
  limits.zombie_after = std::chrono::minutes(10);
  FleetFixture fleet(limits);
  const auto observe = [&](double at) {
    const std::vector<SentField> fields = {
        {"sandbox_id", "s"}, {"sandbox_type", "docker"}, {"cpu_seconds", at}};
    fleet::Event event = FleetFixture::Make("sandbox.usage", fields, at);
    event.observed = true;
    CHECK(!fleet.fleet().Apply(event, FleetFixture::At(at)));
  };
  SendSandbox(fleet, "ready", 0);
  observe(500);
  CHECK(fleet.Value(kZombies, 500) == "0");
  observe(700);
  CHECK(fleet.Value(kZombies, 700) == "1");
  SendSandbox(fleet, "terminated", 800);
  observe(830);  // its cgroup outlives the news by a little
  CHECK(SandboxStates(fleet, 830) == "0 0 0 0 ");
  observe(900);
  CHECK(SandboxStates(fleet, 900) == "0 1 0 0 ");
  CHECK(fleet.Value(kZombies, 900) == "0");
}
