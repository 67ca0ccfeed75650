// Tasks: their states and how long they stay in them, how they end, whose they are.
//
// A task is created by its first event, whichever that is; without task_type it is of type `unknown`.
// Changes of state that cannot be (a completed task that starts) are refused and counted; events that
// come late are not: they count and move nothing back.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/fleet/ended_queue.h"
#include "exporter/fleet/entity_series.h"
#include "exporter/fleet/entity_table.h"
#include "exporter/fleet/event.h"
#include "exporter/fleet/limits.h"
#include "exporter/fleet/refusal.h"
#include "exporter/fleet/series.h"
#include "exporter/fleet/work.h"

namespace fleet {

class Tasks {
 public:
  Tasks(Series& series, const FleetLimits& limits);

  Refused Created(const Event& event, UnixMillis at);
  Refused Assigned(const Event& event, UnixMillis at);
  Refused AssignmentFailed(const Event& event);
  Refused Started(const Event& event, UnixMillis at);
  Refused Progressed(const Event& event, UnixMillis at);
  // `outcome` is one of tasks_processed_total.
  Refused Ended(const Event& event, UnixMillis at, std::string_view outcome);
  Refused Retried(const Event& event, UnixMillis at);

  // For owners of sandboxes: kUnknown is also what has been forgotten.
  enum class Life { kUnknown, kUnfinished, kEnded };
  Life LifeOf(std::string_view task_id);

  void Collect(UnixMillis now);
  void LimitsChanged();

  template <typename Archive>
  void Persist(Archive& archive) {
    archive(entity_series_, tasks_, ended_, users_, types_);
  }

 private:
  enum class State : std::uint8_t { kPending, kAssigned, kRunning, kCompleted, kFailed, kCancelled };

  struct Task {
    Work work;
    LabelValue<"task_type"> type;
    bool has_type = false;  // even if only `unknown`
    bool was_told_type = false;
    State end = State::kCompleted;  // once it ended
    std::uint32_t priority = 0;     // place in the closed set
    std::string user;               // empty: unknown
  };
  struct User {
    std::uint32_t unfinished = 0;
    bool shown = false;
    bool refused = false;
  };
  struct Sums;

  static State StateOf(const Task& task);
  Task* FindOrAdd(const Event& event);
  bool MakeRoom();
  void ForgetEnded(std::string_view id, UnixMillis ended);
  void Learn(Task& task, const Event& event, UnixMillis at);
  Refused Invalid(const Task& task, const Event& event, std::string_view to);
  void Enter(Task& task, Work::Stage to, UnixMillis at);
  void ObserveWait(Task& task, const Event& event);

  void SetUser(Task& task, std::string_view user);
  void AddUnfinished(const std::string& user);
  void RemoveUnfinished(const std::string& user);
  void ShowUser(const std::string& name, User& user);
  void HideUser(const std::string& name, User& user);

  void Forget(UnixMillis now);
  void CollectStates(const Sums& sums);

  Series* series_;
  const FleetLimits* limits_;
  EntitySeries entity_series_;
  EntityTable<Task> tasks_;
  EndedQueue ended_;
  EntityTable<User> users_;                     // with unfinished tasks
  std::vector<LabelValue<"task_type">> types_;  // all that were ever seen
};

}  // namespace fleet
