// The simulated events as the exporter understands them: all accepted, and each
// incident visible in the metrics that are there to show it.
#include <algorithm>
#include <catch2/catch.hpp>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/ingest/ingest.h"
#include "exporter/simulate/simulation.h"
#include "exporter/store/memory_store.h"
#include "tests/support/manual_clock.h"
#include "tests/unit/exporter/simulate/one_incident.h"

namespace fleet::simulate {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

class SilentObserver final : public IngestObserver {
 public:
  void Received(std::string_view /*kind*/, std::size_t /*events*/) override {}
  void Rejected(std::string_view /*reason*/) override {}
  void Deduplicated(std::size_t /*events*/) override {}
};

FleetLimits Limits() {
  FleetLimits limits;
  limits.worker = {seconds(10), seconds(20)};
  limits.zombie_after = seconds(20);
  limits.stuck_after = seconds(20);
  return limits;
}

// A simulation whose events go into a fleet in portions of a second.
class Scene {
 public:
  explicit Scene(const SimulationOptions& options) : simulation_(options, kStart) {}

  void PlayUntil(seconds offset) {
    while (clock_.now < kStart + offset) {
      clock_.now = clock_.now + seconds(1);
      std::string body;
      std::size_t events = 0;
      for (const SimulatedEvent& event : simulation_.Step(clock_.now)) {
        body += ToJsonLine(event, "test", std::to_string(++ids_));
        ++events;
      }
      if (events == 0) continue;
      const IngestReport report = ingest_.Accept(BodyFormat::kNdjson, body);
      INFO(report.ToJson());
      REQUIRE(report.accepted == events);
    }
  }

  Snapshot Collect() {
    Snapshot snapshot;
    fleet_.Collect(clock_.now, snapshot);
    return snapshot;
  }

  // Sum of the series of a family whose labels contain all of `texts`; of
  // histograms the observations.
  double Sum(std::string_view family, const std::vector<std::string_view>& texts = {}) {
    double sum = 0;
    for (const FamilySnapshot& shown : Collect().families) {
      if (shown.header->name != family) continue;
      const std::size_t values = ValuesPerSeries(*shown.header);
      for (std::size_t i = 0; i < shown.labels->size(); ++i) {
        const std::string_view labels = (*shown.labels)[i];
        const bool all = std::ranges::all_of(
            texts, [&](std::string_view text) { return labels.find(text) != std::string_view::npos; });
        if (!all) continue;
        const std::size_t counts = values == 1 ? 1 : values - 1;
        for (std::size_t j = 0; j < counts; ++j) sum += shown.values[i * values + j];
      }
    }
    return sum;
  }

