// The state of the fleet at a glance: the aggregates of a snapshot, put together for people. Shown by the
// status page and by /api/v1/status and /api/v1/queues.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/exposition/snapshot.h"
#include "lib/base/clock.h"

namespace fleet {

using NumbersByState = std::map<std::string, double, std::less<>>;

struct QueueStatus {
  std::string queue;
  double depth = 0;
  NumbersByState depth_by_priority;
  NumbersByState depth_by_message_type;
  // Nothing where nobody told.
  std::optional<double> in_flight, delayed, dead_letter, consumers, oldest_unix_seconds;
  std::optional<bool> circuit_breaker_open;
};

struct SourceStatus {
  std::string source;
  bool up = false;
  UnixMillis last_success;  // 0: never
};

struct FleetStatus {
  NumbersByState workers, worker_processes, runners, runner_slots, runs, tasks, sandboxes;
  double tasks_stuck = 0, tasks_active_users = 0;
  double sandboxes_zombie = 0, sandboxes_orphaned = 0, sandbox_pool_capacity = 0, sandbox_pool_available = 0;
  double agents_active = 0, agents_capacity = 0;
  NumbersByState components;  // 1: up
  std::vector<QueueStatus> queues;
  std::vector<SourceStatus> sources;
  // The exporter itself, since it started.
  double events_received = 0, events_rejected = 0, events_deduplicated = 0;
  double series_dropped = 0, label_values_folded = 0, store_write_errors = 0;
};

FleetStatus ReadStatus(const Snapshot& snapshot, std::string_view metric_namespace);

}  // namespace fleet
