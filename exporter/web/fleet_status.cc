#include "exporter/web/fleet_status.h"

#include <algorithm>

#include "exporter/exposition/snapshot_reader.h"

namespace fleet {
namespace {

UnixMillis FromSeconds(double seconds) { return UnixMillis{static_cast<std::int64_t>(seconds * 1000)}; }

class QueueTable {
 public:
  explicit QueueTable(const SnapshotReader& reader) : reader_(&reader) {}

  // Calls read(queue, labels, value) for each series of a metric with the label `queue`.
  template <typename Read>
  void Take(std::string_view name, Read read) {
    reader_->ForEach(name, [&](const LabelTexts& labels, double value) {
      const auto it = labels.find("queue");
      if (it == labels.end()) return;
      QueueStatus& queue = queues_[it->second];
      queue.queue = it->second;
      read(queue, labels, value);
    });
  }

  void TakeNumber(std::string_view name, std::optional<double> QueueStatus::*member) {
    Take(name, [member](QueueStatus& queue, const LabelTexts&, double value) { queue.*member = value; });
  }

  std::vector<QueueStatus> All() const {
    std::vector<QueueStatus> all;
    for (const auto& [name, queue] : queues_) all.push_back(queue);
    return all;
  }

 private:
  const SnapshotReader* reader_;
  std::map<std::string, QueueStatus> queues_;
};

std::vector<QueueStatus> ReadQueues(const SnapshotReader& reader) {
  QueueTable table(reader);
  table.Take("queue_depth", [](QueueStatus& queue, const LabelTexts& labels, double value) {
    queue.depth += value;
    if (value > 0) queue.depth_by_priority[labels.at("priority")] = value;
  });
  table.Take("queue_message_type_depth", [](QueueStatus& queue, const LabelTexts& labels, double value) {
    queue.depth_by_message_type[labels.at("message_type")] = value;
  });
  table.TakeNumber("queue_in_flight_messages", &QueueStatus::in_flight);
  table.TakeNumber("queue_delayed_messages", &QueueStatus::delayed);
  table.TakeNumber("queue_dead_letter_messages", &QueueStatus::dead_letter);
  table.TakeNumber("queue_consumers", &QueueStatus::consumers);
  table.TakeNumber("queue_oldest_message_timestamp_seconds", &QueueStatus::oldest_unix_seconds);
  table.Take("queue_circuit_breaker_open", [](QueueStatus& queue, const LabelTexts&, double value) {
    queue.circuit_breaker_open = value != 0;
  });
  return table.All();
}

std::vector<SourceStatus> ReadSources(const SnapshotReader& reader) {
  std::map<std::string, SourceStatus> sources;
  reader.ForEach("source_up", [&](const LabelTexts& labels, double value) {
    const std::string& name = labels.at("source");
    sources[name].source = name;
    sources[name].up = value != 0;
  });
  reader.ForEach("source_last_success_timestamp_seconds", [&](const LabelTexts& labels, double value) {
    const auto it = sources.find(labels.at("source"));
    if (it != sources.end()) it->second.last_success = FromSeconds(value);
  });
  std::vector<SourceStatus> all;
  for (const auto& [name, source] : sources) all.push_back(source);
  return all;
}

}  // namespace

FleetStatus ReadStatus(const Snapshot& snapshot, std::string_view metric_namespace) {
  const SnapshotReader reader(snapshot, metric_namespace);
  FleetStatus status;
  status.workers = reader.SumBy("workers", "state");
  status.worker_processes = reader.SumBy("workers_processes", "state");
  status.runners = reader.SumBy("runners", "state");
  status.runner_slots = reader.SumBy("runner_slots", "state");
  status.runs = reader.SumBy("runs", "state");
  status.tasks = reader.SumBy("tasks", "state");
  status.sandboxes = reader.SumBy("sandboxes", "state");
  status.tasks_stuck = reader.Sum("tasks_stuck");
  status.tasks_active_users = reader.Sum("tasks_active_users");
  status.sandboxes_zombie = reader.Sum("sandboxes_zombie");
  status.sandboxes_orphaned = reader.Sum("sandboxes_orphaned");
  status.sandbox_pool_capacity = reader.Sum("sandbox_pool_capacity");
  status.sandbox_pool_available = reader.Sum("sandbox_pool_available");
  status.agents_active = reader.Sum("agents_active");
  status.agents_capacity = reader.Sum("agents_capacity");
  status.components = reader.SumBy("component_up", "component");
  status.queues = ReadQueues(reader);
  status.sources = ReadSources(reader);
  status.events_received = reader.Sum("exporter_ingest_events_total");
  status.events_rejected = reader.Sum("exporter_ingest_events_rejected_total");
  status.events_deduplicated = reader.Sum("exporter_ingest_events_deduplicated_total");
  status.series_dropped = reader.Sum("exporter_series_dropped_total");
  status.label_values_folded = reader.Sum("exporter_label_values_folded_total");
  status.store_write_errors = reader.Sum("exporter_store_write_errors_total");
  return status;
}

}  // namespace fleet
