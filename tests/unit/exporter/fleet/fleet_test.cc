// What holds for the fleet as a whole, whatever the events.
#include "exporter/fleet/fleet.h"

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <map>
#include <random>
#include <set>
#include <thread>

#include "lib/catalog/catalog.h"
#include "tests/unit/exporter/fleet/fleet_fixture.h"

using fleet::Event;
using fleet::EventType;
using fleet::EventTypes;
using fleet::Field;
using fleet::FieldKind;
using fleet::FieldUse;
using fleet::Fleet;
using fleet::FleetLimits;
using fleet::Snapshot;
using fleet::UnixMillis;
using fleet::test::FleetFixture;
using fleet::test::SentField;
namespace {

// Random valid events about few entities, so that they meet.
class EventSource {
 public:
  explicit EventSource(unsigned seed) : random_(seed) {
    for (int i = 0; i < 6; ++i) names_.push_back("name-" + std::to_string(i));
  }

  Event Next() {
    Event event;
    event.type = &EventTypes()[random_() % EventTypes().size()];
    event.source = Name();
    event.time = FleetFixture::kStart + std::chrono::seconds(clock_ += random_() % 20);
    if (random_() % 5 == 0) event.time = event.time - std::chrono::seconds(random_() % 600);
    event.count = 1 + static_cast<double>(random_() % 3);
    event.weight = 1 + static_cast<double>(random_() % 10);
    if (random_() % 10 == 0) event.trace_id = Name();
    for (const FieldUse& use : event.type->fields) {
      if (use.required || random_() % 2 == 0) AddField(use, event);
    }
    return event;
  }
  UnixMillis now() const { return FleetFixture::kStart + std::chrono::seconds(clock_); }

 private:
  std::string_view Name() { return names_[random_() % names_.size()]; }

  void AddField(const FieldUse& use, Event& event) {
    const FieldKind kind = fleet::Definition(use.field).kind;
    const std::string_view text = use.values.empty() ? Name() : use.values[random_() % use.values.size()];
    double number = static_cast<double>(random_() % 1000) / 8;
    if (kind == FieldKind::kBool) number = static_cast<double>(random_() % 2);
    if (kind == FieldKind::kTime) number = (now() - std::chrono::seconds(random_() % 1000)).Seconds();
    event.Add({use.field, text, number});
  }

  std::mt19937 random_;
  std::vector<std::string> names_;
  std::int64_t clock_ = 0;
};

double Sum(const std::map<std::string, std::string>& page, const std::string& family) {
  double sum = 0;
  for (const auto& [name, value] : page) {
    if (name.starts_with(family + "{")) sum += std::stod(value);
  }
  return sum;
}

// The values of all counters and of the buckets and sums of all histograms, by name and labels.
std::map<std::string, std::vector<double>> RisingValues(Fleet& fleet, UnixMillis now) {
  Snapshot snapshot;
  fleet.Collect(now, snapshot);
  std::map<std::string, std::vector<double>> values;
  for (const auto& family : snapshot.families) {
    const auto* const def = fleet::catalog::Find(family.header->name.substr(6));
    if (def->type == fleet::catalog::MetricType::kGauge) continue;
    if (def->scope == fleet::catalog::Scope::kEntity) continue;  // as their senders report them
    const std::size_t stride = ValuesPerSeries(*family.header);
    for (std::size_t i = 0; i < family.labels->size(); ++i) {
      const auto first = family.values.begin() + static_cast<std::ptrdiff_t>(i * stride);
      values[family.header->name + std::string((*family.labels)[i])] = {
          first, first + static_cast<std::ptrdiff_t>(stride)};
    }
  }
  return values;
}

std::string Page(Fleet& fleet, UnixMillis now) {
  Snapshot snapshot;
  fleet.Collect(now, snapshot);
  std::string page;
  for (const auto& [name, value] : fleet::test::PrintSeries(snapshot)) page += name + " " + value + "\n";
  return page;
}

}  // namespace

