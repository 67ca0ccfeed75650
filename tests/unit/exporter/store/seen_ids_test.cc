#include "exporter/store/seen_ids.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

using fleet::Event;
using fleet::SeenIds;
using fleet::UnixMillis;
using std::chrono::hours;
using std::chrono::milliseconds;

namespace {

constexpr UnixMillis kStart{1'700'000'000'000};

Event WithId(std::string_view source, std::string_view id) {
  Event event;
  event.source = source;
  event.id = id;
  return event;
}

struct Ids : SeenIds {
  explicit Ids(std::size_t max_ids = 2'000'000) : SeenIds(max_ids, hours(24)) {}
};

using Kind = SeenIds::Claim::Kind;

// By a request of its own, which has finished.
bool Claim(SeenIds& ids, std::string_view source, std::string_view id, UnixMillis now = kStart) {
  const Event event = WithId(source, id);
  const Event* const events[] = {&event};
  const SeenIds::Ticket ticket = ids.Begin();
  const Kind kind = ids.ClaimAll(ticket, events, now)[0].kind;
  ids.Finish(ticket);
  return kind == Kind::kNew;
}

// By a request that still runs.
Kind ClaimIn(SeenIds& ids, SeenIds::Ticket ticket, const Event& event) {
  const Event* const events[] = {&event};
  return ids.ClaimAll(ticket, events, kStart)[0].kind;
}

}  // namespace

TEST_CASE("an event is new once") {
  Ids ids;
  CHECK(Claim(ids, "a", "1"));
  CHECK_FALSE(Claim(ids, "a", "1"));
  CHECK(Claim(ids, "b", "1"));
  CHECK(Claim(ids, "a", "2"));
  CHECK(Claim(ids, "ab", "1"));
  CHECK(Claim(ids, "a", "b1"));
}

TEST_CASE("events without an id are always new") {
  Ids ids;
  CHECK(Claim(ids, "a", ""));
  CHECK(Claim(ids, "a", ""));
  CHECK(ids.size() == 0);
}

TEST_CASE("an event belongs to the request that has it until that one has finished") {
  Ids ids;
  const Event event = WithId("a", "1");
  const SeenIds::Ticket first = ids.Begin();
  const SeenIds::Ticket second = ids.Begin();
  CHECK(ClaimIn(ids, first, event) == Kind::kNew);
  CHECK(ClaimIn(ids, first, event) == Kind::kPending);
  CHECK(ClaimIn(ids, second, event) == Kind::kPending);
  ids.Finish(first);
  ids.Await({first});
  CHECK(ClaimIn(ids, second, event) == Kind::kDuplicate);
}

TEST_CASE("an event of a request that failed is new for the next one") {
  Ids ids;
  const Event event = WithId("a", "1");
  const SeenIds::Ticket first = ids.Begin();
  const SeenIds::Ticket second = ids.Begin();
  CHECK(ClaimIn(ids, first, event) == Kind::kNew);
  CHECK(ClaimIn(ids, second, event) == Kind::kPending);
  std::thread failing([&] {
    ids.Release(ids.IdOf(event));
    ids.Finish(first);
  });
  ids.Await({first});
  failing.join();
  CHECK(ClaimIn(ids, second, event) == Kind::kNew);
}

TEST_CASE("ids that were kept are seen, those from before the retention are not") {
  Ids ids;
  const Event old = WithId("a", "old");
  const Event young = WithId("a", "young");
  CHECK(ids.Restore(ids.IdOf(old), kStart - hours(25)));
  CHECK(ids.Restore(ids.IdOf(young), kStart));
  CHECK_FALSE(ids.Restore(ids.IdOf(young), kStart));
  CHECK_FALSE(Claim(ids, "a", "young"));
  CHECK(Claim(ids, "a", "old"));
}

TEST_CASE("ids are remembered for a day") {
  Ids ids;
  CHECK(Claim(ids, "a", "1"));
  CHECK_FALSE(Claim(ids, "a", "1", kStart + hours(24)));
  CHECK(Claim(ids, "a", "1", kStart + hours(24) + milliseconds(1)));
}

TEST_CASE("a released event may come again") {
  Ids ids;
  CHECK(Claim(ids, "a", "1"));
  CHECK(Claim(ids, "a", "2"));
  ids.Release(ids.IdOf(WithId("a", "1")));
  ids.Release(ids.IdOf(WithId("a", "1")));
  CHECK(Claim(ids, "a", "1"));
  CHECK_FALSE(Claim(ids, "a", "2"));
  CHECK(Claim(ids, "a", "1", kStart + hours(25)));
  CHECK(Claim(ids, "a", "2", kStart + hours(25)));
}

TEST_CASE("memory is bounded, the oldest ids go first") {
  Ids ids(1600);
  for (int i = 0; i < 20000; ++i) CHECK(Claim(ids, "a", std::to_string(i)));
  CHECK(ids.size() <= 1600);
  CHECK(ids.size() > 1500);
  CHECK_FALSE(Claim(ids, "a", "19999"));
  CHECK(Claim(ids, "a", "0"));
}

TEST_CASE("of many threads with the same event exactly one gets it") {
  Ids ids;
  std::atomic<int> claimed = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 500; ++i) claimed += Claim(ids, "a", std::to_string(i)) ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(claimed == 500);
}
