#include "exporter/web/api_json.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <ctime>
#include <nlohmann/json.hpp>

namespace fleet {
namespace {

// Keeps fields in the order they are given.
using Json = nlohmann::ordered_json;

Json Time(UnixMillis time) { return time.value == 0 ? Json(nullptr) : Json(Rfc3339(time)); }

// Seconds since then; a clock that is ahead is no negative age.
Json Age(UnixMillis time, UnixMillis now) {
  if (time.value == 0) return nullptr;
  return std::max(0.0, ToSeconds(now - time));
}

Json Text(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

template <typename T>
Json Optional(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json Numbers(const NumbersByState& numbers) {
  Json json = Json::object();
  for (const auto& [name, value] : numbers) json[name] = value;
  return json;
}

std::string Dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

// {"time":..., "total":..., "next":..., NAME:[...]}
template <typename View, typename ToJson>
Json PageJson(std::string_view name, const Listed<View>& page, UnixMillis now, ToJson to_json) {
  Json items = Json::array();
  for (const View& view : page.items) items.push_back(to_json(view));
  return {{"time", Rfc3339(now)},
          {"total", page.total},
          {"next", Text(page.next)},
          {std::string(name), std::move(items)}};
}

Json Task(const TaskView& task, UnixMillis now) {
  return {{"task_id", task.id},
          {"task_type", task.type},
          {"state", task.state},
          {"reason", Text(task.reason)},
          {"priority", task.priority},
          {"user", Text(task.user)},
          {"state_since", Time(task.since)},
          {"state_age_seconds", Age(task.since, now)},
          {"last_event_time", Time(task.last_event)},
          {"silent_seconds", Age(task.last_event, now)}};
}

Json Queue(const QueueStatus& queue, UnixMillis now) {
  UnixMillis oldest;
  if (queue.oldest_unix_seconds) oldest.value = static_cast<std::int64_t>(*queue.oldest_unix_seconds * 1000);
  return {{"queue", queue.queue},
          {"depth", queue.depth},
          {"depth_by_priority", Numbers(queue.depth_by_priority)},
          {"depth_by_message_type", Numbers(queue.depth_by_message_type)},
          {"in_flight", Optional(queue.in_flight)},
          {"delayed", Optional(queue.delayed)},
          {"dead_letter", Optional(queue.dead_letter)},
          {"consumers", Optional(queue.consumers)},
          {"circuit_breaker_open", Optional(queue.circuit_breaker_open)},
          {"oldest_message_time", Time(oldest)},
          {"oldest_message_age_seconds", Age(oldest, now)}};
}

}  // namespace

std::string Rfc3339(UnixMillis time) {
  const std::time_t seconds = time.value / 1000;
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", utc, time.value % 1000);
}

std::string StatusJson(const FleetStatus& status, UnixMillis now) {
  Json sources = Json::array();
  for (const SourceStatus& source : status.sources) {
    sources.push_back({{"source", source.source},
                       {"up", source.up},
                       {"last_success_time", Time(source.last_success)},
                       {"last_success_age_seconds", Age(source.last_success, now)}});
  }
  double depth = 0;
  double dead = 0;
  for (const QueueStatus& queue : status.queues) {
    depth += queue.depth;
    dead += queue.dead_letter.value_or(0);
  }
  return Dump({{"time", Rfc3339(now)},
               {"workers", Numbers(status.workers)},
               {"worker_processes", Numbers(status.worker_processes)},
               {"runners", Numbers(status.runners)},
               {"runner_slots", Numbers(status.runner_slots)},
               {"runs", Numbers(status.runs)},
               {"tasks", Numbers(status.tasks)},
               {"tasks_stuck", status.tasks_stuck},
               {"sandboxes", Numbers(status.sandboxes)},
               {"sandboxes_zombie", status.sandboxes_zombie},
               {"sandboxes_orphaned", status.sandboxes_orphaned},
               {"agents", {{"active", status.agents_active}, {"capacity", status.agents_capacity}}},
               {"queues", {{"queues", status.queues.size()}, {"depth", depth}, {"dead_letter", dead}}},
               {"components", Numbers(status.components)},
               {"sources", std::move(sources)},
               {"exporter",
                {{"events_received", status.events_received},
                 {"events_rejected", status.events_rejected},
                 {"events_deduplicated", status.events_deduplicated},
                 {"series_dropped", status.series_dropped},
                 {"label_values_folded", status.label_values_folded},
                 {"store_write_errors", status.store_write_errors}}}});
}

std::string WorkersJson(const Listed<WorkerView>& page, UnixMillis now) {
  return Dump(PageJson("workers", page, now, [now](const WorkerView& worker) -> Json {
    return {{"worker_id", worker.id},
            {"worker_type", worker.type},
            {"state", worker.state},
            {"reason", Text(worker.reason)},
            {"process_state", worker.process},
            {"last_heartbeat_time", Time(worker.last_heartbeat)},
            {"heartbeat_age_seconds", Age(worker.last_heartbeat, now)},
            {"last_event_time", Time(worker.last_event)},
            {"active_tasks", worker.active_tasks},
            {"version", Text(worker.version)},
            {"host", Text(worker.host)}};
  }));
}

std::string RunnersJson(const Listed<RunnerView>& page, UnixMillis now) {
  return Dump(PageJson("runners", page, now, [now](const RunnerView& runner) -> Json {
    return {{"runner_id", runner.id},
            {"pool", runner.pool},
            {"state", runner.state},
            {"reason", Text(runner.reason)},
            {"last_heartbeat_time", Time(runner.last_heartbeat)},
            {"heartbeat_age_seconds", Age(runner.last_heartbeat, now)},
            {"slots", runner.slots},
            {"slots_used", runner.slots_used},
            {"active_runs", runner.active_runs},
            {"version", Text(runner.version)},
            {"os", Text(runner.os)}};
  }));
}

std::string SandboxesJson(const Listed<SandboxView>& page, UnixMillis now) {
  return Dump(PageJson("sandboxes", page, now, [now](const SandboxView& sandbox) -> Json {
    return {{"sandbox_id", sandbox.id},
            {"sandbox_type", sandbox.type},
            {"state", sandbox.state},
            {"zombie", sandbox.zombie},
            {"orphaned", sandbox.orphaned},
            {"reason", Text(sandbox.reason)},
            {"created_time", Time(sandbox.created)},
            {"age_seconds", Age(sandbox.created, now)},
            {"last_event_time", Time(sandbox.last_event)},
            {"silent_seconds", Age(sandbox.last_event, now)},
            {"agent_type", Text(sandbox.agent_type)},
            {"task_id", Text(sandbox.task_id)},
            {"memory_bytes", sandbox.memory_bytes},
            {"disk_bytes", sandbox.disk_bytes}};
  }));
}

std::string TaskSummaryJson(const TaskSummary& summary, UnixMillis now) {
  Json states = Json::array();
  for (const TaskSummary::State& state : summary.states) {
    states.push_back({{"state", state.state},
                      {"tasks", state.tasks},
                      {"stuck", state.stuck},
                      {"oldest_since", Time(state.oldest)},
                      {"oldest_age_seconds", Age(state.oldest, now)}});
  }
  Json users = Json::array();
  for (const auto& [user, tasks] : summary.unfinished_by_user) {
    users.push_back({{"user", user}, {"tasks", tasks}});
  }
  Json json = PageJson("stuck", summary.stuck, now, [now](const TaskView& task) { return Task(task, now); });
  json["states"] = std::move(states);
  json["by_type"] = summary.by_type;
  json["unfinished_by_priority"] = summary.unfinished_by_priority;
  json["unfinished_by_user"] = std::move(users);
  return Dump(json);
}

std::string QueuesJson(const Listed<QueueStatus>& page, UnixMillis now) {
  return Dump(PageJson("queues", page, now, [now](const QueueStatus& queue) { return Queue(queue, now); }));
}

std::string ErrorJson(const std::string& error) { return Dump({{"error", error}}); }

}  // namespace fleet
