#include "exporter/fleet/tasks.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace fleet {

using enum Field;

namespace {

constexpr auto kStates = ValuesOf<"tasks">("state");
static_assert(ValuesAre<"tasks">("state",
                                 {"pending", "assigned", "running", "completed", "failed", "cancelled"}));
static_assert(ValuesAre<"tasks_oldest_state_change_timestamp_seconds">("state",
                                                                       {"pending", "assigned", "running"}));

constexpr std::string_view kUnknownType = "unknown";

std::uint32_t PriorityOf(const Event& event) {
  return ClosedValue(catalog::Metric<"task_wait_duration_seconds">.labels[0],
                     event.TextOr(kPriority, "none"));
}

}  // namespace

struct Tasks::Sums {
  std::vector<std::array<double, 6>> states;  // by id of the task type
  std::array<double, 3> stuck{};              // by stage, as the next
  std::array<UnixMillis, 3> oldest{};         // 0: none
};

Tasks::Tasks(Series& series, const FleetLimits& limits)
    : series_(&series),
      limits_(&limits),
      entity_series_(series, catalog::Group::kTasks, limits.max_user_series) {}

Refused Tasks::Created(const Event& event, UnixMillis at) {
  Task* const task = FindOrAdd(event);
  if (task == nullptr) return TooMany("tasks", limits_->max_entities);
  Learn(*task, event, at);
  if (task->work.created.value != 0) {
    return event.retold ? std::nullopt : Invalid(*task, event, "created again");
  }
  series_->Count<"tasks_created_total">(event.count, task->type);
  task->work.created = at;
  task->priority = PriorityOf(event);
  SetUser(*task, event.Text(kUser));
  if (task->work.changed.value == 0) EnterStage(task->work, Work::Stage::kPending, at);
  ObserveWait(*task, event);
  return std::nullopt;
}

Refused Tasks::Assigned(const Event& event, UnixMillis at) {
  Task* const task = FindOrAdd(event);
  if (task == nullptr) return TooMany("tasks", limits_->max_entities);
  Learn(*task, event, at);
  if (event.retold && task->work.stage >= Work::Stage::kAssigned) return std::nullopt;
  const Step step = JudgeStep(task->work, Work::Stage::kAssigned, at);
  if (step == Step::kInvalid) return Invalid(*task, event, "assigned");
  series_->Count<"tasks_assigned_total">(event.count, event.Text(kWorkerType));
  if (const auto seconds = event.Number(kDurationSeconds)) {
    series_->Observe<"task_assignment_duration_seconds">({*seconds, event.weight, event.trace_id, at});
  }
  if (step == Step::kMove) Enter(*task, Work::Stage::kAssigned, at);
  return std::nullopt;
}

Refused Tasks::AssignmentFailed(const Event& event) {
  series_->Count<"task_assignment_failures_total">(event.count, event.Text(kReason));
  return std::nullopt;
}

Refused Tasks::Started(const Event& event, UnixMillis at) {
  Task* const task = FindOrAdd(event);
  if (task == nullptr) return TooMany("tasks", limits_->max_entities);
  Learn(*task, event, at);
  if (event.retold && task->work.stage >= Work::Stage::kRunning) return std::nullopt;
  const Step step = JudgeStep(task->work, Work::Stage::kRunning, at);
  if (step == Step::kInvalid) return Invalid(*task, event, "started");
  if (task->work.started.value == 0 || step == Step::kMove) task->work.started = at;
  ObserveWait(*task, event);
  if (step == Step::kMove) Enter(*task, Work::Stage::kRunning, at);
  return std::nullopt;
}

Refused Tasks::Progressed(const Event& event, UnixMillis at) {
  Task* const task = FindOrAdd(event);
  if (task == nullptr) return TooMany("tasks", limits_->max_entities);
  Learn(*task, event, at);
  if (task->work.changed.value == 0) Enter(*task, Work::Stage::kRunning, at);
  return std::nullopt;
}

