#include "exporter/fleet/runs.h"

#include <algorithm>
#include <array>

namespace fleet {

using enum Field;

namespace {

static_assert(ValuesAre<"runs">("state", {"pending", "assigned", "running"}));

}  // namespace

Refused Runs::Created(const Event& event, UnixMillis at) {
  Work* const run = FindOrAdd(event.Text(kRunId));
  if (run == nullptr) return TooMany("runs", limits_->max_entities);
  series_->Count<"runs_created_total">(event.count);
  if (run->created.value == 0) run->created = at;
  run->newest = std::max(run->newest, at);
  if (run->changed.value == 0) EnterStage(*run, Work::Stage::kPending, at);
  ObserveWait(*run, event);
  return std::nullopt;
}

Refused Runs::Assigned(const Event& event, UnixMillis at) {
  Work* const run = FindOrAdd(event.Text(kRunId));
  if (run == nullptr) return TooMany("runs", limits_->max_entities);
  run->newest = std::max(run->newest, at);
  // A run may be given to another runner after it started.
  const Step step = JudgeStep(*run, Work::Stage::kAssigned, at);
  if (step == Step::kInvalid && run->stage == Work::Stage::kEnded) return HasEnded("run", event.Text(kRunId));
  if (step != Step::kLate) EnterStage(*run, Work::Stage::kAssigned, at);
  return std::nullopt;
}

Refused Runs::Started(const Event& event, UnixMillis at) {
  Work* const run = FindOrAdd(event.Text(kRunId));
  if (run == nullptr) return TooMany("runs", limits_->max_entities);
  run->newest = std::max(run->newest, at);
  const Step step = JudgeStep(*run, Work::Stage::kRunning, at);
  if (step == Step::kInvalid && run->stage == Work::Stage::kEnded) return HasEnded("run", event.Text(kRunId));
  if (run->started.value == 0 || step == Step::kMove) run->started = at;
  ObserveWait(*run, event);
  if (step != Step::kLate) EnterStage(*run, Work::Stage::kRunning, at);
  return std::nullopt;
}

Refused Runs::Ended(const Event& event, UnixMillis at, std::string_view outcome) {
  Work* const run = FindOrAdd(event.Text(kRunId));
  if (run == nullptr) return TooMany("runs", limits_->max_entities);
  run->newest = std::max(run->newest, at);
  if (JudgeStep(*run, Work::Stage::kEnded, at) == Step::kInvalid) return HasEnded("run", event.Text(kRunId));
  series_->Count<"runs_finished_total">(event.count, outcome);
  std::optional<double> seconds = event.Number(kDurationSeconds);
  if (!seconds) seconds = DurationUntil(*run, at);
  if (seconds) {
    series_->Observe<"run_duration_seconds">({*seconds, event.weight, event.trace_id, at}, outcome);
  }
  EnterStage(*run, Work::Stage::kEnded, at);
  ended_.Push(event.Text(kRunId), run->changed);
  return std::nullopt;
}

Work* Runs::FindOrAdd(std::string_view id) {
  if (Work* const known = runs_.Find(id)) return known;
  return MakeRoom() ? &runs_.Add(id) : nullptr;
}

// Ended runs are kept only to recognise late events: they go first.
bool Runs::MakeRoom() {
  const auto has_room = [this] { return runs_.size() < static_cast<std::size_t>(limits_->max_entities); };
  return ended_.PopUntil(has_room, [this](std::string_view id, UnixMillis at) { ForgetEnded(id, at); });
}

void Runs::ForgetEnded(std::string_view id, UnixMillis ended) {
  const Work* const run = runs_.Find(id);
  if (run != nullptr && run->stage == Work::Stage::kEnded && run->changed == ended) runs_.Remove(id);
}

void Runs::ObserveWait(Work& run, const Event& event) {
  if (const auto seconds = TakeWait(run)) {
    series_->Observe<"run_queue_duration_seconds">({*seconds, event.weight, event.trace_id, run.started});
  }
}

void Runs::Collect(UnixMillis now) {
  ended_.PopBefore(now - limits_->finished_retention,
                   [this](std::string_view id, UnixMillis at) { ForgetEnded(id, at); });
  const UnixMillis oldest_kept = now - limits_->retention;
  runs_.RemoveIf([&](const auto& entry) { return entry.entity.newest < oldest_kept; });

  std::array<double, 4> stages{};
  UnixMillis oldest;
  for (const auto& entry : runs_.entries()) {
    const Work& run = entry.entity;
    stages[static_cast<std::size_t>(run.stage)] += 1;
    if (run.stage != Work::Stage::kPending) continue;
    if (oldest.value == 0 || run.created < oldest) oldest = run.created;
  }
  for (const Work::Stage stage : {Work::Stage::kPending, Work::Stage::kAssigned, Work::Stage::kRunning}) {
    series_->Set<"runs">(stages[static_cast<std::size_t>(stage)], stage);
  }
  if (oldest.value != 0) {
    series_->Set<"runs_oldest_pending_timestamp_seconds">(oldest.Seconds());
  } else {
    series_->Remove<"runs_oldest_pending_timestamp_seconds">();
  }
}

}  // namespace fleet
