#include "exporter/refusal_log.h"

#include <chrono>

#include "exporter/exposition/snapshot_reader.h"
#include "lib/catalog/catalog.h"

namespace fleet {
namespace {

constexpr std::chrono::minutes kBetween{1};

struct Watched {
  std::string_view metric;
  std::string_view label;
  std::string_view message;
};

constexpr Watched kWatched[] = {
    {catalog::Metric<"exporter_series_dropped_total">.name, "group",
     "Series refused, the group of metrics is full"},
    {catalog::Metric<"exporter_label_values_folded_total">.name, "label",
     "Label values exported as other, the label has reached its bound"},
    {catalog::Metric<"exporter_ingest_events_rejected_total">.name, "reason", "Events refused"},
};

}  // namespace

std::vector<RefusalLine> RefusalLog::Look(const Snapshot& snapshot, UnixMillis now) {
  std::vector<RefusalLine> lines;
  const SnapshotReader reader(snapshot, namespace_);
  const std::lock_guard lock(mutex_);
  for (const Watched& watched : kWatched) {
    for (const auto& [value, total] : reader.SumBy(watched.metric, watched.label)) {
      Said& said = said_[std::string(watched.metric) + "\n" + value];
      if (total <= said.total || (said.at.value != 0 && now - said.at < kBetween)) continue;
      lines.push_back({watched.message, watched.label, value, static_cast<std::int64_t>(total - said.total)});
      said = {total, now};
    }
  }
  return lines;
}

}  // namespace fleet
