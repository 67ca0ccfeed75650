// A fleet with a store on disk, for one test: send events, restart, look at the page.
#pragma once

#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <vector>

#include "exporter/exposition/openmetrics.h"
#include "exporter/store/durable_store.h"
#include "tests/support/manual_clock.h"
#include "tests/support/process.h"
#include "tests/unit/exporter/fleet/fleet_fixture.h"

namespace fleet::test {

struct CountingObserver final : StoreObserver {
  std::atomic<int> written = 0;
  std::atomic<int> failed = 0;
  std::atomic<int> compacted = 0;
  std::mutex mutex;
  std::vector<std::string> trouble;

  void Wrote(const std::string& error, std::chrono::nanoseconds, UnixMillis) override {
    ++(error.empty() ? written : failed);
  }
  void Compacted(std::size_t, std::chrono::nanoseconds) override { ++compacted; }
  void Trouble(const std::string& message) override {
    const std::lock_guard lock(mutex);
    trouble.push_back(message);
  }
};

// The whole page as of `now`, with exemplars.
inline std::string PageOf(Fleet& fleet, UnixMillis now) {
  Snapshot snapshot;
  fleet.Collect(now, snapshot);
  std::string page;
  RenderOpenMetrics(snapshot, [&page](std::string_view text) {
    page += text;
    return true;
  });
  return page;
}

// Events "e0", "e1" ... of one kind are what most tests need: each adds 1 to runs_created_total.
class StoreFixture {
 public:
  explicit StoreFixture(const std::string& path) { options.folder = path; }
  StoreFixture() : StoreFixture("") { options.folder = folder.path(); }

  // Fails the test when the store does not open.
  void Start() {
    fleet_ = std::make_unique<Fleet>("fleet", limits);
    auto opened = DurableStore::Open(options, *fleet_, clock, observer);
    REQUIRE((opened ? "" : opened.error().message) == "");
    store_ = *std::move(opened);
  }
  void Stop() { store_.reset(); }
  void Restart() {
    Stop();
    Start();
  }
  std::string ErrorAtStart() {
    Fleet unused("fleet", limits);
    auto opened = DurableStore::Open(options, unused, clock, observer);
    return opened ? "" : opened.error().message;
  }

  // "2 new", "1 duplicate" ...; or the error.
  std::string Send(const std::vector<std::string>& ids) {
    std::vector<Event> events;
    for (const std::string& id : ids) {
      Event event;
      event.type = FindEventType("run.created");
      event.source = "test";
      event.id = id;
      event.time = clock.now;
      event.Add({Field::kRunId, id, 0});
      events.push_back(event);
    }
    const auto taken = Take(events);
    if (!taken) return taken.error().message;
    return std::to_string(ids.size() - *taken) + " new";
  }
  tl::expected<std::size_t, StoreFailure> Take(const std::vector<Event>& events) {
    return store_->Take(events, clock.now,
                        [&](std::size_t i) { return !fleet_->Apply(events[i], clock.now).has_value(); });
  }

  std::string Page() { return PageOf(*fleet_, clock.now); }
  std::string Value(const std::string& series) {
    Snapshot snapshot;
    fleet_->Collect(clock.now, snapshot);
    const auto page = PrintSeries(snapshot);
    const auto it = page.find(series);
    return it == page.end() ? "absent" : it->second;
  }
  std::string Created() { return Value("runs_created_total"); }

  Fleet& fleet() { return *fleet_; }
  DurableStore& store() { return *store_; }
  std::string file() const { return options.folder + "/fleet.db"; }

  TemporaryFolder folder;
  StoreOptions options;
  FleetLimits limits;
  test::ManualClock clock{FleetFixture::kStart};
  CountingObserver observer;

 private:
  std::unique_ptr<Fleet> fleet_;
  std::unique_ptr<DurableStore> store_;
};

}  // namespace fleet::test
