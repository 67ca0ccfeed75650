#include "exporter/fleet/fleet.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>

#include "exporter/fleet/apply.h"
#include "exporter/fleet/parts_state.h"
#include "lib/base/text.h"

namespace fleet {
namespace {

// A sender's clock may be ahead; further than this it is wrong.
constexpr std::chrono::minutes kMostAhead{5};

// Sets with "other" take every value.
bool IsOneOf(std::string_view text, std::span<const std::string_view> values) {
  const auto is_text_or_other = [text](std::string_view value) { return value == text || value == "other"; };
  return std::ranges::any_of(values, is_text_or_other);
}

std::string Joined(std::span<const std::string_view> values) {
  std::vector<std::string> names(values.begin(), values.end());
  return Join(names, ", ");
}

Refused CheckClosedSets(const Event& event) {
  for (const FieldValue& value : event.values()) {
    const FieldUse* const use = event.type->Find(value.field);
    if (use == nullptr || use->values.empty() || IsOneOf(value.text, use->values)) continue;
    const FieldDef& def = Definition(value.field);
    const std::string_view what = def.kind == FieldKind::kNumbersByKey ? "keys must be" : "must be";
    return Refusal{"invalid_value", fmt::format("data.{}: {} one of {}, not '{}'", def.name, what,
                                                Joined(use->values), Printable(value.text))};
  }
  return std::nullopt;
}

}  // namespace

Refusal HasEnded(std::string_view what, std::string_view id) {
  return {"invalid_value", std::string(what) + " '" + std::string(id) + "' has ended before"};
}

Refusal TooMany(std::string_view what, int limit) {
  return {"too_many", fmt::format("{} {} are known, which is the limit; no new ones are taken", limit, what)};
}

Totals* NewerTotals(Parts& parts, const Event& event, UnixMillis at, std::string_view thing) {
  const std::string key = fmt::format("{}\n{}\n{}", event.type->name, event.source, thing);
  Totals* totals = parts.totals.Find(key);
  if (totals == nullptr) {
    if (parts.totals.size() >= static_cast<std::size_t>(parts.limits.max_entities)) return nullptr;
    totals = &parts.totals.Add(key);
  }
  if (at < totals->newest) return nullptr;
  totals->newest = at;
  return totals;
}

class Fleet::State {
 public:
  State(std::string_view metric_namespace, const FleetLimits& limits) : parts_(metric_namespace, limits) {
    parts_.custom.Declare(limits.custom);
    ShowObjectives(parts_, {});
  }

  Refused Apply(const Event& event, UnixMillis received) {
    if (Refused refused = CheckClosedSets(event)) return refused;
    if (event.type->delta != catalog::BucketSet::kNone && HasDelta(event)) {
      if (Refused refused = CheckDelta(event, catalog::Bounds(event.type->delta))) return refused;
    }
    const UnixMillis at = event.time > received + kMostAhead ? received : event.time;
    const std::lock_guard lock(mutex_);
    return ApplyEvent(parts_, event, at);
  }

  void ReportSource(std::string_view source, bool up, UnixMillis now) {
    const std::lock_guard lock(mutex_);
    parts_.series.Set<"source_up">(up ? 1 : 0, source);
    if (up) parts_.series.Set<"source_last_success_timestamp_seconds">(now.Seconds(), source);
  }

  void Collect(UnixMillis now, Snapshot& snapshot) {
    const std::lock_guard lock(mutex_);
    Pass(now);
    parts_.series.Collect(snapshot);
    parts_.custom.Collect(snapshot);
  }

  // Runs `read(parts)` alone.
  template <typename Read>
  auto Locked(Read read) {
    const std::lock_guard lock(mutex_);
    return read(parts_);
  }

  void Advance(UnixMillis now) {
    const std::lock_guard lock(mutex_);
    Pass(now);
  }

  UnixMillis advanced() const { return UnixMillis{advanced_.load(std::memory_order_relaxed)}; }

  std::string Save() {
    const std::lock_guard lock(mutex_);
    return SaveParts(parts_, advanced());
  }

