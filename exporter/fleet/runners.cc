#include "exporter/fleet/runners.h"

#include <algorithm>
#include <array>

namespace fleet {

using enum Field;

namespace {

static_assert(ValuesAre<"runners">("state", {"idle", "busy", "draining", "offline"}));

}  // namespace

struct Runners::Sums {
  std::array<double, 4> states{};
  double free = 0;
  double used = 0;
};

Runners::Runners(Series& series, const FleetLimits& limits)
    : series_(&series),
      limits_(&limits),
      entity_series_(series, catalog::Group::kRuns, limits.max_runner_series) {}

Refused Runners::Heartbeat(const Event& event, UnixMillis at) {
  Runner* const runner = FindOrAdd(event.Text(kRunnerId));
  if (runner == nullptr) return TooMany("runners", limits_->max_entities);
  const auto pool = series_->Value<"pool">(event.Text(kPool));
  if (std::ranges::find(pools_, pool) == pools_.end()) pools_.push_back(pool);
  if (at < runner->newest) return std::nullopt;
  runner->newest = at;
  runner->pool = pool;
  runner->slots = event.Number(kSlots).value_or(runner->slots);
  runner->active_runs = event.Number(kActiveRuns).value_or(runner->active_runs);
  runner->slots_used = event.Number(kSlotsUsed).value_or(runner->active_runs);
  runner->state = StateOf(*runner, event.Text(kState));
  Show(*runner, event);
  return std::nullopt;
}

Refused Runners::Offline(const Event& event, UnixMillis at) {
  Runner* const runner = runners_.Find(event.Text(kRunnerId));
  if (runner == nullptr || at < runner->newest) return std::nullopt;
  runner->newest = at;
  runner->state = State::kOffline;
  return std::nullopt;
}

Runners::Runner* Runners::FindOrAdd(std::string_view id) {
  if (Runner* const known = runners_.Find(id)) return known;
  if (runners_.size() >= static_cast<std::size_t>(limits_->max_entities)) return nullptr;
  return &runners_.Add(id);
}

Runners::State Runners::StateOf(const Runner& runner, std::string_view said) {
  const std::uint32_t state = ClosedValue(catalog::Metric<"runners">.labels[1], said);
  if (state != kNoValue) return static_cast<State>(state);
  return runner.slots_used > 0 || runner.active_runs > 0 ? State::kBusy : State::kIdle;
}

void Runners::Show(Runner& runner, const Event& event) {
  if (!runner.shown) {
    if (!entity_series_.Enter(runner.refused)) return;
    runner.shown = true;
    runner.id = series_->Value<"runner_id">(event.Text(kRunnerId));
  }
  series_->Set<"runner_last_heartbeat_timestamp_seconds">(runner.newest.Seconds(), runner.id);
  series_->Set<"runner_active_runs">(runner.active_runs, runner.id);
  ShowInfo(runner, event);
}

void Runners::ShowInfo(Runner& runner, const Event& event) {
  const std::string_view pool = series_->Text(runner.pool);
  const std::string_view version = event.TextOr(kVersion, runner.version);
  const std::string_view os = event.TextOr(kOs, runner.os);
  if (pool == runner.info_pool && version == runner.version && os == runner.os) return;
  HideInfo(runner);
  runner.info_pool = std::string(pool);
  runner.version = std::string(version);
  runner.os = std::string(os);
  series_->Set<"runner_info">(1, runner.id, runner.info_pool, runner.version, runner.os);
}

void Runners::HideInfo(Runner& runner) {
  if (runner.info_pool.empty()) return;
  series_->Remove<"runner_info">(runner.id, runner.info_pool, runner.version, runner.os);
  runner.info_pool.clear();
}

void Runners::Hide(Runner& runner) {
  if (!runner.shown) return;
  series_->Remove<"runner_last_heartbeat_timestamp_seconds">(runner.id);
  series_->Remove<"runner_active_runs">(runner.id);
  HideInfo(runner);
  runner.version.clear();
  runner.os.clear();
  runner.shown = false;
  entity_series_.Leave();
}

void Runners::LimitsChanged() {
  entity_series_.SetLimit(limits_->max_runner_series);
  if (entity_series_.is_on()) return;
  for (auto& entry : runners_.entries()) Hide(entry.entity);
}

void Runners::Forget(UnixMillis now) {
  const UnixMillis oldest = now - limits_->retention;
  const std::size_t series_before = entity_series_.CountSeries();
  runners_.RemoveIf([&](auto& entry) {
    if (entry.entity.newest >= oldest) return false;
    Hide(entry.entity);
    return true;
  });
  entity_series_.CountExpired(series_before);
}

void Runners::Collect(UnixMillis now) {
  Forget(now);
  std::vector<Sums> sums;
  for (const auto pool : pools_) sums.resize(std::max<std::size_t>(sums.size(), pool.id + 1));
  for (const auto& entry : runners_.entries()) {
    const Runner& runner = entry.entity;
    const bool silent = now - runner.newest > limits_->runner.down;
    const State state = silent ? State::kOffline : runner.state;
    Sums& sum = sums[runner.pool.id];
    sum.states[static_cast<std::size_t>(state)] += 1;
    if (state == State::kOffline) continue;
    sum.used += runner.slots_used;
    sum.free += std::max(0.0, runner.slots - runner.slots_used);
  }
  for (const auto pool : pools_) CollectPool(pool, sums[pool.id]);
  if (!pools_.empty()) CollectLimits();
  entity_series_.Collect();
}

void Runners::CollectPool(LabelValue<"pool"> pool, const Sums& sums) {
  for (std::size_t i = 0; i < sums.states.size(); ++i) {
    series_->Set<"runners">(sums.states[i], pool, static_cast<State>(i));
  }
  series_->Set<"runner_slots">(sums.free, pool, "free");
  series_->Set<"runner_slots">(sums.used, pool, "used");
}

// Runners are workers of the type `runner` where limits and heartbeat failures are concerned.
void Runners::CollectLimits() {
  if (!runner_type_) runner_type_ = series_->Value<"worker_type">("runner");
  const auto type = *runner_type_;
  series_->Set<"worker_heartbeat_timeout_seconds">(ToSeconds(limits_->runner.stale), type, "stale");
  series_->Set<"worker_heartbeat_timeout_seconds">(ToSeconds(limits_->runner.down), type, "down");
}

}  // namespace fleet