Refused Tasks::Ended(const Event& event, UnixMillis at, std::string_view outcome) {
  Task* const task = FindOrAdd(event);
  if (task == nullptr) return TooMany("tasks", limits_->max_entities);
  Learn(*task, event, at);
  if (event.retold && task->work.stage == Work::Stage::kEnded) return std::nullopt;
  const Step step = JudgeStep(task->work, Work::Stage::kEnded, at);
  if (step == Step::kInvalid) return Invalid(*task, event, outcome);
  series_->Count<"tasks_processed_total">(event.count, task->type, outcome);
  std::optional<double> seconds = event.Number(kDurationSeconds);
  if (!seconds) seconds = DurationUntil(task->work, at);
  if (seconds) {
    series_->Observe<"task_duration_seconds">({*seconds, event.weight, event.trace_id, at}, task->type);
  }
  if (step == Step::kLate) return std::nullopt;
  const auto state = std::ranges::find(kStates, outcome);  // timed_out is a way to fail
  task->end = state == kStates.end() ? State::kFailed : static_cast<State>(state - kStates.begin());
  Enter(*task, Work::Stage::kEnded, at);
  ended_.Push(event.Text(kTaskId), task->work.changed);
  return std::nullopt;
}

Refused Tasks::Retried(const Event& event, UnixMillis at) {
  Task* const task = FindOrAdd(event);
  if (task == nullptr) return TooMany("tasks", limits_->max_entities);
  Learn(*task, event, at);
  const bool late = at < task->work.changed;
  const bool over = task->work.stage == Work::Stage::kEnded && task->end != State::kFailed;
  if (over && !late) return Invalid(*task, event, "retried");
  series_->Count<"task_retries_total">(event.count, task->type, event.Text(kReason));
  if (late) return std::nullopt;
  task->work.retried = at;
  task->work.started = UnixMillis{};
  Enter(*task, Work::Stage::kPending, at);
  return std::nullopt;
}

Tasks::Life Tasks::LifeOf(std::string_view task_id) {
  const Task* const task = tasks_.Find(task_id);
  if (task == nullptr) return Life::kUnknown;
  return task->work.stage == Work::Stage::kEnded ? Life::kEnded : Life::kUnfinished;
}

Tasks::State Tasks::StateOf(const Task& task) {
  return task.work.stage == Work::Stage::kEnded ? task.end : static_cast<State>(task.work.stage);
}

Tasks::Task* Tasks::FindOrAdd(const Event& event) {
  const std::string_view id = event.Text(kTaskId);
  if (Task* const known = tasks_.Find(id)) return known;
  if (!MakeRoom()) return nullptr;
  Task& task = tasks_.Add(id);
  task.priority = PriorityOf(event);
  return &task;
}

// Ended tasks make room for new ones before these are refused.
bool Tasks::MakeRoom() {
  const auto has_room = [this] { return tasks_.size() < static_cast<std::size_t>(limits_->max_entities); };
  return ended_.PopUntil(has_room, [this](std::string_view id, UnixMillis at) { ForgetEnded(id, at); });
}

void Tasks::ForgetEnded(std::string_view id, UnixMillis ended) {
  const Task* const task = tasks_.Find(id);
  if (task == nullptr || task->work.stage != Work::Stage::kEnded || task->work.changed != ended) return;
  tasks_.Remove(id);
}

// What any event tells about the task.
void Tasks::Learn(Task& task, const Event& event, UnixMillis at) {
  task.work.newest = std::max(task.work.newest, at);
  const std::string_view type = event.Text(kTaskType);
  if (task.was_told_type || (task.has_type && type.empty())) return;
  task.type = series_->Value<"task_type">(type.empty() ? kUnknownType : type);
  task.has_type = true;
  task.was_told_type = !type.empty();
  if (std::ranges::find(types_, task.type) == types_.end()) types_.push_back(task.type);
}

Refused Tasks::Invalid(const Task& task, const Event& event, std::string_view to) {
  series_->Count<"task_invalid_transitions_total">(event.count, task.type);
  const std::string_view is = kStates[static_cast<std::size_t>(StateOf(task))];
  return Refusal{"invalid_value",
                 fmt::format("task '{}' is {} and cannot be {}", event.Text(kTaskId), is, to)};
}

void Tasks::Enter(Task& task, Work::Stage to, UnixMillis at) {
  const bool was_unfinished = task.work.stage != Work::Stage::kEnded;
  const bool is_unfinished = to != Work::Stage::kEnded;
  EnterStage(task.work, to, at);
  if (task.user.empty() || was_unfinished == is_unfinished) return;
  is_unfinished ? AddUnfinished(task.user) : RemoveUnfinished(task.user);
}

