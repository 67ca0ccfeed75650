#include "exporter/fleet/tasks.h"

#include <catch2/catch.hpp>

#include "tests/unit/exporter/fleet/fleet_fixture.h"

using fleet::FleetLimits;
using fleet::test::FleetFixture;
using fleet::test::Lines;
using fleet::test::SentField;

namespace {

std::string SendTask(FleetFixture& fleet, const std::string& what, double at,
                     std::vector<SentField> more = {}, const std::string& id = "t") {
  more.insert(more.begin(), {"task_id", id});
  if (what == "created") more.insert(more.begin(), {"task_type", "lint"});
  if (what == "assigned") more.insert(more.begin(), {"worker_type", "sandbox"});
  if (what == "retried") more.insert(more.begin(), {"reason", "timeout"});
  return fleet.Send("task." + what, more, at);
}

// pending, assigned, running, completed, failed, cancelled, of all types.
std::string TaskStates(FleetFixture& fleet, double at) {
  const auto page = fleet.Page(at);
  std::string states;
  for (const char* state : {"pending", "assigned", "running", "completed", "failed", "cancelled"}) {
    double sum = 0;
    for (const char* type : {"lint", "unknown"}) {
      const auto it = page.find("tasks{task_type=\"" + std::string(type) + "\",state=\"" + state + "\"}");
      if (it != page.end()) sum += std::stod(it->second);
    }
    states += fleet::test::PrintNumber(sum) + " ";
  }
  return states;
}

struct Step {
  const char* what;
  double at;
};

struct Transition {
  std::vector<Step> steps;
  const char* refusal;  // of the last step
  const char* states;   // after it
};

}  // namespace

TEST_CASE("tasks move only as they can") {
  const Transition kTransitions[] = {
      {{{"created", 0}}, "", "1 0 0 0 0 0 "},
      {{{"created", 0}, {"assigned", 1}}, "", "0 1 0 0 0 0 "},
      {{{"created", 0}, {"assigned", 1}, {"started", 2}}, "", "0 0 1 0 0 0 "},
      {{{"created", 0}, {"started", 2}, {"completed", 3}}, "", "0 0 0 1 0 0 "},
      {{{"created", 0}, {"cancelled", 1}}, "", "0 0 0 0 0 1 "},
      {{{"created", 0}, {"timed_out", 1}}, "", "0 0 0 0 1 0 "},
      {{{"assigned", 0}, {"assigned", 1}}, "", "0 1 0 0 0 0 "},
      {{{"started", 0}, {"retried", 1}}, "", "1 0 0 0 0 0 "},
      {{{"started", 0}, {"failed", 1}, {"retried", 2}}, "", "1 0 0 0 0 0 "},
      {{{"started", 0}, {"failed", 1}, {"retried", 2}, {"started", 3}, {"completed", 4}}, "", "0 0 0 1 0 0 "},

      {{{"created", 0}, {"created", 1}}, "task 't' is pending and cannot be created again", "1 0 0 0 0 0 "},
      {{{"started", 0}, {"started", 1}}, "task 't' is running and cannot be started", "0 0 1 0 0 0 "},
      {{{"started", 0}, {"assigned", 1}}, "task 't' is running and cannot be assigned", "0 0 1 0 0 0 "},
      {{{"completed", 0}, {"started", 1}}, "task 't' is completed and cannot be started", "0 0 0 1 0 0 "},
      {{{"completed", 0}, {"completed", 1}}, "task 't' is completed and cannot be completed", "0 0 0 1 0 0 "},
      {{{"completed", 0}, {"failed", 0}}, "task 't' is completed and cannot be failed", "0 0 0 1 0 0 "},
      {{{"completed", 0}, {"retried", 1}}, "task 't' is completed and cannot be retried", "0 0 0 1 0 0 "},
      {{{"cancelled", 0}, {"assigned", 1}}, "task 't' is cancelled and cannot be assigned", "0 0 0 0 0 1 "},

      // Late: counted, nothing moves back.
      {{{"completed", 3}, {"started", 2}}, "", "0 0 0 1 0 0 "},
      {{{"completed", 3}, {"created", 0}}, "", "0 0 0 1 0 0 "},
      {{{"started", 2}, {"assigned", 1}}, "", "0 0 1 0 0 0 "},
      {{{"started", 2}, {"assigned", 2}}, "", "0 0 1 0 0 0 "},
      {{{"started", 0}, {"retried", 5}, {"failed", 4}}, "", "1 0 0 0 0 0 "},
      // The clock of who ends a task may be behind that of who starts it.
      {{{"started", 2}, {"completed", 1}}, "", "0 0 0 1 0 0 "},
  };
  for (const Transition& transition : kTransitions) {
    std::string name;
    for (const Step& step : transition.steps) name += std::string(step.what) + " ";
    DYNAMIC_SECTION(name << transition.states) {
      FleetFixture fleet;
      std::string refusal;
      for (const Step& step : transition.steps) refusal = SendTask(fleet, step.what, step.at);
      CHECK(refusal == transition.refusal);
      CHECK(TaskStates(fleet, 10) == transition.states);
    }
  }
}

TEST_CASE("a refused change of state is counted and changes nothing else") {
  FleetFixture fleet;
  SendTask(fleet, "created", 0);
  SendTask(fleet, "completed", 1);
  fleet.Changes(2);
  SendTask(fleet, "started", 2);
  CHECK(fleet.Changes(2) == Lines{R"(task_invalid_transitions_total{task_type="lint"} 1)"});
}

