#include "exporter/web/ingest_routes.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <string>

#include "exporter/exposition/gzip.h"
#include "exporter/exposition/text_format.h"
#include "exporter/store/memory_store.h"
#include "exporter/web/body_budget.h"
#include "tests/support/manual_clock.h"
#include "tests/unit/exporter/web/fake_request.h"

namespace fleet {
namespace {

using test::FakeRequest;
using test::HeaderOf;

constexpr char kEvents[] = "/api/v1/events";
constexpr char kOne[] =
    R"({"specversion":"1.0","id":"1","source":"t","type":"fleet.queue.enqueued","data":{"queue":"a"}})";
constexpr char kOther[] =
    R"({"specversion":"1.0","id":"2","source":"t","type":"fleet.queue.enqueued","data":{"queue":"a"}})";

class BrokenStore final : public MemoryStore {
 public:
  StoreFailure failure{StoreFailure::Kind::kUnavailable, "disk full"};

 private:
  tl::expected<void, StoreFailure> Commit(const Batch&) override { return tl::make_unexpected(failure); }
};

struct IngestFixture {
  explicit IngestFixture(EventStore* other_store = nullptr)
      : ingest(fleet, other_store != nullptr ? *other_store : store, clock, limits, metrics) {
    readiness.Set(Readiness::State::kReady);
  }

  test::ManualClock clock{UnixMillis{1'732'233'600'000}};
  SelfMetrics metrics{"fleet"};
  Fleet fleet{"fleet", {}};
  MemoryStore store;
  IngestLimits limits{.max_body_bytes = 2000, .max_plain_bytes = 5000, .max_events = 3};
  Ingest ingest;
  Readiness readiness;
  Router router{IngestRoutes(ingest, limits, metrics, readiness), metrics};

