// Rows of a task table, read again and again, to the events that must have happened between two reads.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "exporter/sources/fact.h"
#include "lib/base/clock.h"

namespace fleet {

struct TaskRow {
  std::string id;
  std::string state;  // in the words of the table
  std::string type, priority, user, worker_type;
  UnixMillis time;  // of its last change
  std::optional<UnixMillis> created, started;
};

// What the words of a table mean: pending, assigned, running, completed, failed, cancelled, timed_out.
class TaskWords {
 public:
  using Words = std::map<std::string, std::string, std::less<>>;

  explicit TaskWords(const Words& more);
  // Empty: nobody knows.
  std::string_view MeaningOf(std::string_view word) const;
  // All words of states that are not the end.
  std::vector<std::string> OpenWords() const;
  static bool IsOpen(std::string_view state);

 private:
  Words words_;
};

class TaskTracker {
 public:
  explicit TaskTracker(const TaskWords& words) : words_(&words) {}

  // One read: Begin, See for every row, End.
  void Begin() { ++read_; }
  void See(const TaskRow& row, FactSink& facts);
  void End(UnixMillis now);
  // Tasks that were open in the last read and not among this one's.
  std::vector<std::string> Vanished(std::size_t most) const;
  // One of them is nowhere: somebody deleted it.
  void Deleted(const std::string& id, UnixMillis now, FactSink& facts);

  std::size_t size() const { return tasks_.size(); }

 private:
  struct Task {
    std::string state;
    UnixMillis time;
    std::size_t seen = 0;  // in which read
    UnixMillis ended;      // when we learnt it; 0: it is open
  };

  void ReportState(const TaskRow& row, std::string_view state, const Task* before, FactSink& facts) const;

  const TaskWords* words_;
  std::size_t read_ = 0;
  std::unordered_map<std::string, Task> tasks_;
};

}  // namespace fleet