TEST_CASE("what a source perhaps tells again counts once, and ends nothing that is not known") {
  FleetFixture fleet;
  const auto tell = [&](std::string_view type, const std::vector<SentField>& fields, double at) {
    Event event = FleetFixture::Make(type, fields, at);
    event.retold = true;
    return !fleet.fleet().Apply(event, FleetFixture::At(at)).has_value();
  };
  const std::vector<SentField> heartbeat = {{"worker_id", "w"}, {"worker_type", "t"}};
  const std::vector<SentField> task = {{"task_id", "1"}, {"task_type", "build"}};
  const std::vector<SentField> assigned = {{"task_id", "1"}, {"task_type", "build"}, {"worker_type", "t"}};
  const std::vector<SentField> sandbox = {{"sandbox_id", "s"}};
  CHECK(tell("sandbox.terminated", sandbox, 1));
  REQUIRE(fleet.Send("sandbox.activity", sandbox, 1) == "");
  for (int i = 0; i < 2; ++i) {
    CHECK(tell("worker.heartbeat", heartbeat, 1));
    CHECK(tell("task.created", task, 1));
    CHECK(tell("task.assigned", assigned, 2));
    CHECK(tell("task.started", task, 3));
  }
  CHECK(fleet.Value(R"(tasks{task_type="build",state="running"})", 3) == "1");
  for (int i = 0; i < 2; ++i) {
    CHECK(tell("task.completed", task, 4));
    CHECK(tell("sandbox.terminated", sandbox, 4));
  }
  for (const char* series :
       {R"(worker_heartbeats_total{worker_type="t"})", R"(tasks_created_total{task_type="build"})",
        R"(tasks_assigned_total{worker_type="t"})",
        R"(tasks_processed_total{task_type="build",outcome="completed"})",
        R"(sandbox_terminations_total{reason="other"})"}) {
    CAPTURE(series);
    CHECK(fleet.Value(series, 4) == "1");
  }
  CHECK(fleet.Value(R"(task_invalid_transitions_total{task_type="build"})", 4) == "0");
  CHECK(tell("worker.heartbeat", heartbeat, 5));
  CHECK(fleet.Value(R"(worker_heartbeats_total{worker_type="t"})", 5) == "2");
}

TEST_CASE("no counter and no bucket ever falls") {
  for (const unsigned seed : {1U, 2U, 3U}) {
    EventSource events(seed);
    FleetLimits limits;
    limits.max_sandbox_series = 2;
    Fleet fleet("fleet", limits);
    auto before = RisingValues(fleet, events.now());
    for (int round = 0; round < 60; ++round) {
      for (int i = 0; i < 50; ++i) fleet.Apply(events.Next(), events.now());
      auto now = RisingValues(fleet, events.now());
      for (const auto& [name, values] : before) {
        REQUIRE(now.contains(name));
        for (std::size_t i = 0; i < values.size(); ++i) REQUIRE(now[name][i] >= values[i]);
      }
      before = std::move(now);
    }
  }
}

TEST_CASE("states are exclusive and complete") {
  EventSource events(4);
  FleetFixture fleet;
  std::set<std::string> workers;
  for (int i = 0; i < 3000; ++i) {
    const Event event = events.Next();
    const bool applied = !fleet.fleet().Apply(event, events.now());
    if (applied && event.type->name == "worker.heartbeat") {
      workers.insert(std::string(event.Text(Field::kWorkerType)) + " " +
                     std::string(event.Text(Field::kWorkerId)));
    }
    if (applied && (event.type->name == "worker.stopped" || event.type->name == "worker.crashed")) {
      workers.insert(std::string(event.Text(Field::kWorkerType)) + " " +
                     std::string(event.Text(Field::kWorkerId)));
    }
  }
  Snapshot snapshot;
  fleet.fleet().Collect(events.now(), snapshot);
  const auto page = fleet::test::PrintSeries(snapshot);
  CHECK(Sum(page, "workers_processes") == static_cast<double>(workers.size()));
  double stopped = 0;
  for (const auto& [name, value] : page) {
    if (name.starts_with("workers_processes") && name.ends_with("state=\"stopped\"}"))
      stopped += std::stod(value);
  }
  CHECK(Sum(page, "workers") == static_cast<double>(workers.size()) - stopped);
  CHECK(Sum(page, "tasks") <= 6);
  CHECK(Sum(page, "runs") <= 6);
  CHECK(Sum(page, "sandboxes") <= 6);
  for (const char* family : {"tasks", "runs", "runners", "sandboxes", "workers"}) {
    CHECK(Sum(page, family) == std::floor(Sum(page, family)));
  }
}