TEST_CASE("a task known only from later events is of unknown type until one tells") {
  FleetFixture fleet;
  SendTask(fleet, "started", 0);
  CHECK(fleet.Value(R"(tasks{task_type="unknown",state="running"})", 0) == "1");
  SendTask(fleet, "progressed", 1, {{"task_type", "lint"}});
  CHECK(fleet.Value(R"(tasks{task_type="unknown",state="running"})", 1) == "0");
  CHECK(fleet.Value(R"(tasks{task_type="lint",state="running"})", 1) == "1");
  SendTask(fleet, "completed", 2, {{"task_type", "ignored"}});
  CHECK(fleet.Value(R"(tasks_processed_total{task_type="lint",outcome="completed"})", 2) == "1");
}

TEST_CASE("waits and durations come from the events when nobody reports them") {
  FleetFixture fleet;
  SendTask(fleet, "created", 0, {{"priority", "low"}});
  SendTask(fleet, "started", 4);
  SendTask(fleet, "completed", 10);
  CHECK(fleet.Value(R"(task_wait_duration_seconds{priority="low"})", 10) == "count 1 sum 4");
  CHECK(fleet.Value(R"(task_duration_seconds{task_type="lint"})", 10) == "count 1 sum 6");
}

TEST_CASE("the wait is known when the creation comes after the start") {
  FleetFixture fleet;
  SendTask(fleet, "started", 4);
  SendTask(fleet, "created", 1, {{"priority", "high"}});
  CHECK(fleet.Value(R"(task_wait_duration_seconds{priority="high"})", 10) == "count 1 sum 3");
}

TEST_CASE("a task without progress for the limit is stuck in its state") {
  FleetFixture fleet;
  SendTask(fleet, "assigned", 0, {}, "a");
  SendTask(fleet, "started", 0, {}, "b");
  SendTask(fleet, "created", 0, {}, "c");
  const auto stuck = [&](double at) {
    return fleet.Value(R"(tasks_stuck{state="assigned"})", at) + " " +
           fleet.Value(R"(tasks_stuck{state="running"})", at);
  };
  CHECK(stuck(1800) == "0 0");
  CHECK(stuck(1801) == "1 1");
  SendTask(fleet, "progressed", 1801, {}, "b");
  CHECK(stuck(1802) == "1 0");
  SendTask(fleet, "completed", 1803, {}, "a");
  CHECK(stuck(1803) == "0 0");
}

TEST_CASE("users are active while they have unfinished tasks") {
  FleetLimits limits;
  limits.max_user_series = 1;
  FleetFixture fleet(limits);
  SendTask(fleet, "created", 0, {{"user", "ann"}}, "1");
  SendTask(fleet, "created", 0, {{"user", "ann"}}, "2");
  SendTask(fleet, "created", 0, {{"user", "bob"}}, "3");
  CHECK(fleet.Value("tasks_active_users", 0) == "2");
  CHECK(fleet.Value(R"(user_tasks{user="ann"})", 0) == "2");
  CHECK(fleet.Value(R"(user_tasks{user="bob"})", 0) == "absent");
  SendTask(fleet, "completed", 1, {}, "1");
  CHECK(fleet.Value(R"(user_tasks{user="ann"})", 1) == "1");
  SendTask(fleet, "failed", 2, {}, "2");
  CHECK(fleet.Value("tasks_active_users", 2) == "1");
  CHECK(fleet.Value(R"(user_tasks{user="ann"})", 2) == "absent");
  SendTask(fleet, "retried", 3, {}, "2");
  CHECK(fleet.Value("tasks_active_users", 3) == "2");
}

TEST_CASE("finished tasks leave the table after their retention") {
  FleetFixture fleet;
  SendTask(fleet, "completed", 0);
  CHECK(TaskStates(fleet, 3600) == "0 0 0 1 0 0 ");
  CHECK(TaskStates(fleet, 3601) == "0 0 0 0 0 0 ");
}

TEST_CASE("a task that was retried is not forgotten with its first end") {
  FleetFixture fleet;
  SendTask(fleet, "failed", 0);
  SendTask(fleet, "retried", 1);
  CHECK(TaskStates(fleet, 4000) == "1 0 0 0 0 0 ");
}

TEST_CASE("finished tasks make room before new ones are refused") {
  FleetLimits limits;
  limits.max_entities = 3;
  FleetFixture fleet(limits);
  SendTask(fleet, "completed", 0, {}, "a");
  SendTask(fleet, "completed", 1, {}, "b");
  SendTask(fleet, "created", 2, {}, "c");
  CHECK(SendTask(fleet, "created", 3, {}, "d") == "");
  CHECK(TaskStates(fleet, 3) == "2 0 0 1 0 0 ");
  CHECK(SendTask(fleet, "created", 3, {}, "e") == "");
  CHECK(SendTask(fleet, "created", 3, {}, "f") ==
        "3 tasks are known, which is the limit; no new ones are taken");
  CHECK(TaskStates(fleet, 3) == "3 0 0 0 0 0 ");
}

TEST_CASE("pre-aggregated events count as many, sampled ones weigh as many") {
  FleetFixture fleet;
  SendTask(fleet, "completed", 0, {{"duration_seconds", 2}, {"count", 5}, {"weight", 10}});
  CHECK(fleet.Value(R"(tasks_processed_total{task_type="unknown",outcome="completed"})", 0) == "5");
  CHECK(fleet.Value(R"(task_duration_seconds{task_type="unknown"})", 0) == "count 10 sum 20");
}