void Tasks::ObserveWait(Task& task, const Event& event) {
  const auto seconds = TakeWait(task.work);
  if (!seconds) return;
  const std::string_view priority = ValuesOf<"task_wait_duration_seconds">("priority")[task.priority];
  series_->Observe<"task_wait_duration_seconds">({*seconds, event.weight, event.trace_id, task.work.started},
                                                 priority);
}

void Tasks::SetUser(Task& task, std::string_view user) {
  if (user.empty() || !task.user.empty()) return;
  task.user = std::string(user);
  if (task.work.stage != Work::Stage::kEnded) AddUnfinished(task.user);
}

void Tasks::AddUnfinished(const std::string& user) {
  User* known = users_.Find(user);
  if (known == nullptr) known = &users_.Add(user);
  ++known->unfinished;
  ShowUser(user, *known);
}

void Tasks::RemoveUnfinished(const std::string& user) {
  User* const known = users_.Find(user);
  if (known == nullptr) return;
  if (--known->unfinished > 0) {
    ShowUser(user, *known);
  } else {
    HideUser(user, *known);
    users_.Remove(user);
  }
}

void Tasks::ShowUser(const std::string& name, User& user) {
  if (!user.shown && !entity_series_.Enter(user.refused)) return;
  user.shown = true;
  series_->Set<"user_tasks">(user.unfinished, name);
}

void Tasks::HideUser(const std::string& name, User& user) {
  if (!user.shown) return;
  user.shown = false;
  series_->Remove<"user_tasks">(name);
  entity_series_.Leave();
}

void Tasks::LimitsChanged() {
  entity_series_.SetLimit(limits_->max_user_series);
  if (entity_series_.is_on()) return;
  for (auto& entry : users_.entries()) HideUser(entry.id, entry.entity);
}

void Tasks::Forget(UnixMillis now) {
  ended_.PopBefore(now - limits_->finished_retention,
                   [this](std::string_view id, UnixMillis at) { ForgetEnded(id, at); });
  const UnixMillis oldest_kept = now - limits_->retention;
  tasks_.RemoveIf([&](const auto& entry) {
    if (entry.entity.work.newest >= oldest_kept) return false;
    const bool unfinished = entry.entity.work.stage != Work::Stage::kEnded;
    if (unfinished && !entry.entity.user.empty()) RemoveUnfinished(entry.entity.user);
    return true;
  });
}

void Tasks::Collect(UnixMillis now) {
  Forget(now);
  Sums sums;
  for (const auto type : types_) sums.states.resize(std::max<std::size_t>(sums.states.size(), type.id + 1));
  const UnixMillis stuck_before = now - limits_->stuck_after;
  for (const auto& entry : tasks_.entries()) {
    const Task& task = entry.entity;
    sums.states[task.type.id][static_cast<std::size_t>(StateOf(task))] += 1;
    if (task.work.stage == Work::Stage::kEnded) continue;
    const auto stage = static_cast<std::size_t>(task.work.stage);
    if (task.work.newest < stuck_before) sums.stuck[stage] += 1;
    UnixMillis& oldest = sums.oldest[stage];
    if (oldest.value == 0 || task.work.changed < oldest) oldest = task.work.changed;
  }
  CollectStates(sums);
  series_->Set<"tasks_active_users">(static_cast<double>(users_.size()));
  entity_series_.Collect();
}

void Tasks::CollectStates(const Sums& sums) {
  for (const auto type : types_) {
    for (std::size_t i = 0; i < kStates.size(); ++i) {
      series_->Set<"tasks">(sums.states[type.id][i], type, static_cast<State>(i));
    }
  }
  series_->Set<"tasks_stuck">(sums.stuck[static_cast<std::size_t>(State::kAssigned)], "assigned");
  series_->Set<"tasks_stuck">(sums.stuck[static_cast<std::size_t>(State::kRunning)], "running");
  for (const State state : {State::kPending, State::kAssigned, State::kRunning}) {
    const UnixMillis oldest = sums.oldest[static_cast<std::size_t>(state)];
    if (oldest.value != 0) {
      series_->Set<"tasks_oldest_state_change_timestamp_seconds">(oldest.Seconds(), state);
    } else {
      series_->Remove<"tasks_oldest_state_change_timestamp_seconds">(state);
    }
  }
}

}  // namespace fleet
