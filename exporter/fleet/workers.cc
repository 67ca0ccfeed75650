#include "exporter/fleet/workers.h"

#include <algorithm>
#include <array>

namespace fleet {

using enum Field;

namespace {

static_assert(ValuesAre<"workers_processes">("state", {"running", "stopped", "crashed"}));
static_assert(ValuesAre<"workers">("state", {"healthy", "stale", "down"}));

// Senders compute start times from an uptime; that jitters.
constexpr std::chrono::milliseconds kSameStart{1000};

}  // namespace

struct Workers::Sums {
  std::array<double, 3> health{};
  std::array<double, 3> processes{};
  double active_tasks = 0;
  double events_buffered = 0;
  UnixMillis oldest;  // heartbeat; 0: none
};

Workers::Workers(Series& series, const FleetLimits& limits)
    : series_(&series),
      limits_(&limits),
      entity_series_(series, catalog::Group::kWorkers, limits.max_worker_series) {}

Refused Workers::Heartbeat(const Event& event, UnixMillis at) {
  Worker* const worker = FindOrAdd(event);
  if (worker == nullptr) return TooMany("workers", limits_->max_entities);
  if (event.retold && at <= worker->heartbeat) return std::nullopt;
  series_->Count<"worker_heartbeats_total">(event.count, worker->type);
  if (worker->heartbeat.value != 0 && at > worker->heartbeat) {
    const double interval = ToSeconds(at - worker->heartbeat);
    series_->Observe<"worker_heartbeat_interval_seconds">({interval, event.weight, event.trace_id, at},
                                                          worker->type);
  }
  if (at >= worker->newest) Update(*worker, event, at);
  return std::nullopt;
}

Refused Workers::Stopped(const Event& event, UnixMillis at) { return End(event, at, Process::kStopped); }

Refused Workers::Crashed(const Event& event, UnixMillis at) { return End(event, at, Process::kCrashed); }

Refused Workers::HeartbeatFailed(const Event& event) {
  series_->Count<"worker_heartbeat_failures_total">(event.count, event.Text(kWorkerType),
                                                    event.Text(kReason));
  return std::nullopt;
}

Workers::Worker* Workers::FindOrAdd(const Event& event) {
  const auto type = series_->Value<"worker_type">(event.Text(kWorkerType));
  const std::string_view id = event.Text(kWorkerId);
  if (Worker* const known = workers_.Find(id, type.id)) return known;
  if (workers_.size() >= static_cast<std::size_t>(limits_->max_entities)) return nullptr;
  if (std::ranges::find(types_, type) == types_.end()) types_.push_back(type);
  Worker& worker = workers_.Add(id, type.id);
  worker.type = type;
  return &worker;
}

Refused Workers::End(const Event& event, UnixMillis at, Process process) {
  Worker* const worker = FindOrAdd(event);
  if (worker == nullptr) return TooMany("workers", limits_->max_entities);
  if (at < worker->newest) return std::nullopt;
  worker->newest = at;
  worker->process = process;
  worker->active_tasks = 0;
  worker->events_buffered = 0;
  Show(*worker, event);
  return std::nullopt;
}

void Workers::Update(Worker& worker, const Event& event, UnixMillis at) {
  worker.heartbeat = at;
  worker.newest = at;
  const std::uint32_t process =
      ClosedValue(catalog::Metric<"workers_processes">.labels[1], event.TextOr(kProcessState, "running"));
  worker.process = static_cast<Process>(process);
  worker.active_tasks = event.Number(kActiveTasks).value_or(worker.active_tasks);
  worker.events_buffered = event.Number(kEventsBuffered).value_or(worker.events_buffered);
  if (const auto start = event.Time(kStartTime)) NoticeRestart(worker, *start);
  Show(worker, event);
}

void Workers::NoticeRestart(Worker& worker, UnixMillis start) {
  if (worker.start.value != 0 && start > worker.start + kSameStart) {
    series_->Count<"worker_restarts_total">(1, worker.type);
  }
  worker.start = start;
}

void Workers::Show(Worker& worker, const Event& event) {
  if (!worker.shown) {
    if (!entity_series_.Enter(worker.refused)) return;
    worker.shown = true;
    worker.id = series_->Value<"worker_id">(event.Text(kWorkerId));
  }
  const auto id = worker.id;
  const auto type = worker.type;
  ShowInfo(worker, event);
  series_->Set<"worker_last_event_timestamp_seconds">(worker.newest.Seconds(), id, type);
  series_->Set<"worker_active_tasks">(worker.active_tasks, id, type);
  if (worker.heartbeat.value != 0) {
    series_->Set<"worker_last_heartbeat_timestamp_seconds">(worker.heartbeat.Seconds(), id, type);
  }
  if (worker.start.value != 0) {
    series_->Set<"worker_start_timestamp_seconds">(worker.start.Seconds(), id, type);
  }
  if (const auto bytes = event.Number(kMemoryBytes)) series_->Set<"worker_memory_bytes">(*bytes, id, type);
  if (const auto seconds = event.Number(kCpuSeconds)) {
    series_->SetTotal<"worker_cpu_seconds_total">(*seconds, id, type);
  }
}

void Workers::ShowInfo(Worker& worker, const Event& event) {
  std::string_view version = event.Text(kVersion);
  std::string_view host = event.Text(kHost);
  if (version.empty() && host.empty()) return;
  if (worker.info != nullptr) {
    if (version.empty()) version = worker.info->version;
    if (host.empty()) host = worker.info->host;
    if (version == worker.info->version && host == worker.info->host) return;
  }
  auto info = std::make_unique<Info>(Info{std::string(version), std::string(host)});
  HideInfo(worker);
  worker.info = std::move(info);
  series_->Set<"worker_info">(1, worker.id, worker.type, worker.info->version, worker.info->host);
}

void Workers::HideInfo(Worker& worker) {
  if (worker.info == nullptr) return;
  series_->Remove<"worker_info">(worker.id, worker.type, worker.info->version, worker.info->host);
  worker.info.reset();
}

void Workers::Hide(Worker& worker) {
  if (!worker.shown) return;
  const auto id = worker.id;
  const auto type = worker.type;
  series_->Remove<"worker_last_heartbeat_timestamp_seconds">(id, type);
  series_->Remove<"worker_last_event_timestamp_seconds">(id, type);
  series_->Remove<"worker_start_timestamp_seconds">(id, type);
  series_->Remove<"worker_active_tasks">(id, type);
  series_->Remove<"worker_memory_bytes">(id, type);
  series_->Remove<"worker_cpu_seconds_total">(id, type);
  HideInfo(worker);
  worker.shown = false;
  entity_series_.Leave();
}

void Workers::LimitsChanged() {
  entity_series_.SetLimit(limits_->max_worker_series);
  if (entity_series_.is_on()) return;
  for (auto& entry : workers_.entries()) Hide(entry.entity);
}

void Workers::Forget(UnixMillis now) {
  const UnixMillis oldest = now - limits_->retention;
  const std::size_t series_before = entity_series_.CountSeries();
  workers_.RemoveIf([&](auto& entry) {
    if (entry.entity.newest >= oldest) return false;
    Hide(entry.entity);
    return true;
  });
  entity_series_.CountExpired(series_before);
}

const HeartbeatLimits& Workers::LimitsOf(LabelValue<"worker_type"> type) const {
  const auto it = limits_->by_type.find(std::string(series_->Text(type)));
  return it == limits_->by_type.end() ? limits_->worker : it->second;
}

void Workers::Collect(UnixMillis now) {
  Forget(now);
  std::vector<Sums> sums;
  std::vector<HeartbeatLimits> limits;
  for (const auto type : types_) {
    if (sums.size() <= type.id) {
      sums.resize(type.id + 1);
      limits.resize(type.id + 1);
    }
    limits[type.id] = LimitsOf(type);
  }
  for (const auto& entry : workers_.entries()) {
    const Worker& worker = entry.entity;
    Sums& sum = sums[worker.type.id];
    sum.processes[static_cast<std::size_t>(worker.process)] += 1;
    if (worker.process == Process::kStopped) continue;
    const auto age = now - worker.heartbeat;
    Health health = Health::kHealthy;
    if (age > limits[worker.type.id].stale) health = Health::kStale;
    if (age > limits[worker.type.id].down || worker.process == Process::kCrashed) health = Health::kDown;
    sum.health[static_cast<std::size_t>(health)] += 1;
    sum.active_tasks += worker.active_tasks;
    sum.events_buffered += worker.events_buffered;
    if (worker.heartbeat.value == 0) continue;
    if (sum.oldest.value == 0 || worker.heartbeat < sum.oldest) sum.oldest = worker.heartbeat;
  }
  for (const auto type : types_) CollectType(type, sums[type.id]);
  entity_series_.Collect();
}

void Workers::CollectType(LabelValue<"worker_type"> type, const Sums& sums) {
  for (std::size_t i = 0; i < sums.health.size(); ++i) {
    series_->Set<"workers">(sums.health[i], type, static_cast<Health>(i));
    series_->Set<"workers_processes">(sums.processes[i], type, static_cast<Process>(i));
  }
  series_->Set<"workers_active_tasks">(sums.active_tasks, type);
  series_->Set<"events_buffered">(sums.events_buffered, type);
  if (sums.oldest.value != 0) {
    series_->Set<"workers_oldest_heartbeat_timestamp_seconds">(sums.oldest.Seconds(), type);
  } else {
    series_->Remove<"workers_oldest_heartbeat_timestamp_seconds">(type);
  }
  const HeartbeatLimits& limits = LimitsOf(type);
  series_->Set<"worker_heartbeat_timeout_seconds">(ToSeconds(limits.stale), type, "stale");
  series_->Set<"worker_heartbeat_timeout_seconds">(ToSeconds(limits.down), type, "down");
}

}  // namespace fleet
