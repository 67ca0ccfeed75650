#include "exporter/fleet/sandboxes.h"

#include <algorithm>
#include <array>

namespace fleet {

using enum Field;

namespace {

static_assert(ValuesAre<"sandboxes">("state", {"provisioning", "running", "stopped", "terminating"}));

constexpr std::string_view kUnknown = "unknown";

constexpr auto kResources = ValuesOf<"sandbox_pressure_waiting_seconds_total">("resource");
static_assert(kResources.size() == 3, "Sandbox::waiting has one for each");

constexpr std::chrono::minutes kTeardown{1};

}  // namespace

struct Sandboxes::Sums {
  std::array<double, 4> states{};
  double zombie = 0;
  double orphaned = 0;
  double memory_bytes = 0;
  double disk_bytes = 0;
  double memory_limit_bytes = 0;
  double cpu_limit_cores = 0;
  UnixMillis oldest;  // created; 0: none
};

Sandboxes::Sandboxes(Series& series, const FleetLimits& limits)
    : series_(&series),
      limits_(&limits),
      entity_series_(series, catalog::Group::kSandboxes, limits.max_sandbox_series) {}

Refused Sandboxes::Requested(const Event& event, UnixMillis at) {
  Sandbox* const sandbox = FindOrAdd(event, at, State::kProvisioning);
  if (sandbox == nullptr) return TooMany("sandboxes", limits_->max_entities);
  if (!sandbox->requested && sandbox->state != State::kEnded) {
    sandbox->requested = true;
    sandbox->created = std::min(sandbox->created, at);
    sandbox->agent_type = std::string(event.Text(kAgentType));
    sandbox->task_id = std::string(event.Text(kTaskId));
  }
  return Touched(*sandbox, event, at);
}

Refused Sandboxes::Ready(const Event& event, UnixMillis at) {
  Sandbox* const sandbox = FindOrAdd(event, at, State::kProvisioning);
  if (sandbox == nullptr) return TooMany("sandboxes", limits_->max_entities);
  series_->Count<"sandbox_provisions_total">(event.count, sandbox->type, "ready");
  ObserveProvision(*sandbox, event, at);
  Enter(*sandbox, State::kRunning, at);
  return Touched(*sandbox, event, at);
}

Refused Sandboxes::ProvisionFailed(const Event& event, UnixMillis at, std::string_view outcome) {
  Sandbox* const sandbox = FindOrAdd(event, at, State::kProvisioning);
  if (sandbox == nullptr) return TooMany("sandboxes", limits_->max_entities);
  if (sandbox->state == State::kEnded) return HasEnded("sandbox", event.Text(kSandboxId));
  series_->Count<"sandbox_provisions_total">(event.count, sandbox->type, outcome);
  ObserveProvision(*sandbox, event, at);
  End(*sandbox, event, at);
  return std::nullopt;
}

Refused Sandboxes::Active(const Event& event, UnixMillis at) {
  Sandbox* const sandbox = FindOrAdd(event, at, State::kRunning);
  if (sandbox == nullptr) return TooMany("sandboxes", limits_->max_entities);
  return Touched(*sandbox, event, at);
}

Refused Sandboxes::Used(const Event& event, UnixMillis at) {
  Sandbox* const sandbox = FindOrAdd(event, at, State::kRunning);
  if (sandbox == nullptr) return TooMany("sandboxes", limits_->max_entities);
  if (event.observed) Observe(*sandbox, at);
  if (at >= sandbox->measured) {
    sandbox->measured = at;
    Measure(*sandbox, event);
  }
  return Touched(*sandbox, event, at);
}

Refused Sandboxes::Constrained(const Event& event, UnixMillis at) {
  Sandbox* const sandbox = FindOrAdd(event, at, State::kRunning);
  if (sandbox == nullptr) return TooMany("sandboxes", limits_->max_entities);
  if (event.observed) Observe(*sandbox, at);
  if (at >= sandbox->constrained) {
    sandbox->constrained = at;
    Limit(*sandbox, event);
  }
  return Touched(*sandbox, event, at);
}

Refused Sandboxes::Terminating(const Event& event, UnixMillis at) {
  Sandbox* const sandbox = FindOrAdd(event, at, State::kTerminating);
  if (sandbox == nullptr) return TooMany("sandboxes", limits_->max_entities);
  Enter(*sandbox, State::kTerminating, at);
  return Touched(*sandbox, event, at);
}

Refused Sandboxes::Stopped(const Event& event, UnixMillis at) {
  Sandbox* const sandbox = FindOrAdd(event, at, State::kStopped);
  if (sandbox == nullptr) return TooMany("sandboxes", limits_->max_entities);
  Enter(*sandbox, State::kStopped, at);
  sandbox->stop_reason = std::string(event.TextOr(kReason, sandbox->stop_reason));
  return Touched(*sandbox, event, at);
}

Refused Sandboxes::Terminated(const Event& event, UnixMillis at) {
  const Sandbox* const before_end = sandboxes_.Find(event.Text(kSandboxId));
  const bool known = before_end != nullptr;
  if (event.retold && (!known || before_end->state == State::kEnded)) return std::nullopt;
  Sandbox* const sandbox = FindOrAdd(event, at, State::kTerminating);
  if (sandbox == nullptr) return TooMany("sandboxes", limits_->max_entities);
  if (sandbox->state == State::kEnded) return HasEnded("sandbox", event.Text(kSandboxId));
  const std::string_view before =
      sandbox->stop_reason.empty() ? "other" : std::string_view(sandbox->stop_reason);
  series_->Count<"sandbox_terminations_total">(event.count, event.TextOr(kReason, before));
  if (known) {
    const double seconds = std::max(0.0, ToSeconds(at - sandbox->created));
    series_->Observe<"sandbox_lifetime_seconds">({seconds, event.weight, event.trace_id, at}, sandbox->type);
  }
  End(*sandbox, event, at);
  return std::nullopt;
}

Sandboxes::Sandbox* Sandboxes::FindOrAdd(const Event& event, UnixMillis at, State state) {
  const std::string_view id = event.Text(kSandboxId);
  if (Sandbox* const known = sandboxes_.Find(id)) {
    if (!known->has_type && event.Has(kSandboxType)) LearnType(*known, event);
    return known;
  }
  if (!MakeRoom()) return nullptr;
  Sandbox& sandbox = sandboxes_.Add(id);
  LearnType(sandbox, event);
  sandbox.state = state;
  sandbox.created = at;
  sandbox.charged = at;
  sandbox.changed = at;
  return &sandbox;
}

std::vector<std::string> Sandboxes::Observed(std::string_view sandbox_type) {
  std::vector<std::string> ids;
  for (const auto& entry : sandboxes_.entries()) {
    const Sandbox& sandbox = entry.entity;
    const bool wanted = sandbox.observed && sandbox.state != State::kEnded;
    if (wanted && series_->Text(sandbox.type) == sandbox_type) ids.push_back(entry.id);
  }
  return ids;
}

bool Sandboxes::MakeRoom() {
  const auto has_room = [this] {
    return sandboxes_.size() < static_cast<std::size_t>(limits_->max_entities);
  };
  return ended_.PopUntil(has_room, [this](std::string_view id, UnixMillis at) { ForgetEnded(id, at); });
}

void Sandboxes::ForgetEnded(std::string_view id, UnixMillis ended) {
  const Sandbox* const sandbox = sandboxes_.Find(id);
  if (sandbox == nullptr || sandbox->state != State::kEnded || sandbox->changed != ended) return;
  sandboxes_.Remove(id);
}

void Sandboxes::LearnType(Sandbox& sandbox, const Event& event) {
  Hide(sandbox);  // its series carry the old type
  sandbox.has_type = event.Has(kSandboxType);
  sandbox.type = series_->Value<"sandbox_type">(event.TextOr(kSandboxType, kUnknown));
  TypeOf(sandbox.type);
}

Sandboxes::Type& Sandboxes::TypeOf(LabelValue<"sandbox_type"> value) {
  const auto it = std::ranges::find(types_, value, &Type::value);
  if (it != types_.end()) return *it;
  types_.push_back({value});
  return types_.back();
}

bool Sandboxes::Enter(Sandbox& sandbox, State to, UnixMillis at) {
  if (sandbox.state == State::kEnded) return false;
  const bool late = at < sandbox.changed || (at == sandbox.changed && to < sandbox.state);
  if (late && to != State::kEnded) return false;
  Charge(sandbox, at);
  sandbox.charged = std::max(sandbox.charged, at);
  sandbox.state = to;
  sandbox.changed = std::max(sandbox.changed, at);
  return true;
}

void Sandboxes::End(Sandbox& sandbox, const Event& event, UnixMillis at) {
  Enter(sandbox, State::kEnded, at);
  sandbox.newest = std::max(sandbox.newest, at);
  Hide(sandbox);
  ended_.Push(event.Text(kSandboxId), sandbox.changed);
}

void Sandboxes::Charge(Sandbox& sandbox, UnixMillis until) {
  if (sandbox.state == State::kStopped || sandbox.state == State::kEnded || until <= sandbox.charged) return;
  series_->Count<"sandboxes_runtime_seconds_total">(ToSeconds(until - sandbox.charged), sandbox.type);
  sandbox.charged = until;
}

// A container may come back under its name, and a cgroup that stays behind is one that still lives: both
// only after a while, as the teardown of a sandbox may outlast the news of its end.
void Sandboxes::Observe(Sandbox& sandbox, UnixMillis at) {
  sandbox.observed = true;
  if (sandbox.state != State::kEnded || at - sandbox.changed <= kTeardown) return;
  sandbox.state = State::kRunning;
  sandbox.requested = false;
  sandbox.created = at;
  sandbox.charged = at;
  sandbox.changed = at;
  sandbox.newest = at;
  sandbox.stop_reason.clear();
}

template <catalog::FixedString kOfSandbox, catalog::FixedString kOfType>
void Sandboxes::Add(Sandbox& sandbox, Cumulative& total, std::optional<double> value) {
  if (!value) return;
  const double increment = total.Advance(*value);
  if constexpr (!kOfType.view().empty()) series_->Count<kOfType>(increment, sandbox.type);
  if (sandbox.shown) series_->Count<kOfSandbox>(increment, sandbox.id);
}

void Sandboxes::Measure(Sandbox& sandbox, const Event& event) {
  if (const auto bytes = event.Number(kMemoryBytes)) {
    sandbox.memory_bytes = *bytes;
    TypeOf(sandbox.type).has_memory = true;
  }
  if (const auto bytes = event.Number(kDiskBytes)) {
    sandbox.disk_bytes = *bytes;
    TypeOf(sandbox.type).has_disk = true;
  }
  Add<"sandbox_cpu_usage_seconds_total", "sandboxes_cpu_usage_seconds_total">(sandbox, sandbox.cpu,
                                                                              event.Number(kCpuSeconds));
  Add<"sandbox_network_receive_bytes_total", "sandboxes_network_receive_bytes_total">(
      sandbox, sandbox.received, event.Number(kNetworkReceiveBytes));
  Add<"sandbox_network_transmit_bytes_total", "sandboxes_network_transmit_bytes_total">(
      sandbox, sandbox.sent, event.Number(kNetworkTransmitBytes));
  Add<"sandbox_cpu_throttled_seconds_total">(sandbox, sandbox.throttled, event.Number(kThrottledSeconds));
  Add<"sandbox_io_read_bytes_total">(sandbox, sandbox.io_read, event.Number(kIoReadBytes));
  Add<"sandbox_io_written_bytes_total">(sandbox, sandbox.io_written, event.Number(kIoWrittenBytes));
  if (sandbox.shown) ShowUsage(sandbox, event);
}

// An event without a limit says nothing about it: 0 says that there is none.
void Sandboxes::Limit(Sandbox& sandbox, const Event& event) {
  sandbox.memory_limit_bytes = event.Number(kMemoryLimitBytes).value_or(sandbox.memory_limit_bytes);
  sandbox.cpu_limit_cores = event.Number(kCpuLimitCores).value_or(sandbox.cpu_limit_cores);
  Add<"sandbox_oom_kills_total", "sandboxes_oom_kills_total">(sandbox, sandbox.oom_kills,
                                                              event.Number(kOomKills));
  for (const FieldValue& value : event.values()) {
    if (value.field != kWaitingSeconds) continue;
    const auto place =
        static_cast<std::size_t>(std::ranges::find(kResources, value.text) - kResources.begin());
    const double increment = sandbox.waiting.at(place).Advance(value.number);
    if (!sandbox.shown) continue;
    series_->Count<"sandbox_pressure_waiting_seconds_total">(increment, sandbox.id, value.text);
  }
  if (sandbox.shown) ShowLimits(sandbox);
}

void Sandboxes::ObserveProvision(const Sandbox& sandbox, const Event& event, UnixMillis at) {
  std::optional<double> seconds = event.Number(kDurationSeconds);
  if (!seconds && sandbox.requested && at >= sandbox.created) seconds = ToSeconds(at - sandbox.created);
  if (!seconds) return;
  series_->Observe<"sandbox_provision_duration_seconds">({*seconds, event.weight, event.trace_id, at},
                                                         sandbox.type);
}

Refused Sandboxes::Touched(Sandbox& sandbox, const Event& event, UnixMillis at) {
  // The first news of a sandbox counts in any case.
  if (!event.observed || sandbox.newest.value == 0) sandbox.newest = std::max(sandbox.newest, at);
  if (sandbox.state != State::kEnded) Show(sandbox, event);
  return std::nullopt;
}

void Sandboxes::Show(Sandbox& sandbox, const Event& event) {
  if (!sandbox.shown) {
    if (!entity_series_.Enter(sandbox.refused)) return;
    sandbox.shown = true;
    sandbox.id = series_->Value<"sandbox_id">(event.Text(kSandboxId));
    ShowUsage(sandbox, event);
    ShowLimits(sandbox);
    ShowTotals(sandbox);
  }
  series_->Set<"sandbox_created_timestamp_seconds">(sandbox.created.Seconds(), sandbox.id);
  series_->Set<"sandbox_last_event_timestamp_seconds">(sandbox.newest.Seconds(), sandbox.id);
  const std::string_view agent_type = sandbox.agent_type.empty() ? kUnknown : sandbox.agent_type;
  if (agent_type == sandbox.info_agent_type) return;
  if (!sandbox.info_agent_type.empty()) {
    series_->Remove<"sandbox_info">(sandbox.id, sandbox.type, sandbox.info_agent_type);
  }
  sandbox.info_agent_type = std::string(agent_type);
  series_->Set<"sandbox_info">(1, sandbox.id, sandbox.type, sandbox.info_agent_type);
}

void Sandboxes::ShowUsage(const Sandbox& sandbox, const Event& event) {
  const auto id = sandbox.id;
  if (const auto bytes = event.Number(kMemoryBytes)) series_->Set<"sandbox_memory_usage_bytes">(*bytes, id);
  if (const auto bytes = event.Number(kDiskBytes)) series_->Set<"sandbox_disk_usage_bytes">(*bytes, id);
  if (const auto bytes = event.Number(kMemoryWorkingSetBytes)) {
    series_->Set<"sandbox_memory_working_set_bytes">(*bytes, id);
  }
  if (const auto n = event.Number(kProcesses)) series_->Set<"sandbox_processes">(*n, id);
}

void Sandboxes::ShowLimits(const Sandbox& sandbox) {
  const auto id = sandbox.id;
  if (sandbox.memory_limit_bytes > 0) {
    series_->Set<"sandbox_memory_limit_bytes">(sandbox.memory_limit_bytes, id);
  } else {
    series_->Remove<"sandbox_memory_limit_bytes">(id);
  }
  if (sandbox.cpu_limit_cores > 0) {
    series_->Set<"sandbox_cpu_limit_cores">(sandbox.cpu_limit_cores, id);
  } else {
    series_->Remove<"sandbox_cpu_limit_cores">(id);
  }
}

// All that is known when its series begin; from then on they are added to.
void Sandboxes::ShowTotals(const Sandbox& sandbox) {
  const auto id = sandbox.id;
  const auto begin = [&](const Cumulative& total, auto set) {
    if (total.last() > 0) set(total.last());
  };
  begin(sandbox.cpu, [&](double n) { series_->SetTotal<"sandbox_cpu_usage_seconds_total">(n, id); });
  begin(sandbox.received, [&](double n) { series_->SetTotal<"sandbox_network_receive_bytes_total">(n, id); });
  begin(sandbox.sent, [&](double n) { series_->SetTotal<"sandbox_network_transmit_bytes_total">(n, id); });
  begin(sandbox.throttled,
        [&](double n) { series_->SetTotal<"sandbox_cpu_throttled_seconds_total">(n, id); });
  begin(sandbox.io_read, [&](double n) { series_->SetTotal<"sandbox_io_read_bytes_total">(n, id); });
  begin(sandbox.io_written, [&](double n) { series_->SetTotal<"sandbox_io_written_bytes_total">(n, id); });
  begin(sandbox.oom_kills, [&](double n) { series_->SetTotal<"sandbox_oom_kills_total">(n, id); });
  for (std::size_t i = 0; i < kResources.size(); ++i) {
    begin(sandbox.waiting.at(i), [&](double n) {
      series_->SetTotal<"sandbox_pressure_waiting_seconds_total">(n, id, kResources[i]);
    });
  }
}

void Sandboxes::Hide(Sandbox& sandbox) {
  if (!sandbox.shown) return;
  const auto id = sandbox.id;
  series_->Remove<"sandbox_created_timestamp_seconds">(id);
  series_->Remove<"sandbox_last_event_timestamp_seconds">(id);
  series_->Remove<"sandbox_memory_usage_bytes">(id);
  series_->Remove<"sandbox_disk_usage_bytes">(id);
  series_->Remove<"sandbox_memory_working_set_bytes">(id);
  series_->Remove<"sandbox_memory_limit_bytes">(id);
  series_->Remove<"sandbox_cpu_limit_cores">(id);
  series_->Remove<"sandbox_processes">(id);
  series_->Remove<"sandbox_cpu_usage_seconds_total">(id);
  series_->Remove<"sandbox_cpu_throttled_seconds_total">(id);
  series_->Remove<"sandbox_io_read_bytes_total">(id);
  series_->Remove<"sandbox_io_written_bytes_total">(id);
  series_->Remove<"sandbox_oom_kills_total">(id);
  for (const std::string_view resource : kResources) {
    series_->Remove<"sandbox_pressure_waiting_seconds_total">(id, resource);
  }
  series_->Remove<"sandbox_network_receive_bytes_total">(id);
  series_->Remove<"sandbox_network_transmit_bytes_total">(id);
  series_->Remove<"sandbox_info">(id, sandbox.type, sandbox.info_agent_type);
  sandbox.info_agent_type.clear();
  sandbox.shown = false;
  entity_series_.Leave();
}

void Sandboxes::LimitsChanged() {
  entity_series_.SetLimit(limits_->max_sandbox_series);
  if (entity_series_.is_on()) return;
  for (auto& entry : sandboxes_.entries()) Hide(entry.entity);
}

void Sandboxes::Forget(UnixMillis now) {
  const UnixMillis oldest = now - limits_->retention;
  ended_.PopBefore(oldest, [this](std::string_view id, UnixMillis at) { ForgetEnded(id, at); });
  const std::size_t series_before = entity_series_.CountSeries();
  sandboxes_.RemoveIf([&](auto& entry) {
    const Sandbox& sandbox = entry.entity;
    if (std::max({sandbox.newest, sandbox.measured, sandbox.constrained}) >= oldest) return false;
    Hide(entry.entity);
    return true;
  });
  entity_series_.CountExpired(series_before);
}

void Sandboxes::Collect(UnixMillis now, Tasks& tasks) {
  Forget(now);
  std::vector<Sums> sums;
  for (const Type& type : types_) sums.resize(std::max<std::size_t>(sums.size(), type.value.id + 1));
  for (auto& entry : sandboxes_.entries()) {
    if (entry.entity.state == State::kEnded) continue;
    Charge(entry.entity, now);
    AddUp(entry.entity, now, tasks, sums[entry.entity.type.id]);
  }
  for (const Type& type : types_) CollectType(type, sums[type.value.id]);
  entity_series_.Collect();
}

void Sandboxes::AddUp(Sandbox& sandbox, UnixMillis now, Tasks& tasks, Sums& sums) {
  sums.states[static_cast<std::size_t>(sandbox.state)] += 1;
  sums.memory_bytes += sandbox.memory_bytes;
  sums.disk_bytes += sandbox.disk_bytes;
  sums.memory_limit_bytes += sandbox.memory_limit_bytes;
  sums.cpu_limit_cores += sandbox.cpu_limit_cores;
  if (sums.oldest.value == 0 || sandbox.created < sums.oldest) sums.oldest = sandbox.created;
  if (sandbox.state == State::kRunning && now - sandbox.newest > limits_->zombie_after) sums.zombie += 1;
  if (IsOrphaned(sandbox, tasks)) sums.orphaned += 1;
}

// A task nobody ever reported proves nothing; one that was known and is gone does.
bool Sandboxes::IsOrphaned(Sandbox& sandbox, Tasks& tasks) {
  if (sandbox.task_id.empty()) return false;
  const Tasks::Life life = tasks.LifeOf(sandbox.task_id);
  if (life != Tasks::Life::kUnknown) sandbox.owner_seen = true;
  return sandbox.owner_seen && life != Tasks::Life::kUnfinished;
}

// Those without a limit do not count, and no limit at all is no 0.
void Sandboxes::CollectLimits(const Type& type, const Sums& sums) {
  if (sums.memory_limit_bytes > 0) {
    series_->Set<"sandboxes_memory_limit_bytes">(sums.memory_limit_bytes, type.value);
  } else {
    series_->Remove<"sandboxes_memory_limit_bytes">(type.value);
  }
  if (sums.cpu_limit_cores > 0) {
    series_->Set<"sandboxes_cpu_limit_cores">(sums.cpu_limit_cores, type.value);
  } else {
    series_->Remove<"sandboxes_cpu_limit_cores">(type.value);
  }
}

void Sandboxes::CollectType(const Type& type, const Sums& sums) {
  for (std::size_t i = 0; i < sums.states.size(); ++i) {
    series_->Set<"sandboxes">(sums.states[i], type.value, static_cast<State>(i));
  }
  series_->Set<"sandboxes_zombie">(sums.zombie, type.value);
  series_->Set<"sandboxes_orphaned">(sums.orphaned, type.value);
  if (type.has_memory) series_->Set<"sandboxes_memory_usage_bytes">(sums.memory_bytes, type.value);
  CollectLimits(type, sums);
  if (type.has_disk) series_->Set<"sandboxes_disk_usage_bytes">(sums.disk_bytes, type.value);
  if (sums.oldest.value != 0) {
    series_->Set<"sandboxes_oldest_created_timestamp_seconds">(sums.oldest.Seconds(), type.value);
  } else {
    series_->Remove<"sandboxes_oldest_created_timestamp_seconds">(type.value);
  }
}

}  // namespace fleet