 private:
  test::ManualClock clock_{kStart};
  Fleet fleet_{"fleet", Limits()};
  MemoryStore store_;
  SilentObserver observer_;
  Ingest ingest_{fleet_, store_, clock_, IngestLimits(), observer_};
  Simulation simulation_;
  std::uint64_t ids_ = 0;
};

TEST_CASE(
    "an hour with all incidents is accepted to the last event, and moves "
    "every metric") {
  SimulationOptions options;
  options.rate = 2;
  for (const IncidentDef& def : Incidents()) options.incidents.sequence.push_back(def.incident);
  options.incidents.repeat = true;
  Scene scene(options);
  std::set<std::string> moved;
  for (seconds offset(0); offset <= hours(1); offset += seconds(30)) {
    scene.PlayUntil(offset);
    for (const FamilySnapshot& family : scene.Collect().families) {
      const bool moves = std::ranges::any_of(family.values, [](double value) { return value != 0; });
      if (moves) moved.insert(family.header->name);
    }
  }

  // What only another source of facts or a failure that is not simulated can
  // move.
  const std::set<std::string_view> still = {
      "fleet_backup_failures_total",          "fleet_backup_verification_failures_total",
      "fleet_restore_failures_total",         "fleet_sandboxes_cpu_limit_cores",
      "fleet_sandboxes_memory_limit_bytes",   "fleet_sandboxes_oom_kills_total",
      "fleet_task_invalid_transitions_total",
  };
  std::vector<std::string> unmoved;
  for (const FamilySnapshot& family : scene.Collect().families) {
    const std::string& name = family.header->name;
    const bool expected = !name.starts_with("fleet_exporter_") && !still.contains(name);
    if (expected && !moved.contains(name)) unmoved.push_back(name);
  }
  CHECK(unmoved == std::vector<std::string>{});
  CHECK(scene.Sum("fleet_task_invalid_transitions_total") == 0);
}

TEST_CASE("latencies are observed as often as requests are counted") {
  Scene scene((SimulationOptions()));
  scene.PlayUntil(minutes(2));
  CHECK(scene.Sum("fleet_http_requests_total") > 1000);
  CHECK(scene.Sum("fleet_http_request_duration_seconds") == scene.Sum("fleet_http_requests_total"));
}

TEST_CASE("a queue in which nothing waits has no oldest message") {
  Scene scene((SimulationOptions()));
  int empty = 0;
  int waiting = 0;
  for (seconds offset(10); offset <= minutes(3); offset += seconds(5)) {
    scene.PlayUntil(offset);
    for (const std::string_view queue :
         {"queue=\"tasks\"", "queue=\"agents\"", "queue=\"github\"", "queue=\"notifications\""}) {
      const bool is_empty = scene.Sum("fleet_queue_depth", {queue}) == 0;
      CHECK((scene.Sum("fleet_queue_oldest_message_timestamp_seconds", {queue}) == 0) == is_empty);
      (is_empty ? empty : waiting) += 1;
    }
  }
  CHECK(empty > 0);
  CHECK(waiting > 0);
}

TEST_CASE("worker-death shows as workers down and tasks stuck, until they are back") {
  Scene scene(With(Incident::kWorkerDeath));
  scene.PlayUntil(seconds(30));
  CHECK(scene.Sum("fleet_workers", {"state=\"healthy\""}) == 12);
  scene.PlayUntil(seconds(90));
  CHECK(scene.Sum("fleet_workers", {"worker_type=\"sandbox\"", "state=\"down\""}) == 3);
  CHECK(scene.Sum("fleet_workers", {"worker_type=\"sandbox\"", "state=\"healthy\""}) == 6);
  CHECK(scene.Sum("fleet_workers", {"worker_type=\"orchestrator\"", "state=\"healthy\""}) == 3);
  CHECK(scene.Sum("fleet_workers_processes", {"state=\"crashed\""}) == 0);
  CHECK(scene.Sum("fleet_tasks_stuck") >= 1);
  scene.PlayUntil(seconds(170));
  CHECK(scene.Sum("fleet_workers", {"state=\"healthy\""}) == 12);
  CHECK(scene.Sum("fleet_worker_restarts_total") == 3);
  CHECK(scene.Sum("fleet_tasks_stuck") == 0);
}

TEST_CASE("queue-backup shows as depth, age and missing consumers") {
  Scene scene(With(Incident::kQueueBackup));
  scene.PlayUntil(seconds(149));
  CHECK(scene.Sum("fleet_queue_depth", {"queue=\"tasks\""}) > 5000);
  CHECK(scene.Sum("fleet_queue_oldest_message_timestamp_seconds", {"queue=\"tasks\""}) <
        (kStart + seconds(130)).Seconds());
  CHECK(scene.Sum("fleet_queue_consumers", {"queue=\"tasks\""}) == 2);
  CHECK(scene.Sum("fleet_queue_circuit_breaker_open") == 1);
  scene.PlayUntil(minutes(9));
  CHECK(scene.Sum("fleet_queue_depth", {"queue=\"tasks\""}) < 300);
  CHECK(scene.Sum("fleet_queue_circuit_breaker_open") == 0);
}

TEST_CASE("error-burst shows as failed requests and critical errors") {
  Scene scene(With(Incident::kErrorBurst));
  scene.PlayUntil(seconds(30));
  const double before = scene.Sum("fleet_http_requests_total", {"component=\"api\"", "code=\"500\""});
  const double errors = scene.Sum("fleet_errors_total", {"component=\"api\"", "severity=\"critical\""});
  scene.PlayUntil(seconds(150));
  CHECK(scene.Sum("fleet_http_requests_total", {"component=\"api\"", "code=\"500\""}) > before + 300);
  CHECK(scene.Sum("fleet_errors_total", {"component=\"api\"", "severity=\"critical\""}) > errors + 300);
}

TEST_CASE(
    "sandbox-leak shows as an exhausted pool, zombies and orphans, until "
    "the cleanup") {
  Scene scene(With(Incident::kSandboxLeak));
  scene.PlayUntil(seconds(30));
  CHECK(scene.Sum("fleet_sandboxes_zombie") == 0);
  scene.PlayUntil(seconds(149));
  const double capacity = scene.Sum("fleet_sandbox_pool_capacity", {"sandbox_type=\"container\""});
  CHECK(scene.Sum("fleet_sandbox_pool_available", {"sandbox_type=\"container\""}) < 0.1 * capacity);
  CHECK(scene.Sum("fleet_sandboxes_zombie", {"sandbox_type=\"container\""}) >= 5);
  CHECK(scene.Sum("fleet_sandboxes_orphaned", {"sandbox_type=\"container\""}) >= 5);
  scene.PlayUntil(seconds(160));
  CHECK(scene.Sum("fleet_sandboxes_zombie") == 0);
  CHECK(scene.Sum("fleet_sandboxes_orphaned") == 0);
  CHECK(scene.Sum("fleet_sandbox_terminations_total", {"reason=\"orphaned\""}) >= 9);
}

}  // namespace
}  // namespace fleet::simulate
