// The lists of entities. The states are those that the aggregates count.
#include <fmt/format.h>

#include <algorithm>

#include "exporter/fleet/runners.h"
#include "exporter/fleet/sandboxes.h"
#include "exporter/fleet/tasks.h"
#include "exporter/fleet/views.h"
#include "exporter/fleet/workers.h"

namespace fleet {
namespace {

constexpr std::size_t kMostUsers = 20;

constexpr auto kWorkerStates = ValuesOf<"workers">("state");
constexpr auto kProcessStates = ValuesOf<"workers_processes">("state");
constexpr auto kRunnerStates = ValuesOf<"runners">("state");
constexpr auto kSandboxStates = ValuesOf<"sandboxes">("state");
constexpr auto kTaskStates = ValuesOf<"tasks">("state");
constexpr auto kPriorities = ValuesOf<"task_wait_duration_seconds">("priority");

template <typename E>
std::string Named(std::span<const std::string_view> names, E value) {
  return std::string(names[static_cast<std::size_t>(value)]);
}

bool Fits(const std::string& wanted, std::string_view text) { return wanted.empty() || wanted == text; }

// Whole seconds: milliseconds of a silence are noise.
std::string Silence(std::string_view what, Duration silence, Duration limit) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(std::max(silence, Duration(0)));
  return fmt::format("{} for {}, the limit is {}", what, PrintDuration(seconds), PrintDuration(limit));
}

}  // namespace

Listed<WorkerView> Workers::List(UnixMillis now, const ListQuery& query) const {
  const auto state_of = [&](const Worker& worker) -> std::string {
    if (worker.process == Process::kStopped) return "stopped";
    const HeartbeatLimits& limits = LimitsOf(worker.type);
    const auto age = now - worker.heartbeat;
    if (age > limits.down || worker.process == Process::kCrashed) return Named(kWorkerStates, Health::kDown);
    return Named(kWorkerStates, age > limits.stale ? Health::kStale : Health::kHealthy);
  };
  const auto takes = [&](const auto& entry) {
    return Fits(query.type, series_->Text(entry.entity.type)) && Fits(query.state, state_of(entry.entity)) &&
           now - entry.entity.newest >= query.silent_for;
  };
  const auto key_of = [&](const auto& entry) {
    return fmt::format("{}/{}", series_->Text(entry.entity.type), entry.id);
  };
  const auto view_of = [&](const auto& entry) {
    const Worker& worker = entry.entity;
    const HeartbeatLimits& limits = LimitsOf(worker.type);
    WorkerView view;
    view.id = entry.id;
    view.type = std::string(series_->Text(worker.type));
    view.state = state_of(worker);
    view.process = Named(kProcessStates, worker.process);
    if (worker.info != nullptr) view.version = worker.info->version;
    if (worker.info != nullptr) view.host = worker.info->host;
    view.last_heartbeat = worker.heartbeat;
    view.last_event = worker.newest;
    view.active_tasks = worker.active_tasks;
    if (worker.process == Process::kCrashed) {
      view.reason = "it crashed";
    } else if (view.state == "stale" || view.state == "down") {
      view.reason = worker.heartbeat.value == 0 ? "no heartbeat ever"
                                                : Silence("no heartbeat", now - worker.heartbeat,
                                                          view.state == "down" ? limits.down : limits.stale);
    }
    return view;
  };
  return ListPage<WorkerView>(workers_, query, key_of, takes, view_of);
}

Listed<RunnerView> Runners::List(UnixMillis now, const ListQuery& query) const {
  const auto is_silent = [&](const Runner& runner) { return now - runner.newest > limits_->runner.down; };
  const auto state_of = [&](const Runner& runner) {
    return Named(kRunnerStates, is_silent(runner) ? State::kOffline : runner.state);
  };
  const auto takes = [&](const auto& entry) {
    return Fits(query.type, series_->Text(entry.entity.pool)) && Fits(query.state, state_of(entry.entity)) &&
           now - entry.entity.newest >= query.silent_for;
  };
  const auto key_of = [](const auto& entry) { return entry.id; };
  const auto view_of = [&](const auto& entry) {
    const Runner& runner = entry.entity;
    RunnerView view;
    view.id = entry.id;
    view.pool = std::string(series_->Text(runner.pool));
    view.state = state_of(runner);
    view.version = runner.version;
    view.os = runner.os;
    view.last_heartbeat = runner.newest;
    view.slots = runner.slots;
    view.slots_used = runner.slots_used;
    view.active_runs = runner.active_runs;
    if (is_silent(runner)) {
      view.reason = Silence("no heartbeat", now - runner.newest, limits_->runner.down);
    } else if (runner.state == State::kOffline) {
      view.reason = "it said so";
    }
    return view;
  };
  return ListPage<RunnerView>(runners_, query, key_of, takes, view_of);
}