  Result<std::vector<std::string>> Load(std::string_view bytes, UnixMillis advanced) {
    advanced_ = advanced.value;
    return LoadParts(bytes, parts_);
  }

  FleetLimits limits() {
    const std::lock_guard lock(mutex_);
    return parts_.limits;
  }

  void SetLimits(const FleetLimits& limits) {
    const std::lock_guard lock(mutex_);
    const auto objectives_before = std::move(parts_.limits.backups);
    parts_.limits = limits;
    parts_.workers.LimitsChanged();
    parts_.runners.LimitsChanged();
    parts_.tasks.LimitsChanged();
    parts_.sandboxes.LimitsChanged();
    parts_.errors.SetRules(limits.errors);
    parts_.custom.Declare(limits.custom);
    ShowObjectives(parts_, objectives_before);
  }

 private:
  void Pass(UnixMillis now) {
    advanced_ = now.value;
    parts_.workers.Collect(now);
    parts_.runners.Collect(now);
    parts_.runs.Collect(now);
    parts_.tasks.Collect(now);
    parts_.sandboxes.Collect(now, parts_.tasks);
    const UnixMillis oldest = now - parts_.limits.retention;
    parts_.totals.RemoveIf([&](const auto& entry) { return entry.entity.newest < oldest; });
    parts_.series.Expire(oldest);
    parts_.custom.Expire(oldest);
    parts_.custom.CollectCounts();
  }

  std::mutex mutex_;
  std::atomic<std::int64_t> advanced_ = 0;  // milliseconds; read without waiting for a collection
  Parts parts_;
};

Fleet::Fleet(std::string_view metric_namespace, const FleetLimits& limits)
    : namespace_(metric_namespace), state_(std::make_unique<State>(metric_namespace, limits)) {}
Fleet::~Fleet() = default;

Refused Fleet::Apply(const Event& event, UnixMillis received) { return state_->Apply(event, received); }

void Fleet::ReportSource(std::string_view source, bool up, UnixMillis now) {
  state_->ReportSource(source, up, now);
}

void Fleet::Collect(UnixMillis now, Snapshot& snapshot) { state_->Collect(now, snapshot); }

Listed<WorkerView> Fleet::Workers(UnixMillis now, const ListQuery& query) const {
  return state_->Locked([&](Parts& parts) { return parts.workers.List(now, query); });
}

Listed<RunnerView> Fleet::Runners(UnixMillis now, const ListQuery& query) const {
  return state_->Locked([&](Parts& parts) { return parts.runners.List(now, query); });
}

Listed<SandboxView> Fleet::Sandboxes(UnixMillis now, const ListQuery& query) const {
  return state_->Locked([&](Parts& parts) { return parts.sandboxes.List(now, query, parts.tasks); });
}

std::vector<std::string> Fleet::ObservedSandboxes(std::string_view sandbox_type) const {
  return state_->Locked([&](Parts& parts) { return parts.sandboxes.Observed(sandbox_type); });
}

TaskSummary Fleet::Tasks(UnixMillis now, const ListQuery& query) const {
  return state_->Locked([&](Parts& parts) { return parts.tasks.Summarise(now, query); });
}

void Fleet::SetLimits(const FleetLimits& limits) { state_->SetLimits(limits); }

FleetLimits Fleet::limits() const { return state_->limits(); }

std::string Fleet::Save() const { return state_->Save(); }

Result<std::vector<std::string>> Fleet::Load(std::string_view bytes) {
  auto head = LoadHead(bytes, state_->limits());
  if (!head) return tl::make_unexpected(head.error());
  auto state = std::make_unique<State>(namespace_, head->limits);
  auto lost = state->Load(bytes, head->advanced);
  if (lost) {
    state_ = std::move(state);
    loaded_ = head->advanced;
  }
  return lost;
}

void Fleet::Advance(UnixMillis now) { state_->Advance(now); }

UnixMillis Fleet::advanced() const { return state_->advanced(); }

UnixMillis Fleet::loaded() const { return loaded_; }

}  // namespace fleet
