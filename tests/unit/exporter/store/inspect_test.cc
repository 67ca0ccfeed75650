#include "exporter/store/inspect.h"

#include <catch2/catch.hpp>

#include "exporter/ingest/ingest.h"
#include "exporter/store/memory_store.h"
#include "tests/unit/exporter/fleet/event_cases.h"
#include "tests/unit/exporter/store/store_fixture.h"

using fleet::Event;
using fleet::test::FleetFixture;
using fleet::test::StoreFixture;

namespace {

struct Nobody final : fleet::IngestObserver {
  void Received(std::string_view, std::size_t) override {}
  void Rejected(std::string_view) override {}
  void Deduplicated(std::size_t) override {}
};

}  // namespace

TEST_CASE("exported events, sent again, make the same fleet") {
  StoreFixture f;
  f.Start();
  for (const fleet::test::EventCase& one : fleet::test::kEventCases) {
    if (one.event.type == "custom") continue;  // needs a declaration
    std::vector<fleet::test::SentEvent> events = one.before;
    events.push_back(one.event);
    for (const fleet::test::SentEvent& sent : events) {
      f.clock.now = f.clock.now + std::chrono::seconds(1);
      Event event = FleetFixture::Make(sent.type, sent.fields, 0);
      event.time = f.clock.now;
      event.source = "say \"hello\"";
      REQUIRE(f.Take({event}));
    }
  }
  const std::string page = f.Page();
  f.Stop();

  fleet::Fleet fleet("fleet", f.limits);
  fleet::MemoryStore store;
  Nobody nobody;
  fleet::Ingest ingest(fleet, store, f.clock, {}, nobody);
  std::size_t accepted = 0;
  const auto listed = fleet::ListEvents(f.file(), [&](std::string_view line) {
    const fleet::IngestReport report = ingest.Accept(fleet::BodyFormat::kNdjson, line);
    INFO(line);
    CHECK(report.ToJson().find("\"reason\":\"data") == std::string::npos);
    accepted += report.accepted;
  });
  REQUIRE(listed);
  CHECK(accepted > 60);
  CHECK(fleet::test::PageOf(fleet, f.clock.now) == page);
}

TEST_CASE("a check counts what is there, and says what is wrong") {
  StoreFixture f;
  f.Start();
  CHECK(f.Send({"a", "b"}) == "2 new");
  const auto report = fleet::CheckStore(f.file());
  REQUIRE(report);
  CHECK(report->problems == std::vector<std::string>{});
  CHECK(report->events == 2);
  f.Stop();
  const std::string damaged = f.folder.Write("damaged.db", "no database");
  const auto unreadable = fleet::CheckStore(damaged);
  REQUIRE(unreadable);
  CHECK(unreadable->Print("x.db") ==
        "x.db: cannot be opened\n  problem   " + damaged + ": file is not a database\n");
  const auto missing = fleet::CheckStore(f.folder.path() + "/none.db");
  REQUIRE_FALSE(missing);
  CHECK(missing.error().message == f.folder.path() + "/none.db: No such file or directory");
}
