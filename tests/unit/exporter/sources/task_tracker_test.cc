#include "exporter/sources/task_tracker.h"

#include <catch2/catch.hpp>

#include "tests/unit/exporter/sources/source_fixture.h"

namespace fleet {
namespace {

using Lines = std::vector<std::string>;

constexpr std::int64_t kSecond = 1000;

TaskRow Row(std::string id, std::string state, std::int64_t seconds) {
  TaskRow row;
  row.id = std::move(id);
  row.state = std::move(state);
  row.type = "build";
  row.time = UnixMillis{seconds * kSecond};
  return row;
}

class Table {
 public:
  explicit Table(const TaskWords::Words& words = {}) : words_(words) {}

  Lines Read(const std::vector<TaskRow>& rows, std::int64_t now = 1000) {
    test::RecordedFacts facts;
    tracker.Begin();
    for (const TaskRow& row : rows) tracker.See(row, facts);
    tracker.End(UnixMillis{now * kSecond});
    return facts.lines;
  }

 private:
  TaskWords words_;

 public:
  TaskTracker tracker{words_};
};

TEST_CASE("task tracker: the first sight of a task in each state") {
  TaskRow pending = Row("a", "queued", 5);
  pending.created = UnixMillis{2 * kSecond};
  pending.priority = "HIGH";
  pending.user = "u";
  TaskRow running = Row("c", "in_progress", 9);
  running.started = UnixMillis{7 * kSecond};
  TaskRow ended = Row("d", "timeout", 9);
  ended.created = UnixMillis{3 * kSecond};
  ended.started = UnixMillis{4 * kSecond};
  CHECK(Table().Read({pending, Row("b", "Assigned", 6), running, ended}) ==
        Lines{"task.created @2 task_id=a task_type=build priority=high user=u",
              "task.created @6 task_id=b task_type=build",
              "task.assigned @6 task_id=b task_type=build worker_type=unknown",
              "task.created @9 task_id=c task_type=build", "task.started @7 task_id=c task_type=build",
              "task.progressed @9 task_id=c task_type=build", "task.created @3 task_id=d task_type=build",
              "task.started @4 task_id=d task_type=build", "task.timed_out @9 task_id=d task_type=build"});
}

TEST_CASE("task tracker: what has not changed is not told again, what has is told once") {
  Table table;
  table.Read({Row("a", "pending", 1)});
  CHECK(table.Read({Row("a", "pending", 1)}).empty());
  CHECK(table.Read({Row("a", "running", 2)}) ==
        Lines{"task.started @2 task_id=a task_type=build", "task.progressed @2 task_id=a task_type=build"});
  CHECK(table.Read({Row("a", "running", 3)}) == Lines{"task.progressed @3 task_id=a task_type=build"});
  CHECK(table.Read({Row("a", "failed", 4)}) == Lines{"task.failed @4 task_id=a task_type=build"});
  CHECK(table.Read({Row("a", "failed", 5)}).empty());  // archived, say
  CHECK(table.Read({Row("a", "pending", 6)}) ==
        Lines{"task.retried @6 task_id=a task_type=build reason=other"});
}

TEST_CASE("task tracker: tasks that vanish, and those that were deleted") {
  Table table;
  table.Read({Row("a", "pending", 1), Row("b", "completed", 1), Row("c", "running", 1)});
  table.Read({Row("c", "running", 1)});
  CHECK(table.tracker.Vanished(10) == std::vector<std::string>{"a"});
  CHECK(table.tracker.Vanished(0).empty());
  test::RecordedFacts facts;
  table.tracker.Deleted("a", UnixMillis{9 * kSecond}, facts);
  CHECK(facts.lines == Lines{"task.cancelled @9 task_id=a"});
  CHECK(table.tracker.Vanished(10).empty());
}

TEST_CASE("task tracker: ended tasks are forgotten after an hour") {
  Table table;
  table.Read({Row("a", "completed", 10)}, 20);
  CHECK(table.tracker.size() == 1);
  table.Read({}, 10 + 3600);
  CHECK(table.tracker.size() == 1);
  table.Read({}, 11 + 3600);
  CHECK(table.tracker.size() == 0);
}

TEST_CASE("task tracker: words of one's own, and words nobody knows") {
  const TaskWords::Words words = {{"parked", "pending"}};
  Table table(words);
  CHECK(table.Read({Row("a", "parked", 1), Row("b", "odd\n", 1)}) ==
        Lines{"task.created @1 task_id=a task_type=build",
              "unusable 1: nobody knows the state 'odd\\n' of a task"});
  const auto open = TaskWords(words).OpenWords();
  CHECK(std::find(open.begin(), open.end(), "parked") != open.end());
  CHECK(std::find(open.begin(), open.end(), "RUNNING") != open.end());
  CHECK(std::find(open.begin(), open.end(), "completed") == open.end());
}

}  // namespace
}  // namespace fleet
