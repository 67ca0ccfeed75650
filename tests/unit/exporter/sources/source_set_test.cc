#include "exporter/sources/source_set.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

#include "tests/support/manual_clock.h"
#include "tests/unit/exporter/fleet/fleet_fixture.h"
#include "tests/unit/exporter/sources/source_fixture.h"

namespace fleet {
namespace {

using test::FakeSource;
using test::Gate;
using Time = SourceSet::Time;

class Observer final : public SourceObserver {
 public:
  void ReadEnded(const std::string& source, const Result<void>& result, std::chrono::nanoseconds) override {
    Add(source + ": " + (result ? "read" : result.error().message));
  }
  void Unusable(const std::string& source, std::size_t facts, const std::string& example) override {
    Add(fmt::format("{}: {} unusable, {}", source, facts, example));
  }
  std::vector<std::string> lines() const {
    const std::lock_guard lock(mutex_);
    return lines_;
  }

 private:
  void Add(std::string line) {
    const std::lock_guard lock(mutex_);
    lines_.push_back(std::move(line));
  }

  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
};

struct World {
  test::ManualClock clock{UnixMillis{1'000'000'000'000}};
  Fleet fleet{"fleet", FleetLimits()};
  Observer observer;

  std::map<std::string, std::string> Page() {
    Snapshot snapshot;
    fleet.Collect(clock.now, snapshot);
    return test::PrintSeries(snapshot);
  }
};

SourceConfig Configured(
    const std::string& name, FakeSource::Reading read, FakeSource::Down down = [](FactSink&, UnixMillis) {}) {
  return {"fake", name, {}, {}, [=] { return std::make_unique<FakeSource>(read, down); }};
}

bool All(std::string_view) { return true; }
Time Soon() { return Deadline::Clock::now() + std::chrono::seconds(60); }
Time Past() { return Deadline::Clock::now() - std::chrono::seconds(60); }

Result<void> Up(const SourceRun& run) {
  run.facts.Report(Fact("broker.state", run.clock.Now()).Text(Field::kBroker, "b").Bool(Field::kUp, true));
  return {};
}
void Down(FactSink& facts, UnixMillis now) {
  facts.Report(Fact("broker.state", now).Text(Field::kBroker, "b").Bool(Field::kUp, false));
}

TEST_CASE("source set: what a source reports is in the fleet when the read returns") {
  World world;
  SourceSet sources({Configured("a", Up)}, world.fleet, world.clock, world.observer);
  CHECK(sources.names() == std::vector<std::string>{"a"});
  sources.Read(Soon(), All);
  CHECK(world.Page().at("broker_up{broker=\"b\"}") == "1");
  CHECK(world.observer.lines() == std::vector<std::string>{"a: read"});
}

TEST_CASE("source set: a failed read reports down, and what came before the error stays") {
  World world;
  const auto read = [](const SourceRun& run) -> Result<void> {
    run.facts.Report(Fact("queue.state", run.clock.Now()).Text(Field::kQueue, "q").Number(Field::kDepth, 3));
    return Fail("half of it");
  };
  SourceSet sources({Configured("a", read, Down)}, world.fleet, world.clock, world.observer);
  sources.Read(Soon(), All);
  CHECK(world.Page().at("broker_up{broker=\"b\"}") == "0");
  CHECK(world.Page().at("queue_depth{queue=\"q\",priority=\"none\"}") == "3");
  CHECK(world.observer.lines() == std::vector<std::string>{"a: half of it"});
}

TEST_CASE("source set: a hanging source stops neither the others nor the scrape, and is told once") {
  World world;
  Gate gate;
  std::atomic<int> reads = 0;
  const auto hang = [&](const SourceRun&) -> Result<void> {
    ++reads;
    gate.Pass();
    return {};
  };
  SourceSet sources({Configured("hangs", hang, Down), Configured("works", Up)}, world.fleet, world.clock,
                    world.observer);
  sources.Read(Past(), [](std::string_view name) { return name == "hangs"; });
  gate.AwaitSomebody();
  sources.Read(Past(), [](std::string_view name) { return name == "hangs"; });
  CHECK(world.Page().at("broker_up{broker=\"b\"}") == "0");
  // Its deadline has passed: nobody waits for it until their own.
  sources.Read(Soon(), All);
  CHECK(world.Page().at("broker_up{broker=\"b\"}") == "1");
  CHECK(reads == 1);
  CHECK(world.observer.lines() ==
        std::vector<std::string>{"hangs: no answer by the deadline", "works: read"});
  gate.Open();
}

TEST_CASE("source set: parallel scrapes share one read") {
  World world;
  Gate gate;
  std::atomic<int> reads = 0;
  const auto slow = [&](const SourceRun& run) {
    ++reads;
    gate.Pass();
    return Up(run);
  };
  SourceSet sources({Configured("a", slow)}, world.fleet, world.clock, world.observer);
  std::vector<std::thread> scrapes;
  std::atomic<int> started = 0;
  for (int i = 0; i < 10; ++i) {
    scrapes.emplace_back([&] {
      ++started;
      sources.Read(Soon(), All);
    });
  }
  gate.AwaitSomebody();
  while (started < 10) std::this_thread::yield();
  const int while_all_wait = reads;
  gate.Open();
  for (std::thread& scrape : scrapes) scrape.join();
  CHECK(while_all_wait == 1);
  CHECK(world.Page().at("broker_up{broker=\"b\"}") == "1");
}

TEST_CASE("source set: min_interval keeps reads apart, also those that failed") {
  World world;
  std::atomic<int> reads = 0;
  SourceConfig config = Configured("a", [&](const SourceRun&) -> Result<void> {
    ++reads;
    return Fail("no");
  });
  config.min_interval = std::chrono::hours(1);
  SourceSet sources({config}, world.fleet, world.clock, world.observer);
  sources.Read(Soon(), All);
  sources.Read(Soon(), All);
  CHECK(reads == 1);
}

TEST_CASE("source set: a source with an interval is read without a scrape") {
  World world;
  Gate second;
  std::atomic<int> reads = 0;
  SourceConfig config = Configured("a", [&](const SourceRun&) -> Result<void> {
    if (++reads == 2) second.Pass();
    return {};
  });
  config.interval = std::chrono::milliseconds(1);
  SourceSet sources({config}, world.fleet, world.clock, world.observer);
  second.AwaitSomebody();
  second.Open();
  CHECK(reads >= 2);
}

TEST_CASE("source set: the end cancels a read") {
  World world;
  Gate begun;
  const auto read = [&](const SourceRun& run) -> Result<void> {
    begun.Pass();
    while (!run.deadline.passed()) std::this_thread::yield();
    return Fail("cancelled");
  };
  SourceConfig config = Configured("a", read, Down);
  config.interval = std::chrono::hours(1);
  {
    SourceSet sources({config}, world.fleet, world.clock, world.observer);
    begun.AwaitSomebody();
    begun.Open();
  }
  CHECK(world.observer.lines().empty());
  CHECK(world.Page().count("broker_up{broker=\"b\"}") == 0);
}

TEST_CASE("source set: facts that cannot be used are counted, with an example") {
  World world;
  const auto read = [](const SourceRun& run) -> Result<void> {
    const UnixMillis now = run.clock.Now();
    run.facts.Report(Fact("queue.state", now).Text(Field::kQueue, "q").Number(Field::kDepth, -1));
    run.facts.Report(Fact("queue.state", now).Number(Field::kDepth, 1));
    run.facts.Report(Fact("queue.state", now).Text(Field::kQueue, "q").Text(Field::kPriority, "urgent"));
    run.facts.Unusable(4, "nonsense");
    return {};
  };
  SourceSet sources({Configured("a", read)}, world.fleet, world.clock, world.observer);
  sources.Read(Soon(), All);
  CHECK(world.observer.lines() ==
        std::vector<std::string>{"a: read", "a: 7 unusable, depth of a queue.state is negative"});
  CHECK(world.Page().count("queue_depth{queue=\"q\",priority=\"none\"}") == 0);
}

}  // namespace
}  // namespace fleet
