// Backups and restores: what happened last stays shown, however long ago, since its age is the alarm.
#include <algorithm>

#include "exporter/fleet/parts.h"

namespace fleet {

using enum Field;

void BackupFinished(Parts& parts, const Event& event, UnixMillis at) {
  Series& series = parts.series;
  const auto target = series.Value<"target">(event.Text(kTarget));
  series.Count<"backup_runs_total">(event.count, target);
  series.SetLasting<"backup_last_attempt_timestamp_seconds">(at, at.Seconds(), target);
  if (const auto seconds = event.Number(kDurationSeconds)) {
    series.SetLasting<"backup_last_duration_seconds">(at, *seconds, target);
  }
  if (!*event.Bool(kOk)) {
    series.Count<"backup_failures_total">(event.count, target);
    return;
  }
  series.SetLasting<"backup_last_success_timestamp_seconds">(at, at.Seconds(), target);
  if (const auto bytes = event.Number(kSizeBytes)) {
    series.SetLasting<"backup_last_size_bytes">(at, *bytes, target);
  }
}

void BackupVerified(Parts& parts, const Event& event, UnixMillis at) {
  const auto target = parts.series.Value<"target">(event.Text(kTarget));
  parts.series.Count<"backup_verifications_total">(event.count, target);
  if (*event.Bool(kOk)) {
    parts.series.SetLasting<"backup_last_verification_timestamp_seconds">(at, at.Seconds(), target);
  } else {
    parts.series.Count<"backup_verification_failures_total">(event.count, target);
  }
}

void BackupReplicated(Parts& parts, const Event& event, UnixMillis at) {
  parts.series.SetLasting<"backup_replicated_until_timestamp_seconds">(at, event.Time(kUntil)->Seconds(),
                                                                       event.Text(kTarget));
}

void BackupInventory(Parts& parts, const Event& event, UnixMillis at) {
  const auto target = parts.series.Value<"target">(event.Text(kTarget));
  const std::string_view retention = event.Text(kRetention);
  parts.series.SetLasting<"backups_stored">(at, *event.Number(kStored), target, retention);
  const auto oldest = event.Time(kOldestTime);
  if (!oldest) return;
  auto& by_retention = parts.oldest_backups[target.id];
  by_retention.insert_or_assign(std::string(retention), oldest->Seconds());
  const auto by_time = [](const auto& a, const auto& b) { return a.second < b.second; };
  parts.series.SetLasting<"backup_oldest_timestamp_seconds">(
      at, std::ranges::min_element(by_retention, by_time)->second, target);
}

void RestoreFinished(Parts& parts, const Event& event, UnixMillis at) {
  Series& series = parts.series;
  const auto target = series.Value<"target">(event.Text(kTarget));
  series.Count<"restore_runs_total">(event.count, target);
  if (!*event.Bool(kOk)) {
    series.Count<"restore_failures_total">(event.count, target);
    return;
  }
  series.SetLasting<"restore_last_success_timestamp_seconds">(at, at.Seconds(), target);
  if (const auto seconds = event.Number(kDurationSeconds)) {
    series.SetLasting<"restore_last_duration_seconds">(at, *seconds, target);
  }
}

void ShowObjectives(Parts& parts, const std::map<std::string, RecoveryObjectives>& before) {
  Series& series = parts.series;
  for (const auto& [target, objectives] : before) {
    series.Remove<"backup_rpo_target_seconds">(target);
    series.Remove<"backup_rto_target_seconds">(target);
  }
  for (const auto& [target, objectives] : parts.limits.backups) {
    if (objectives.rpo) series.Set<"backup_rpo_target_seconds">(ToSeconds(*objectives.rpo), target);
    if (objectives.rto) series.Set<"backup_rto_target_seconds">(ToSeconds(*objectives.rto), target);
  }
}

}  // namespace fleet
