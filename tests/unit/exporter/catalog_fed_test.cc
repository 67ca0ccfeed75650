// No metric of the catalog is dead: each is produced by an event, by the configuration, by the exporter
// about itself, or by what another test of this tree looks at.
#include <catch2/catch.hpp>
#include <filesystem>
#include <set>

#include "exporter/self_metrics.h"
#include "lib/base/file_system.h"
#include "lib/catalog/catalog.h"
#include "tests/support/paths.h"
#include "tests/unit/exporter/fleet/event_cases.h"

namespace fleet {
namespace {

using Names = std::set<std::string>;

void TakeNames(const Snapshot& snapshot, Names& names) {
  constexpr std::string_view kNamespace = "fleet_";
  for (const FamilySnapshot& family : snapshot.families) {
    if (family.labels->size() > 0) names.insert(family.header->name.substr(kNamespace.size()));
  }
}

// "gone: runs{state="x"} 1" -> "runs"
std::string FamilyOf(std::string line) {
  if (line.starts_with("gone: ")) line = line.substr(6);
  return line.substr(0, line.find_first_of("{ "));
}

// What vocabulary_test.cc proves that events move.
Names FedByEvents() {
  Names names;
  for (const test::EventCase& c : test::kEventCases) {
    for (const std::string& line : c.changes) names.insert(FamilyOf(line));
  }
  return names;
}

// The limits of entities at work, and what is configured.
Names FedByLimits() {
  FleetLimits limits;
  limits.max_worker_series = 1;
  limits.max_user_series = 5;
  limits.backups["database"] = {std::chrono::hours(24), std::chrono::hours(1)};
  test::FleetFixture fleet(limits);
  for (const char* id : {"w1", "w2"}) {
    fleet.Send("worker.heartbeat", {{"worker_id", id}, {"worker_type", "sandbox"}}, 0);
  }
  fleet.Send("worker.heartbeat", {{"worker_id", "w1"}, {"worker_type", "sandbox"}, {"start_time", 100}}, 1);
  fleet.Send("worker.heartbeat", {{"worker_id", "w1"}, {"worker_type", "sandbox"}, {"start_time", 200}}, 2);
  fleet.Send("task.completed", {{"task_id", "t"}}, 0);
  fleet.Send("task.started", {{"task_id", "t"}}, 1);
  fleet.Send("task.created", {{"task_id", "u"}, {"task_type", "x"}, {"user", "ann"}}, 1);
  for (int i = 0; i < 10; ++i) {
    fleet.Send("broker.state", {{"broker", "b" + std::to_string(i)}, {"up", true}}, 0);
  }
  Names names;
  Snapshot before;
  fleet.fleet().Collect(test::FleetFixture::At(3), before);
  TakeNames(before, names);
  Snapshot after;  // a day later they are forgotten
  fleet.fleet().Collect(test::FleetFixture::At(100'000), after);
  TakeNames(after, names);
  return names;
}

// A sandbox of which every field is known, its series switched on (by default they are off), and a queue
// with types of messages.
Names FedBySandboxes() {
  FleetLimits limits;
  limits.max_sandbox_series = 5;
  test::FleetFixture fleet(limits);
  const auto send = [&](std::string_view type, std::vector<test::SentField> fields) {
    fields.push_back({"sandbox_id", "s"});
    fields.push_back({"sandbox_type", "docker"});
    CHECK(fleet.Send(type, fields) == "");
  };
  send("sandbox.requested", {{"agent_type", "coder"}, {"task_id", "gone"}});
  send("sandbox.ready", {{"duration_seconds", 1}});
  send("sandbox.usage", {{"memory_bytes", 1},
                         {"cpu_seconds", 1},
                         {"disk_bytes", 1},
                         {"network_receive_bytes", 1},
                         {"network_transmit_bytes", 1},
                         {"memory_working_set_bytes", 1},
                         {"throttled_seconds", 1},
                         {"io_read_bytes", 1},
                         {"io_written_bytes", 1},
                         {"processes", 1}});
  send("sandbox.constrained", {{"cpu_limit_cores", 1},
                               {"memory_limit_bytes", 1},
                               {"oom_kills", 1},
                               {"waiting_seconds", test::NumbersByKey{{"io", 1}}}});
  CHECK(fleet.Send("queue.state", {{"queue", "q"}, {"message_type", "m"}, {"depth", 1}}) == "");
  Snapshot snapshot;
  fleet.fleet().Collect(test::FleetFixture::At(1), snapshot);
  Names names;
  TakeNames(snapshot, names);
  return names;
}

Names FedByTheExporter() {
  SelfMetrics metrics("fleet");
  metrics.Handler("metrics").Started();
  metrics.Handler("metrics").Finished(200);
  metrics.IngestRequest("ndjson", 200, 1, std::chrono::milliseconds(1));
  metrics.Received("worker", 1);
  metrics.Collected("fleet", true, std::chrono::milliseconds(1), UnixMillis{1});
  metrics.ConfigLoaded(true, UnixMillis{1});
  metrics.StoreWrote(true, std::chrono::milliseconds(1), UnixMillis{1});
  metrics.StoreIs({});
  Snapshot snapshot;
  metrics.Collect(snapshot);
  Names names;
  TakeNames(snapshot, names);
  return names;
}

// All tests, as one text.
std::string Tests() {
  std::string text;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(test::SourcePath("tests"))) {
    if (entry.path().extension() != ".cc" || entry.path().filename() == "catalog_fed_test.cc") continue;
    text += ReadFile(entry.path().string()).value_or("");
  }
  return text;
}

// What needs more than a unit test: another test asks for it by name.
constexpr std::string_view kElsewhere[] = {"source_up", "source_last_success_timestamp_seconds"};

}  // namespace

TEST_CASE("every metric of the catalog is produced by something a test shows") {
  Names fed = FedByEvents();
  fed.merge(FedByLimits());
  fed.merge(FedBySandboxes());
  fed.merge(FedByTheExporter());
  const std::string tests = Tests();
  for (const std::string_view name : kElsewhere) {
    if (tests.find(name) != std::string::npos) fed.emplace(name);
  }
  Names dead;
  for (const catalog::MetricDef& metric : catalog::kMetrics) {
    if (!fed.contains(std::string(metric.name))) dead.emplace(metric.name);
  }
  CHECK(dead == Names{});
}

}  // namespace fleet
