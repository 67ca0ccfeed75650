// What becomes of an event that two requests send at the same time.
#include "exporter/store/event_store.h"

#include <catch2/catch.hpp>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "exporter/store/memory_store.h"

using fleet::Event;
using fleet::MemoryStore;
using fleet::StoreFailure;
using fleet::UnixMillis;

namespace {

// A disk that is slow until it is let go, and then fails or does not.
class SlowStore final : public MemoryStore {
 public:
  void LetGo(bool fails) {
    const std::lock_guard lock(mutex_);
    fails_ = fails;
    free_ = true;
    changed_.notify_all();
  }
  void AwaitCommit() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return commits_ > 0; });
  }

 private:
  tl::expected<void, StoreFailure> Commit(const Batch& batch) override {
    {
      std::unique_lock lock(mutex_);
      const bool first = ++commits_ == 1;
      changed_.notify_all();
      changed_.wait(lock, [this] { return free_; });
      if (first && fails_) {
        return tl::make_unexpected(StoreFailure{StoreFailure::Kind::kUnavailable, "disk full"});
      }
    }
    return MemoryStore::Commit(batch);
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  int commits_ = 0;
  bool free_ = false;
  bool fails_ = false;
};

std::string Take(MemoryStore& store, const std::vector<std::string>& ids, int& applied) {
  std::vector<Event> events(ids.size());
  for (std::size_t i = 0; i < ids.size(); ++i) {
    events[i].source = "s";
    events[i].id = ids[i];
  }
  const auto taken = store.Take(events, UnixMillis{1'700'000'000'000}, [&](std::size_t) {
    ++applied;
    return true;
  });
  return taken ? std::to_string(*taken) + " duplicates" : taken.error().message;
}

// Two senders of the same event, the second while the first waits for the disk.
struct TwoSenders {
  std::string first, second;  // what they were told
  int applied_by_first = 0;
  int applied_by_second = 0;

  explicit TwoSenders(bool first_fails) {
    SlowStore store;
    std::thread first_sender([&] { first = Take(store, {"1"}, applied_by_first); });
    store.AwaitCommit();
    std::thread second_sender([&] { second = Take(store, {"1"}, applied_by_second); });
    store.LetGo(first_fails);
    first_sender.join();
    second_sender.join();
  }
};

}  // namespace

TEST_CASE("the same event twice in one request counts once") {
  MemoryStore store;
  int applied = 0;
  CHECK(Take(store, {"1", "1", "2"}, applied) == "1 duplicates");
  CHECK(applied == 2);
}

TEST_CASE("a duplicate is answered when the event is durable") {
  const TwoSenders senders(/*first_fails=*/false);
  CHECK(senders.first == "0 duplicates");
  CHECK(senders.second == "1 duplicates");
  CHECK(senders.applied_by_first == 1);
  CHECK(senders.applied_by_second == 0);
}

TEST_CASE("an event whose first sender was refused counts for the second") {
  const TwoSenders senders(/*first_fails=*/true);
  CHECK(senders.first == "disk full");
  CHECK(senders.second == "0 duplicates");
  CHECK(senders.applied_by_first == 0);
  CHECK(senders.applied_by_second == 1);
}

TEST_CASE("two requests that wait for each other's events both end") {
  for (int i = 0; i < 200; ++i) {
    MemoryStore store;
    int applied_by_first = 0;
    int applied_by_second = 0;
    std::thread one([&] { Take(store, {"1", "2"}, applied_by_first); });
    std::thread two([&] { Take(store, {"2", "1"}, applied_by_second); });
    one.join();
    two.join();
    REQUIRE(applied_by_first + applied_by_second == 2);
  }
}
