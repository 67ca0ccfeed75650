#include "exporter/ingest/ingest.h"

#include <catch2/catch.hpp>
#include <map>

#include "exporter/store/memory_store.h"
#include "tests/support/manual_clock.h"
#include "tests/unit/exporter/fleet/fleet_fixture.h"

using fleet::BodyFormat;
using fleet::Event;
using fleet::Fleet;
using fleet::FleetLimits;
using fleet::Ingest;
using fleet::IngestLimits;
using fleet::IngestObserver;
using fleet::IngestReport;
using fleet::MemoryStore;
using fleet::StoreFailure;
using fleet::UnixMillis;
using fleet::test::FleetFixture;

namespace {

struct Counts final : IngestObserver {
  std::map<std::string, std::size_t> received;
  std::map<std::string, std::size_t> rejected;
  std::size_t deduplicated = 0;
  void Received(std::string_view kind, std::size_t events) override { received[std::string(kind)] += events; }
  void Rejected(std::string_view reason) override { ++rejected[std::string(reason)]; }
  void Deduplicated(std::size_t events) override { deduplicated += events; }
};

struct Rig {
  explicit Rig(const FleetLimits& fleet_limits = {}, const IngestLimits& limits = {})
      : fleet("fleet", fleet_limits), ingest(fleet, store, clock, limits, counts) {}

  std::string Value(const std::string& series) {
    fleet::Snapshot snapshot;
    fleet.Collect(clock.now, snapshot);
    const auto page = fleet::test::PrintSeries(snapshot);
    const auto it = page.find(series);
    return it == page.end() ? "absent" : it->second;
  }

  Fleet fleet;
  MemoryStore store;
  fleet::test::ManualClock clock{FleetFixture::kStart};
  Counts counts;
  Ingest ingest;
};

std::string Line(const std::string& id, const std::string& type, const std::string& data) {
  return R"({"specversion":"1.0","id":")" + id + R"(","source":"s","type":"fleet.)" + type + R"(","data":)" +
         data + "}\n";
}

std::string Created(const std::string& id) { return Line(id, "run.created", R"({"run_id":")" + id + "\"}"); }

}  // namespace

TEST_CASE("events are decoded, applied and counted") {
  Rig rig;
  const IngestReport report = rig.ingest.Accept(BodyFormat::kNdjson, Created("a") + Created("b"));
  CHECK(report.outcome == IngestReport::Outcome::kApplied);
  CHECK(report.ToJson() == R"({"accepted":2,"duplicates":0,"rejected":[]})");
  CHECK(rig.Value("fleet_runs_created_total") == "absent");
  CHECK(rig.Value("runs_created_total") == "2");
  CHECK(rig.counts.received == std::map<std::string, std::size_t>{{"run", 2}});
}

TEST_CASE("an event counts once, in one request and in later ones") {
  Rig rig;
  CHECK(rig.ingest.Accept(BodyFormat::kNdjson, Created("a") + Created("a") + Created("b")).ToJson() ==
        R"({"accepted":2,"duplicates":1,"rejected":[]})");
  CHECK(rig.ingest.Accept(BodyFormat::kNdjson, Created("b") + Created("c")).ToJson() ==
        R"({"accepted":1,"duplicates":1,"rejected":[]})");
  CHECK(rig.Value("runs_created_total") == "3");
  CHECK(rig.counts.deduplicated == 2);
  const IngestReport report = rig.ingest.Accept(BodyFormat::kCloudEvent, Created("a"));
  CHECK(report.outcome == IngestReport::Outcome::kApplied);
  CHECK(report.duplicates == 1);
}

TEST_CASE("refusals of the decoder and of the fleet are listed together, in order") {
  Rig rig;
  const IngestReport report = rig.ingest.Accept(
      BodyFormat::kNdjson, Line("1", "queue.processed", R"({"queue":"q","outcome":"done"})") + Created("2") +
                               Line("3", "run.created", "{}") + Line("4", "run.creatd", "{}") +
                               Line("5", "custom", R"({"name":"x\"y","value":1})") + "{\n");
  CHECK(report.outcome == IngestReport::Outcome::kApplied);
  CHECK(
      report.ToJson() ==
      R"({"accepted":1,"duplicates":0,"rejected":[)"
      R"({"index":0,"reason":"data.outcome: must be one of succeeded, retried, dead_lettered, discarded, not 'done'"},)"
      R"({"index":2,"reason":"data.run_id: missing"},)"
      R"({"index":3,"reason":"type: there is no \"fleet.run.creatd\", did you mean \"fleet.run.created\"?"},)"
      R"({"index":4,"reason":"no metric 'x\"y' is declared in the configuration"},)"
      R"({"index":5,"reason":"not valid JSON: it does not end where it should"}]})");
  CHECK(rig.counts.rejected == std::map<std::string, std::size_t>{{"invalid_value", 1},
                                                                  {"malformed", 1},
                                                                  {"missing_field", 1},
                                                                  {"unknown_metric", 1},
                                                                  {"unknown_type", 1}});
  CHECK(rig.counts.received ==
        std::map<std::string, std::size_t>{{"custom", 1}, {"other", 2}, {"queue", 1}, {"run", 2}});
}

TEST_CASE("nothing usable is malformed, but each event has its reason") {
  Rig rig;
  const IngestReport report = rig.ingest.Accept(BodyFormat::kCloudEvent, Line("1", "run.created", "{}"));
  CHECK(report.outcome == IngestReport::Outcome::kMalformed);
  CHECK(report.error == "");
  CHECK(report.ToJson() ==
        R"({"accepted":0,"duplicates":0,"rejected":[{"index":0,"reason":"data.run_id: missing"}]})");
}