TEST_CASE("the same events give the same page") {
  const auto page = [] {
    EventSource events(5);
    Fleet fleet("fleet", FleetLimits{});
    for (int i = 0; i < 2000; ++i) fleet.Apply(events.Next(), events.now());
    return Page(fleet, events.now());
  };
  CHECK(page() == page());
}

TEST_CASE("a collection changes nothing") {
  EventSource events(6);
  Fleet fleet("fleet", FleetLimits{});
  for (int i = 0; i < 1000; ++i) fleet.Apply(events.Next(), events.now());
  const auto first = Page(fleet, events.now());
  CHECK(Page(fleet, events.now()) == first);
}

TEST_CASE("memory is bounded by the limits, whatever ids are sent") {
  FleetLimits limits;
  limits.max_entities = 50;
  limits.max_worker_series = 10;
  FleetFixture fleet(limits);
  for (int i = 0; i < 2000; ++i) {
    const std::string id = "id-" + std::to_string(i);
    fleet.source = id;
    fleet.Send("worker.heartbeat", {{"worker_id", id}, {"worker_type", id}, {"version", id}, {"host", id}});
    fleet.Send("runner.heartbeat", {{"runner_id", id}, {"pool", id}});
    fleet.Send("run.created", {{"run_id", id}});
    fleet.Send("task.created", {{"task_id", id}, {"task_type", id}, {"user", id}});
    fleet.Send("sandbox.requested", {{"sandbox_id", id}, {"sandbox_type", id}});
    fleet.Send("queue.state", {{"queue", id}, {"depth", 1}});
    fleet.Send("component.state", {{"component", id}, {"version", id}, {"cpu_seconds", 1}});
    fleet.Send("http.request", {{"component", id}, {"endpoint", "/" + id}, {"method", id}, {"code", id}});
  }
  const auto page = fleet.Page(0);
  CHECK(page.size() < 10000);
  CHECK(Sum(page, "workers") == 50);
  CHECK(Sum(page, "runs") == 50);
  CHECK(page.contains(R"(worker_memory_bytes{worker_id="id-9"})") == false);
  CHECK(page.at(R"(exporter_label_values_folded_total{label="queue"})") == "1900");
}

TEST_CASE("events may be applied by many threads while others collect") {
  Fleet fleet("fleet", FleetLimits{});
  constexpr int kThreads = 8;
  constexpr int kEvents = 500;
  std::atomic<int> running = kThreads;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&fleet, &running, t] {
      EventSource events(static_cast<unsigned>(100 + t));
      for (int i = 0; i < kEvents; ++i) {
        fleet.Apply(events.Next(), events.now());
        Event run;
        run.type = fleet::FindEventType("run.executed");
        run.time = events.now();
        run.Add({Field::kPool, "shared", 0});
        fleet.Apply(run, events.now());
      }
      --running;
    });
  }
  while (running > 0) {
    Snapshot snapshot;
    fleet.Collect(FleetFixture::kStart, snapshot);
    REQUIRE(!snapshot.families.empty());
  }
  for (std::thread& thread : threads) thread.join();
  Snapshot snapshot;
  fleet.Collect(FleetFixture::kStart, snapshot);
  CHECK(fleet::test::PrintSeries(snapshot).at(R"(runs_executed_total{pool="shared"})") ==
        std::to_string(kThreads * kEvents));
}