  HttpResponse Post(std::string body, std::map<std::string, std::string, std::less<>> headers) {
    FakeRequest request("POST", kEvents, std::move(headers), std::move(body));
    return router.Handle(request);
  }
  HttpResponse PostAs(const std::string& type, std::string body) {
    return Post(std::move(body), {{"Content-Type", type}});
  }
  std::string Page() {
    Snapshot snapshot;
    fleet.Collect(clock.Now(), snapshot);
    metrics.Collect(snapshot);
    std::string page;
    RenderText(snapshot, [&](std::string_view bytes) { return page += bytes, true; });
    return page;
  }
  bool Shows(std::string_view line) { return Page().find(fmt::format("\n{}\n", line)) != std::string::npos; }
};

std::string Zipped(std::string_view text) {
  std::string out;
  const ByteSink sink = [&](std::string_view bytes) { return out += bytes, true; };
  GzipStream gzip(sink);
  gzip.Write(text);
  gzip.Finish();
  return out;
}

TEST_CASE("ingest: the Content-Type decides the format") {
  const std::string batch = fmt::format("[{},{}]", kOne, kOther);
  const std::string lines = std::string(kOne) + "\n" + kOther + "\n";
  struct Row {
    const char* type;
    std::string body;
    const char* answer;
  };
  const Row rows[] = {
      {"application/cloudevents+json", kOne, R"({"accepted":1,"duplicates":0,"rejected":[]})"},
      {"application/cloudevents+json; charset=utf-8", kOne, R"({"accepted":1,"duplicates":0,"rejected":[]})"},
      {"Application/CloudEvents+JSON", kOne, R"({"accepted":1,"duplicates":0,"rejected":[]})"},
      {"application/cloudevents-batch+json", batch, R"({"accepted":2,"duplicates":0,"rejected":[]})"},
      {"application/x-ndjson", lines, R"({"accepted":2,"duplicates":0,"rejected":[]})"},
      {"application/json", kOne, R"({"accepted":1,"duplicates":0,"rejected":[]})"},
      {"application/json", " \n" + batch, R"({"accepted":2,"duplicates":0,"rejected":[]})"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.type);
    IngestFixture f;
    const HttpResponse response = f.PostAs(row.type, row.body);
    CHECK(response.status == 200);
    CHECK(response.content_type == "application/json");
    CHECK(response.body == std::string(row.answer) + "\n");
  }
}

TEST_CASE("ingest: other types get a 415 that lists the accepted ones") {
  IngestFixture f;
  CHECK(f.PostAs("text/plain", kOne).status == 415);
  CHECK(f.PostAs("text/plain\x01", kOne).body ==
        "{\"error\":\"Content-Type 'text/plain\\\\x01' is none of application/cloudevents+json, "
        "application/cloudevents-batch+json, application/x-ndjson, application/json\"}\n");
  CHECK(f.Post(kOne, {}).status == 415);
  CHECK(f.Shows(R"(fleet_exporter_ingest_requests_total{format="other",code="415"} 3)"));
}

TEST_CASE("ingest: gzip bodies are expanded within limits, other encodings refused") {
  IngestFixture f;
  const auto post = [&](const std::string& encoding, const std::string& body) {
    return f.Post(body, {{"Content-Type", "application/x-ndjson"}, {"Content-Encoding", encoding}});
  };
  CHECK(post("gzip", Zipped(kOne)).status == 200);
  CHECK(post("X-GZIP", Zipped(kOther)).status == 200);
  CHECK(post("identity", kOne).status == 200);
  CHECK(post("gzip", kOne).body == "{\"error\":\"body is not gzip\"}\n");
  CHECK(post("gzip", Zipped(std::string(5001, ' '))).status == 413);
  const HttpResponse refused = post("br", kOne);
  CHECK(refused.status == 415);
  CHECK(HeaderOf(refused, "Accept-Encoding") == "gzip");
}

TEST_CASE("ingest: a body that is too dense is a bomb, a small one may be dense") {
  IngestFixture f;
  IngestLimits limits;
  limits.max_ratio = 10;
  Ingest ingest(f.fleet, f.store, f.clock, limits, f.metrics);
  Router router(IngestRoutes(ingest, limits, f.metrics, f.readiness), f.metrics);
  const auto post = [&](std::size_t size) {
    FakeRequest request("POST", kEvents,
                        {{"Content-Type", "application/x-ndjson"}, {"Content-Encoding", "gzip"}},
                        Zipped(kOne + std::string(size, '\n')));
    return router.Handle(request);
  };
  CHECK(post(60'000).status == 200);
  const HttpResponse bomb = post(70'000);
  CHECK(bomb.status == 413);
  CHECK(bomb.body == "{\"error\":\"body expands to more than 65536 bytes\"}\n");
}

TEST_CASE("ingest: all bodies share a budget, beyond it 429 with the time to come back") {
  BodyBudget budget(100);
  BodyBudget::Share first, second;
  CHECK(first.Grow(budget, 60));
  CHECK_FALSE(second.Grow(budget, 41));
  CHECK(second.Grow(budget, 40));
  CHECK(budget.used() == 100);
  first = {};
  CHECK(budget.used() == 40);

  IngestLimits limits;
  limits.max_inflight_bytes = 10;
  IngestFixture f;
  Router router(IngestRoutes(f.ingest, limits, f.metrics, f.readiness), f.metrics);
  FakeRequest request("POST", kEvents, {{"Content-Type", "application/x-ndjson"}, {"Content-Length", "11"}},
                      "{\"a\":\"bcd\"}");
  const HttpResponse refused = router.Handle(request);
  CHECK(refused.status == 429);
  CHECK(HeaderOf(refused, "Retry-After") == "1");
}

TEST_CASE("ingest: sizes and counts over the limit get 413") {
  IngestFixture f;
  CHECK(f.PostAs("application/x-ndjson", std::string(2001, ' ')).status == 413);
  std::string many;
  for (int i = 0; i < 4; ++i) many += std::string(kOne) + "\n";
  CHECK(f.PostAs("application/x-ndjson", many).status == 413);
}

TEST_CASE("ingest: 200 while something was usable, duplicates included, else 400") {
  IngestFixture f;
  CHECK(f.PostAs("application/x-ndjson", std::string(kOne) + "\nnonsense\n").status == 200);
  const HttpResponse duplicate = f.PostAs("application/x-ndjson", kOne);
  CHECK(duplicate.status == 200);
  CHECK(duplicate.body == "{\"accepted\":0,\"duplicates\":1,\"rejected\":[]}\n");
  CHECK(f.PostAs("application/x-ndjson", "nonsense\n").status == 400);
  CHECK(f.PostAs("application/cloudevents+json", "nonsense").status == 400);
  CHECK(f.Shows("fleet_exporter_ingest_events_deduplicated_total 1"));
  CHECK(f.Shows(R"(fleet_exporter_ingest_requests_total{format="ndjson",code="200"} 2)"));
  CHECK(f.Shows(R"(fleet_exporter_ingest_requests_total{format="ndjson",code="400"} 1)"));
  CHECK(f.Shows("fleet_exporter_ingest_request_duration_seconds_count 4"));
}

TEST_CASE("ingest: a store that fails, a start and an end mean 503 and try again") {
  BrokenStore broken;
  IngestFixture f(&broken);
  const HttpResponse failed = f.PostAs("application/cloudevents+json", kOne);
  CHECK(failed.status == 503);
  CHECK(HeaderOf(failed, "Retry-After") == "1");
  broken.failure = {StoreFailure::Kind::kBusy, "too many events wait to be stored"};
  const HttpResponse busy = f.PostAs("application/cloudevents+json", kOne);
  CHECK(busy.status == 429);
  CHECK(HeaderOf(busy, "Retry-After") == "1");
  CHECK(busy.body == "{\"error\":\"too many events wait to be stored\"}\n");
  f.readiness.Set(Readiness::State::kDraining);
  const HttpResponse draining = f.PostAs("application/cloudevents+json", kOne);
  CHECK(draining.status == 503);
  CHECK(draining.body == "{\"error\":\"shutting down\"}\n");
}

TEST_CASE("ingest: heartbeats by PUT, with ids decoded and the body optional") {
  IngestFixture f;
  const auto put = [&](const char* path, const char* body) {
    FakeRequest request("PUT", path, {}, body);
    return f.router.Handle(request);
  };
  CHECK(put("/api/v1/heartbeats/sandbox/w-1", "").body ==
        "{\"accepted\":1,\"duplicates\":0,\"rejected\":[]}\n");
  CHECK(put("/api/v1/heartbeats/sandbox/a%2Fb", R"({"active_tasks":2})").status == 200);
  CHECK(put("/api/v1/heartbeats/sandbox/w-2", "nonsense").status == 400);
  CHECK(put("/api/v1/heartbeats/sandbox", "").status == 404);
  CHECK(f.Shows(R"(fleet_worker_active_tasks{worker_id="a/b",worker_type="sandbox"} 2)"));
}

TEST_CASE("ingest: methods and health") {
  IngestFixture f;
  FakeRequest get("GET", kEvents);
  const HttpResponse refused = f.router.Handle(get);
  CHECK(refused.status == 405);
  CHECK(HeaderOf(refused, "Allow") == "POST");
  FakeRequest health("GET", "/-/healthy");
  CHECK(f.router.Handle(health).body == "fleet_exporter is Healthy.\n");
}

}  // namespace
}  // namespace fleet
