#include "exporter/simulate/simulation.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/unit/exporter/simulate/one_incident.h"

namespace fleet::simulate {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

std::vector<SimulatedEvent> Simulate(const SimulationOptions& options, milliseconds length,
                                     milliseconds step) {
  Simulation simulation(options, kStart);
  std::vector<SimulatedEvent> all;
  for (UnixMillis now = kStart; now <= kStart + length; now = now + step) {
    std::vector<SimulatedEvent> events = simulation.Step(now);
    std::ranges::move(events, std::back_inserter(all));
  }
  return all;
}

UnixMillis At(seconds offset) { return kStart + offset; }

// Sum of the counts of the events of `type` from `begin` until before `end` that `matches` accepts.
double Count(
    const std::vector<SimulatedEvent>& events, std::string_view type, UnixMillis begin, UnixMillis end,
    const std::function<bool(const SimulatedEvent&)>& matches = [](const SimulatedEvent&) { return true; }) {
  double sum = 0;
  for (const SimulatedEvent& event : events) {
    if (event.type == type && event.time >= begin && event.time < end && matches(event)) sum += event.Count();
  }
  return sum;
}

double Depth(const std::vector<SimulatedEvent>& events, std::string_view queue, UnixMillis at) {
  std::map<std::string, double, std::less<>> by_priority;
  for (const SimulatedEvent& event : events) {
    if (event.time > at) break;
    if (event.type != "queue.state" || event.Text("queue") != queue) continue;
    if (!event.Text("priority").empty()) {
      by_priority[std::string(event.Text("priority"))] = event.Number("depth");
    }
  }
  double sum = 0;
  for (const auto& [priority, depth] : by_priority) sum += depth;
  return sum;
}

TEST_CASE("the same seed gives the same events, whatever the steps") {
  const SimulationOptions options = With(Incident::kWorkerDeath);
  const auto fine = Simulate(options, minutes(4), milliseconds(100));
  const auto coarse = Simulate(options, minutes(4), seconds(8));
  REQUIRE(fine.size() == coarse.size());
  CHECK(fine == coarse);
  CHECK(std::ranges::is_sorted(fine, {}, &SimulatedEvent::time));

  SimulationOptions other = options;
  other.seed = 2;
  CHECK(Simulate(other, minutes(4), seconds(8)) != fine);
}

TEST_CASE("ids carry the run id") {
  SimulationOptions options;
  options.run_id = "abc";
  for (const SimulatedEvent& event : Simulate(options, minutes(1), seconds(1))) {
    for (const std::string_view field : {"task_id", "run_id", "sandbox_id"}) {
      if (event.Find(field) == nullptr) continue;
      INFO(event.Text(field));
      CHECK(event.Text(field).find("-abc-") != std::string_view::npos);
    }
  }
}

TEST_CASE("the rates are the ones that were asked for") {
  for (const double rate : {1.0, 5.0, 200.0}) {
    SimulationOptions options;
    options.rate = rate;
    const auto events = Simulate(options, minutes(10), seconds(1));
    const UnixMillis end = At(minutes(10));
    const auto plain = [](const SimulatedEvent& e) { return !e.Text("task_type").starts_with("agent_"); };
    INFO(rate);
    CHECK(Count(events, "task.created", kStart, end, plain) / 600 == Approx(rate).epsilon(0.12));
    CHECK(Count(events, "http.request", kStart, end) / 600 == Approx(14 * rate).epsilon(0.1));
    CHECK(Count(events, "run.created", kStart, end) / 600 == Approx(0.1 * rate).epsilon(0.35));
    CHECK(Count(events, "worker.heartbeat", kStart, end) == Approx(12.0 * 120).epsilon(0.02));
  }
}

TEST_CASE("an ordinary hour meets its objectives") {
  const auto events = Simulate(SimulationOptions(), hours(1), seconds(1));
  const UnixMillis end = At(hours(1));
  const double requests = Count(events, "http.request", kStart, end);
  const double failed = Count(events, "http.request", kStart, end,
                              [](const SimulatedEvent& e) { return e.Text("code").starts_with('5'); });
  CHECK(failed / requests < 0.001);
  CHECK(failed > 0);
  const auto slower = [&](std::string_view type, double limit) {
    const auto slow = [&](const SimulatedEvent& e) { return e.Number("duration_seconds") > limit; };
    return Count(events, type, kStart, end, slow) / Count(events, type, kStart, end);
  };
  CHECK(slower("agent.responded", 0.05) < 0.05);
  CHECK(slower("agent.responded", 0.1) < 0.01);
  CHECK(slower("agent.started", 0.1) < 0.05);
  CHECK(slower("agent.executed", 30) < 0.05);
  CHECK(slower("http.request", 0.2) < 0.05);
  CHECK(slower("db.query", 0.05) < 0.05);
  CHECK(slower("db.query", 0.1) < 0.01);
  CHECK(slower("sandbox.ready", 2) < 0.05);
  CHECK(Depth(events, "tasks", end) < 200);
}

TEST_CASE("every task that ends was created, assigned and started before, and most end") {
  std::map<std::string, std::string_view, std::less<>> state;
  int created = 0;
  int ended = 0;
  for (const SimulatedEvent& event : Simulate(With(Incident::kWorkerDeath), minutes(10), seconds(1))) {
    if (!event.type.starts_with("task.") || event.Find("task_id") == nullptr) continue;
    if (event.Text("task_id").starts_with("steps-")) continue;
    const std::string id(event.Text("task_id"));
    const std::string_view before = state.contains(id) ? state[id] : "";
    INFO(id << " " << event.type << " after " << before);
    if (event.type == "task.created") {
      CHECK(before.empty());
      ++created;
    } else if (event.type == "task.assigned") {
      CHECK((before == "task.created" || before == "task.retried"));
    } else if (event.type == "task.started") {
      CHECK(before == "task.assigned");
    } else if (event.type == "task.progressed") {
      CHECK((before == "task.started" || before == "task.progressed"));
    } else if (event.type == "task.retried") {
      CHECK((before == "task.assigned" || before == "task.started" || before == "task.progressed"));
    } else {
      const bool session = id.starts_with("session-");  // the sandbox may fail before it starts
      CHECK((before == "task.started" || before == "task.progressed" || session));
      ++ended;
    }
    state[id] = event.type;
  }
  CHECK(created > 2500);
  CHECK(created - ended < 60);
}

TEST_CASE("worker-death: a third of the sandbox workers is silent, their tasks hang, all come back") {
  const auto events = Simulate(With(Incident::kWorkerDeath), minutes(4), seconds(1));
  const auto heard = [&](UnixMillis begin, UnixMillis end) {
    std::set<std::string, std::less<>> ids;
    for (const SimulatedEvent& event : events) {
      if (event.type == "worker.heartbeat" && event.time >= begin && event.time < end) {
        ids.emplace(event.Text("worker_id"));
      }
    }
    return ids;
  };
  CHECK(heard(kStart, At(seconds(30))).size() == 12);
  const auto during = heard(At(seconds(31)), At(seconds(150)));
  CHECK(during.size() == 9);
  CHECK_FALSE(during.contains("sandbox-01"));
  CHECK_FALSE(during.contains("sandbox-03"));
  CHECK(during.contains("sandbox-04"));
  CHECK(heard(At(seconds(150)), At(seconds(160))).size() == 12);
  CHECK(Count(events, "worker.stopped", kStart, At(minutes(4))) == 0);
  CHECK(Count(events, "worker.crashed", kStart, At(minutes(4))) == 0);
  const auto lost = [](const SimulatedEvent& e) { return e.Text("reason") == "timeout"; };
  CHECK(Count(events, "task.retried", At(seconds(150)), At(seconds(151)), lost) >= 1);
  const auto restarted = [](const SimulatedEvent& e) {
    return e.Number("start_time") == At(seconds(150)).Seconds();
  };
  std::set<std::string_view> back;
  for (const SimulatedEvent& event : events) {
    if (event.type == "worker.heartbeat" && restarted(event)) back.insert(event.Text("worker_id"));
  }
  CHECK(back == std::set<std::string_view>{"sandbox-01", "sandbox-02", "sandbox-03"});
}

TEST_CASE("queue-backup: over 5000 for two minutes and over 1000 for five, then empty again") {
  SimulationOptions options = With(Incident::kQueueBackup);
  const auto events = Simulate(options, minutes(12), seconds(1));
  CHECK(Depth(events, "tasks", At(seconds(30))) < 200);
  for (int second = 125; second <= 245; second += 10)
    CHECK(Depth(events, "tasks", At(seconds(second))) > 5000);
  for (int second = 60; second <= 360; second += 10)
    CHECK(Depth(events, "tasks", At(seconds(second))) > 1000);
  CHECK(Depth(events, "tasks", At(minutes(12))) < 300);
  CHECK(Depth(events, "agents", At(seconds(150))) < 200);
}

TEST_CASE("queue-backup reaches the same depth in a short incident and at a high rate") {
  SimulationOptions options = With(Incident::kQueueBackup);
  options.incidents.duration = seconds(40);
  options.rate = 50;
  const auto events = Simulate(options, minutes(2), seconds(1));
  CHECK(Depth(events, "tasks", At(seconds(70))) > 6000);
}

TEST_CASE("error-burst: a fifth of the API's requests fails with errors, the rest works") {
  const auto events = Simulate(With(Incident::kErrorBurst), minutes(4), seconds(1));
  const auto ratio = [&](std::string_view component, UnixMillis begin, UnixMillis end) {
    const auto of = [&](const SimulatedEvent& e) { return e.Text("component") == component; };
    const auto bad = [&](const SimulatedEvent& e) { return of(e) && e.Text("code") == "500"; };
    return Count(events, "http.request", begin, end, bad) / Count(events, "http.request", begin, end, of);
  };
  CHECK(ratio("api", At(seconds(31)), At(seconds(150))) == Approx(0.2).margin(0.03));
  CHECK(ratio("coordinator", At(seconds(31)), At(seconds(150))) < 0.01);
  CHECK(ratio("api", At(seconds(151)), At(seconds(240))) < 0.01);
  const auto of_api = [](const SimulatedEvent& e) { return e.Text("code") == "500"; };
  CHECK(Count(events, "error", At(seconds(31)), At(seconds(150)), of_api) > 300);
  const auto slow = [](const SimulatedEvent& e) {
    return e.Text("component") == "api" && e.Number("duration_seconds") > 0.2;
  };
  CHECK(Count(events, "http.request", At(seconds(31)), At(seconds(150)), slow) >
        20 * Count(events, "http.request", At(seconds(151)), At(seconds(240)), slow));
}

TEST_CASE("network-loss: what is far away is down, runs fail, and all comes back") {
  const auto events = Simulate(With(Incident::kNetworkLoss), minutes(6), seconds(1));
  struct Far {
    std::string_view type;
    std::string_view key;
    std::string_view name;
  };
  for (const Far& far :
       {Far{"component.state", "component", "coordinator"}, Far{"api.state", "api", "github"},
        Far{"broker.state", "broker", "redis"}, Far{"db.state", "database", "replica"}}) {
    INFO(far.name);
    const auto down = [&](const SimulatedEvent& event) {
      return event.Text(far.key) == far.name && !std::get<bool>(event.Find("up")->content);
    };
    CHECK(Count(events, far.type, kStart, At(seconds(30)), down) == 0);
    CHECK(Count(events, far.type, At(seconds(31)), At(seconds(150)), down) > 10);
    CHECK(Count(events, far.type, At(seconds(151)), At(seconds(360)), down) == 0);
  }
  CHECK(Count(events, "run.failed", At(seconds(31)), At(seconds(150))) >
        2 * Count(events, "run.failed", At(seconds(220)), At(seconds(339))));
  CHECK(Count(events, "runner.offline", At(seconds(30)), At(seconds(31))) == 4);
}

TEST_CASE("sandbox-leak: the pool of containers is used up, a cleanup gives it back") {
  const auto events = Simulate(With(Incident::kSandboxLeak), minutes(6), seconds(1));
  const auto available = [&](std::string_view type, UnixMillis at) {
    double ratio = 1;
    for (const SimulatedEvent& event : events) {
      if (event.time > at) break;
      if (event.type != "sandbox.pool" || event.Text("sandbox_type") != type) continue;
      ratio = event.Number("available") / event.Number("capacity");
    }
    return ratio;
  };
  CHECK(available("container", At(seconds(30))) > 0.1);
  CHECK(available("container", At(seconds(110))) < 0.1);
  CHECK(available("container", At(seconds(149))) < 0.1);
  CHECK(available("wasm", At(seconds(149))) > 0.1);
  CHECK(available("container", At(seconds(160))) > 0.3);
  const auto orphaned = [](const SimulatedEvent& e) { return e.Text("reason") == "orphaned"; };
  CHECK(Count(events, "sandbox.terminated", kStart, At(seconds(150)), orphaned) == 0);
  CHECK(Count(events, "sandbox.terminated", At(seconds(150)), At(seconds(151)), orphaned) >= 9);
  const auto failed = [](const SimulatedEvent& e) { return std::get<bool>(e.Find("ok")->content) == false; };
  CHECK(Count(events, "sandbox.cleanup", At(seconds(31)), At(seconds(150)), failed) >= 3);
  CHECK(Count(events, "sandbox.cleanup", At(seconds(150)), At(minutes(6)), failed) == 0);
}

TEST_CASE("the status tells of the incident and of the workers") {
  Simulation simulation(With(Incident::kWorkerDeath), kStart);
  simulation.Step(At(seconds(20)));
  CHECK_FALSE(simulation.Status().incident.has_value());
  CHECK(simulation.Status().workers_alive == 12);
  simulation.Step(At(seconds(60)));
  CHECK(simulation.Status().incident == Incident::kWorkerDeath);
  CHECK(simulation.Status().workers_alive == 9);
  CHECK(simulation.Status().workers == 12);
  simulation.Step(At(seconds(200)));
  CHECK_FALSE(simulation.Status().incident.has_value());
  CHECK(simulation.Status().workers_alive == 12);
}

TEST_CASE("a dead worker's tasks do not stop the others") {
  SimulationOptions options = With(Incident::kWorkerDeath);
  options.workers = 2;  // one of them runs tasks, and it dies
  Simulation simulation(options, kStart);
  simulation.Step(At(seconds(149)));
  CHECK(simulation.Status().open_tasks > 400);
  simulation.Step(At(minutes(20)));
  CHECK(simulation.Status().open_tasks < 60);
}

}  // namespace
}  // namespace fleet::simulate