Listed<SandboxView> Sandboxes::List(UnixMillis now, const ListQuery& query, Tasks& tasks) {
  const auto is_zombie = [&](const Sandbox& sandbox) {
    return sandbox.state == State::kRunning && now - sandbox.newest > limits_->zombie_after;
  };
  const auto takes = [&](auto& entry) {
    Sandbox& sandbox = entry.entity;
    if (sandbox.state == State::kEnded || now - sandbox.newest < query.silent_for) return false;
    if (!Fits(query.type, series_->Text(sandbox.type))) return false;
    if (query.state == "zombie") return is_zombie(sandbox);
    if (query.state == "orphaned") return IsOrphaned(sandbox, tasks);
    return Fits(query.state, kSandboxStates[static_cast<std::size_t>(sandbox.state)]);
  };
  const auto key_of = [](const auto& entry) { return entry.id; };
  const auto view_of = [&](auto& entry) {
    Sandbox& sandbox = entry.entity;
    SandboxView view;
    view.id = entry.id;
    view.type = std::string(series_->Text(sandbox.type));
    view.agent_type = sandbox.agent_type;
    view.task_id = sandbox.task_id;
    view.state = Named(kSandboxStates, sandbox.state);
    view.zombie = is_zombie(sandbox);
    view.orphaned = IsOrphaned(sandbox, tasks);
    view.created = sandbox.created;
    view.last_event = sandbox.newest;
    view.memory_bytes = sandbox.memory_bytes;
    view.disk_bytes = sandbox.disk_bytes;
    if (view.zombie) view.reason = Silence("no event", now - sandbox.newest, limits_->zombie_after);
    if (view.orphaned) {
      if (!view.reason.empty()) view.reason += "; ";
      view.reason += fmt::format("its task '{}' is over", sandbox.task_id);
    }
    return view;
  };
  return ListPage<SandboxView>(sandboxes_, query, key_of, takes, view_of);
}

TaskSummary Tasks::Summarise(UnixMillis now, const ListQuery& query) const {
  TaskSummary summary;
  for (const std::string_view state : kTaskStates) summary.states.push_back({std::string(state), 0, 0, {}});
  const auto is_stuck = [&](const Task& task) {
    const bool has_begun =
        task.work.stage == Work::Stage::kAssigned || task.work.stage == Work::Stage::kRunning;
    return has_begun && now - task.work.newest > limits_->stuck_after;
  };
  for (const auto& entry : tasks_.entries()) {
    const Task& task = entry.entity;
    TaskSummary::State& state = summary.states[static_cast<std::size_t>(StateOf(task))];
    ++state.tasks;
    if (is_stuck(task)) ++state.stuck;
    if (state.oldest.value == 0 || task.work.changed < state.oldest) state.oldest = task.work.changed;
    ++summary.by_type[std::string(series_->Text(task.type))][state.state];
    if (task.work.stage == Work::Stage::kEnded) continue;
    ++summary.unfinished_by_priority[std::string(kPriorities[task.priority])];
  }
  for (const auto& entry : users_.entries()) {
    summary.unfinished_by_user.emplace_back(entry.id, entry.entity.unfinished);
  }
  std::ranges::sort(summary.unfinished_by_user, [](const auto& a, const auto& b) {
    return a.second != b.second ? a.second > b.second : a.first < b.first;
  });
  if (summary.unfinished_by_user.size() > kMostUsers) summary.unfinished_by_user.resize(kMostUsers);

  const auto key_of = [](const auto& entry) { return entry.id; };
  const auto takes = [&](const auto& entry) { return is_stuck(entry.entity); };
  const auto view_of = [&](const auto& entry) {
    const Task& task = entry.entity;
    return TaskView{entry.id,
                    std::string(series_->Text(task.type)),
                    Named(kTaskStates, StateOf(task)),
                    std::string(kPriorities[task.priority]),
                    task.user,
                    Silence("no progress", now - task.work.newest, limits_->stuck_after),
                    task.work.changed,
                    task.work.newest};
  };
  summary.stuck = ListPage<TaskView>(tasks_, query, key_of, takes, view_of);
  return summary;
}

}  // namespace fleet
