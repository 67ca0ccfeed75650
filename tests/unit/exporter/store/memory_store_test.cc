#include "exporter/store/memory_store.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

using fleet::Event;
using fleet::MemoryStore;
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

bool Claim(MemoryStore& store, std::string_view source, std::string_view id, UnixMillis now = kStart) {
  const Event event = WithId(source, id);
  return store.Claim({&event, 1}, now)[0];
}

}  // namespace

TEST_CASE("an event is new once") {
  MemoryStore store;
  CHECK(Claim(store, "a", "1"));
  CHECK_FALSE(Claim(store, "a", "1"));
  CHECK(Claim(store, "b", "1"));
  CHECK(Claim(store, "a", "2"));
  CHECK(Claim(store, "ab", "1"));
  CHECK(Claim(store, "a", "b1"));
}

TEST_CASE("events without an id are always new") {
  MemoryStore store;
  CHECK(Claim(store, "a", ""));
  CHECK(Claim(store, "a", ""));
  CHECK(store.size() == 0);
}

TEST_CASE("the same event twice in one request is new once") {
  MemoryStore store;
  const Event events[] = {WithId("a", "1"), WithId("a", "1"), WithId("a", "2")};
  CHECK(store.Claim(events, kStart) == std::vector<bool>{true, false, true});
}

TEST_CASE("ids are remembered for a day") {
  MemoryStore store;
  CHECK(Claim(store, "a", "1"));
  CHECK_FALSE(Claim(store, "a", "1", kStart + hours(24)));
  CHECK(Claim(store, "a", "1", kStart + hours(24) + milliseconds(1)));
}

TEST_CASE("a released event may come again") {
  MemoryStore store;
  const Event events[] = {WithId("a", "1"), WithId("a", "2")};
  store.Claim(events, kStart);
  store.Release({&events[0], 1});
  store.Release({&events[0], 1});
  CHECK(Claim(store, "a", "1"));
  CHECK_FALSE(Claim(store, "a", "2"));
  CHECK(Claim(store, "a", "1", kStart + hours(25)));
  CHECK(Claim(store, "a", "2", kStart + hours(25)));
}

TEST_CASE("memory is bounded, the oldest ids go first") {
  MemoryStore store(1600);
  for (int i = 0; i < 20000; ++i) CHECK(Claim(store, "a", std::to_string(i)));
  CHECK(store.size() <= 1600);
  CHECK(store.size() > 1500);
  CHECK_FALSE(Claim(store, "a", "19999"));
  CHECK(Claim(store, "a", "0"));
}

TEST_CASE("of many threads with the same event exactly one gets it") {
  MemoryStore store;
  std::atomic<int> claimed = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 500; ++i) claimed += Claim(store, "a", std::to_string(i)) ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(claimed == 500);
}
