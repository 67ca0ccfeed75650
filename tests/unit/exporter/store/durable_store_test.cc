#include "exporter/store/durable_store.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include "tests/unit/exporter/fleet/event_cases.h"
#include "tests/unit/exporter/store/store_fixture.h"

using fleet::DurableStore;
using fleet::Event;
using fleet::test::EventCase;
using fleet::test::FleetFixture;
using fleet::test::kEventCases;
using fleet::test::SentEvent;
using fleet::test::StoreFixture;
using std::chrono::hours;
using std::chrono::milliseconds;

namespace {

std::vector<std::string> FilesIn(const std::string& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    names.push_back(entry.path().filename());
  std::ranges::sort(names);
  return names;
}

std::string ReadAll(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void Overwrite(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

// Every event of the vocabulary, one request each.
void SendAllCases(StoreFixture& f) {
  for (const EventCase& one : kEventCases) {
    std::vector<SentEvent> events = one.before;
    events.push_back(one.event);
    for (const SentEvent& sent : events) {
      f.clock.now = f.clock.now + milliseconds(1500);
      Event event = FleetFixture::Make(sent.type, sent.fields, 0);
      event.time = f.clock.now;
      event.source = "test";
      const std::string id = std::to_string(f.clock.now.value);
      event.id = id;
      event.trace_id = "trace";
      REQUIRE(f.Take({event}));
    }
  }
}

}  // namespace

TEST_CASE("what was acknowledged is there after a restart, and is not taken twice") {
  StoreFixture f;
  f.Start();
  CHECK(f.Send({"a", "b"}) == "2 new");
  CHECK(f.Send({"c", "b"}) == "1 new");
  f.Restart();
  CHECK(f.Created() == "3");
  CHECK(f.store().restored().events == 3);
  CHECK(f.store().restored().ids == 3);
  CHECK(f.Send({"a", "b", "c", "d"}) == "1 new");
  f.Restart();
  CHECK(f.Created() == "4");
}

TEST_CASE("a snapshot stands for the journal") {
  StoreFixture f;
  f.Start();
  CHECK(f.Send({"a", "b"}) == "2 new");
  REQUIRE(f.store().Compact());
  CHECK(f.Send({"c"}) == "1 new");
  f.Restart();
  CHECK(f.store().restored().events == 1);
  CHECK(f.store().restored().ids == 3);
  CHECK(f.Created() == "3");
  CHECK(f.Send({"a", "b", "c"}) == "0 new");
  for (int i = 0; i < 3; ++i) REQUIRE(f.store().Compact());
  f.Restart();
  CHECK(f.store().restored().events == 0);
  CHECK(f.Created() == "3");
  CHECK(f.Send({"a", "b", "c"}) == "0 new");
}

TEST_CASE("every event of the vocabulary survives, as journal and as snapshot") {
  StoreFixture f;
  f.limits.max_sandbox_series = 100;
  f.limits.max_user_series = 100;
  f.Start();
  SendAllCases(f);
  const std::string page = f.Page();
  f.Restart();
  CHECK(f.store().restored().unknown_events == 0);
  CHECK(f.Page() == page);
  REQUIRE(f.store().Compact());
  f.Restart();
  CHECK(f.store().restored().entries == 0);
  CHECK(f.store().restored().lost == std::vector<std::string>{});
  CHECK(f.Page() == page);
  SendAllCases(f);
  const std::string later = f.Page();
  f.Restart();
  CHECK(f.Page() == later);
}

TEST_CASE("what the fleet refused is refused again, and may come again") {
  StoreFixture f;
  f.limits.max_entities = 1;
  f.Start();
  CHECK(f.Send({"a", "b"}) == "2 new");
  CHECK(f.Created() == "1");
  f.limits.max_entities = 10;
  f.Restart();  // the events are judged by the limits of their time
  CHECK(f.Created() == "1");
  CHECK(f.Send({"a", "b"}) == "1 new");
  CHECK(f.Created() == "2");
}

TEST_CASE("collections are repeated in their place among the events") {
  StoreFixture f;
  f.Start();
  const std::string beat = R"(worker_heartbeat_interval_seconds{worker_type="w"})";
  const auto heartbeat = [&] {
    Event event;
    event.type = fleet::FindEventType("worker.heartbeat");
    event.time = f.clock.now;
    event.Add({fleet::Field::kWorkerId, "1", 0});
    event.Add({fleet::Field::kWorkerType, "w", 0});
    REQUIRE(f.Take({event}));
  };
  heartbeat();
  f.clock.now = f.clock.now + hours(25);
  f.Page();  // forgets the worker
  heartbeat();
  CHECK(f.Value(beat) == "absent");
  const std::string page = f.Page();
  f.Restart();
  CHECK(f.Page() == page);
}

TEST_CASE("ids are forgotten after the retention, also those in the file") {
  StoreFixture f;
  f.options.retention = hours(1);
  f.Start();
  CHECK(f.Send({"a"}) == "1 new");
  REQUIRE(f.store().Compact());
  f.clock.now = f.clock.now + hours(2);
  CHECK(f.Send({"b"}) == "1 new");
  REQUIRE(f.store().Compact());
  f.Restart();
  CHECK(f.store().restored().ids == 1);
  CHECK(f.Send({"a", "b"}) == "1 new");
  CHECK(f.Created() == "3");
}

TEST_CASE("the ids in the file are bounded") {
  StoreFixture f;
  f.options.max_ids = 32;
  f.Start();
  for (int i = 0; i < 20; ++i) {
    std::vector<std::string> ids;
    for (int k = 0; k < 16; ++k) ids.push_back(std::to_string(i * 16 + k));
    CHECK(f.Send(ids) == "16 new");
    REQUIRE(f.store().Compact());
  }
  f.Restart();
  CHECK(f.store().restored().ids <= 32);
  CHECK(f.Created() == "320");
}

TEST_CASE("many senders at once, each event counts once") {
  StoreFixture f;
  f.Start();
  std::atomic<bool> over = false;
  std::thread compacting([&] {
    while (!over) {
      if (!f.store().Compact()) over = true;
    }
  });
  std::vector<std::thread> senders;
  std::atomic<int> taken = 0;
  for (int s = 0; s < 8; ++s) {
    senders.emplace_back([&] {
      for (int i = 0; i < 60; ++i) {
        const std::string reply = f.Send({"x" + std::to_string(i), "y" + std::to_string(i)});
        taken += reply.ends_with(" new") ? std::stoi(reply) : 0;
      }
    });
  }
  for (std::thread& sender : senders) sender.join();
  CHECK_FALSE(over.exchange(true));
  compacting.join();
  CHECK(taken == 120);
  CHECK(f.Created() == "120");
  const std::string page = f.Page();
  f.Restart();
  CHECK(f.Page() == page);
  CHECK(f.observer.trouble == std::vector<std::string>{});
}

TEST_CASE("async answers before the disk, and loses nothing when it ends in order") {
  StoreFixture f;
  f.options.wait_for_disk = false;
  f.Start();
  CHECK(f.Send({"a", "b"}) == "2 new");
  CHECK(f.Created() == "2");
  f.Restart();
  CHECK(f.Created() == "2");
  CHECK(f.Send({"a", "c"}) == "1 new");
  REQUIRE(f.store().Compact());
  CHECK(f.Send({"d"}) == "1 new");
  f.Restart();
  CHECK(f.Created() == "4");
  CHECK(f.Send({"a", "b", "c", "d"}) == "0 new");
}

TEST_CASE("async writes by itself after a moment") {
  StoreFixture f;
  f.options.wait_for_disk = false;
  f.Start();
  const int before = f.observer.written;
  CHECK(f.Send({"a"}) == "1 new");
  CHECK(fleet::test::WaitFor(std::chrono::seconds(20), [&] { return f.observer.written > before; }));
}

TEST_CASE("a damaged file is set aside and said so") {
  StoreFixture f;
  f.Start();
  CHECK(f.Send({"a"}) == "1 new");
  REQUIRE(f.store().Compact());
  CHECK(f.Send({"needle"}) == "1 new");
  f.Stop();
  const std::string good = ReadAll(f.file());
  std::string bad = good;
  std::string what;
  SECTION("no database at all") {
    bad = "this is no database, and long enough to look like one: " + std::string(200, 'x');
    what = "file is not a database";
  }
  SECTION("a broken page") {
    bad.replace(4096, 4096, std::string(4096, '\x5a'));
    what = "Page 2: btreeInitPage() returns error code 11";
  }
  SECTION("a changed byte in an entry") {
    const std::size_t place = bad.rfind("needle");
    REQUIRE(place != std::string::npos);
    bad[place] = 'N';
    what = "wrong checksum in row 3 of the journal";
  }
  SECTION("a changed byte in the snapshot") {
    const std::size_t place = bad.find("component_versions");
    REQUIRE(place != std::string::npos);
    bad[place] = 'C';
    what = "wrong checksum in part 0 of the snapshot";
  }
  Overwrite(f.file(), bad);
  f.Start();
  const std::string aside = f.file() + ".damaged-20231114T221320Z";
  CHECK(f.store().restored().damage == "the store was damaged (" + f.file() + ": " + what +
                                           ") and has been set aside as " + aside +
                                           "; counters begin from 0");
  CHECK(ReadAll(aside) == bad);
  CHECK(f.Created() == "0");
  CHECK(f.Send({"a"}) == "1 new");
  f.Restart();
  CHECK(f.store().restored().damage.empty());
  CHECK(f.Created() == "1");
}

TEST_CASE("a second damaged file gets another name") {
  StoreFixture f;
  for (int i = 0; i < 2; ++i) {
    Overwrite(f.file(), std::string(100, 'x'));
    f.Start();
    f.Stop();
  }
  const std::string aside = "fleet.db.damaged-20231114T221320Z";
  CHECK(FilesIn(f.folder.path()) ==
        std::vector<std::string>{"fleet.db", aside, aside + "-2", "fleet.db.lock"});
}

TEST_CASE("one exporter at a time") {
  StoreFixture f;
  f.Start();
  CHECK(f.ErrorAtStart() ==
        f.file() +
            ": another fleet_exporter uses it; choose another folder with --storage.path, "
            "or keep nothing with --storage.mode=memory");
}

TEST_CASE("a folder that cannot be made is said in one message") {
  StoreFixture f("/dev/null/store");
  CHECK(f.ErrorAtStart() ==
        "/dev/null/store: Not a directory; choose another folder with --storage.path, or keep nothing with "
        "--storage.mode=memory");
}

TEST_CASE("the file belongs to its owner alone") {
  StoreFixture f;
  f.options.folder += "/new";
  f.Start();
  CHECK(f.Send({"a"}) == "1 new");
  using std::filesystem::perms;
  CHECK(std::filesystem::status(f.options.folder).permissions() == perms::owner_all);
  for (const char* const suffix : {"", "-wal", "-shm", ".lock"}) {
    CHECK(std::filesystem::status(f.file() + suffix).permissions() ==
          (perms::owner_read | perms::owner_write));
  }
}