TEST_CASE("what was refused once may be sent again") {
  FleetLimits limits;
  limits.max_entities = 1;
  Rig rig(limits);
  rig.ingest.Accept(BodyFormat::kCloudEvent, Created("a"));
  CHECK(rig.ingest.Accept(BodyFormat::kCloudEvent, Created("b")).rejected_total == 1);
  limits.max_entities = 2;
  rig.fleet.SetLimits(limits);
  CHECK(rig.ingest.Accept(BodyFormat::kCloudEvent, Created("b")).accepted == 1);
}

TEST_CASE("a body that is not JSON changes nothing") {
  Rig rig;
  const std::string event = Created("a");
  const IngestReport report = rig.ingest.Accept(BodyFormat::kCloudEventBatch, "[" + event + ",{]");
  CHECK(report.outcome == IngestReport::Outcome::kMalformed);
  CHECK(report.ToJson() == R"({"error":"not valid JSON at byte 96"})");
  CHECK(rig.Value("runs_created_total") == "0");
  CHECK(rig.ingest.Accept(BodyFormat::kCloudEventBatch, "[" + event + "]").accepted == 1);
}

TEST_CASE("at most a hundred rejections are listed, all are counted") {
  Rig rig;
  std::string body;
  for (int i = 0; i < 150; ++i) body += "{}\n";
  const IngestReport report = rig.ingest.Accept(BodyFormat::kNdjson, body);
  CHECK(report.rejected.size() == 100);
  CHECK(report.rejected_total == 150);
  CHECK(report.ToJson().ends_with(R"({"index":99,"reason":"specversion: missing"}],"rejected_total":150})"));
  CHECK(rig.counts.rejected.at("missing_field") == 150);
}

TEST_CASE("a body beyond the limits is too large") {
  IngestLimits limits;
  limits.max_events = 1;
  limits.max_plain_bytes = 500;
  Rig rig({}, limits);
  IngestReport report = rig.ingest.Accept(BodyFormat::kNdjson, Created("a") + Created("b"));
  CHECK(report.outcome == IngestReport::Outcome::kTooLarge);
  CHECK(report.error == "more than 1 events in one request");
  report = rig.ingest.Accept(BodyFormat::kNdjson, std::string(501, ' '));
  CHECK(report.outcome == IngestReport::Outcome::kTooLarge);
  CHECK(report.error == "the body is larger than 500 bytes");
}

TEST_CASE("a store that cannot write makes the events as if never sent") {
  struct BrokenStore final : MemoryStore {
    bool is_broken = true;
    tl::expected<void, StoreFailure> Commit(const Batch& batch) override {
      if (!is_broken) return MemoryStore::Commit(batch);
      return tl::make_unexpected(StoreFailure{StoreFailure::Kind::kUnavailable, "events.db: disk full"});
    }
  } store;
  Fleet fleet("fleet", FleetLimits{});
  fleet::test::ManualClock clock{FleetFixture::kStart};
  Counts counts;
  Ingest ingest(fleet, store, clock, IngestLimits{}, counts);
  const IngestReport report = ingest.Accept(BodyFormat::kNdjson, Created("a") + Created("b"));
  CHECK(report.outcome == IngestReport::Outcome::kUnavailable);
  CHECK(report.ToJson() == R"({"error":"events.db: disk full"})");
  store.is_broken = false;
  CHECK(ingest.Accept(BodyFormat::kNdjson, Created("a") + Created("b")).accepted == 2);
}

TEST_CASE("a heartbeat needs nothing but its path") {
  Rig rig;
  CHECK(rig.ingest.AcceptHeartbeat("sandbox", "w-1", "").ToJson() ==
        R"({"accepted":1,"duplicates":0,"rejected":[]})");
  CHECK(rig.ingest.AcceptHeartbeat("sandbox", "w-1", "").accepted == 1);
  CHECK(rig.Value(R"(worker_heartbeats_total{worker_type="sandbox"})") == "2");
}

TEST_CASE("a heartbeat may have the fields of worker.heartbeat, its path wins") {
  Rig rig;
  CHECK(
      rig.ingest.AcceptHeartbeat("sandbox", "w-1", R"({"active_tasks":3,"worker_id":"another"})").accepted ==
      1);
  CHECK(rig.Value(R"(worker_active_tasks{worker_id="w-1",worker_type="sandbox"})") == "3");
  CHECK(rig.ingest.AcceptHeartbeat("sandbox", "w-1", R"({"active_tasks":"3"})").ToJson() ==
        R"({"accepted":0,"duplicates":0,"rejected":[)"
        R"({"index":0,"reason":"data.active_tasks: must be a number, not a string"}]})");
  CHECK(rig.ingest.AcceptHeartbeat("sandbox", "w-1", "[]").ToJson() ==
        R"({"error":"the body must be a JSON object"})");
  CHECK(rig.ingest.AcceptHeartbeat("sandbox", "a\xff", "").rejected[0].reason ==
        "data.worker_id: must be valid UTF-8");
  CHECK(rig.ingest.AcceptHeartbeat("sandbox", "", "{}").rejected[0].reason ==
        "data.worker_id: must not be empty");
}

TEST_CASE("a heartbeat of a runner is a runner's, of the default pool unless it says which") {
  Rig rig;
  CHECK(rig.ingest.AcceptHeartbeat("runner", "r-1", "").accepted == 1);
  CHECK(rig.ingest.AcceptHeartbeat("runner", "r-2", R"({"pool":"arm","slots":4})").accepted == 1);
  CHECK(rig.Value(R"(runners{pool="default",state="idle"})") == "1");
  CHECK(rig.Value(R"(runner_slots{pool="arm",state="free"})") == "4");
}
