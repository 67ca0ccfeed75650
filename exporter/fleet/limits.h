// The limits by which the fleet is judged, all from the configuration; the defaults are here.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "exporter/fleet/custom_metric.h"
#include "exporter/fleet/error_rules.h"
#include "lib/base/duration.h"

namespace fleet {

// Ages after which silence means something. 0 < stale < down.
struct HeartbeatLimits {
  Duration stale = std::chrono::minutes(5);
  Duration down = std::chrono::minutes(15);
};

// What was promised for the data of a backup target: how much may be lost, how long a restore may take.
struct RecoveryObjectives {
  std::optional<Duration> rpo;
  std::optional<Duration> rto;
};

struct FleetLimits {
  HeartbeatLimits worker;                          // for worker types without an entry of their own
  std::map<std::string, HeartbeatLimits> by_type;  // worker_type -> limits
  HeartbeatLimits runner{std::chrono::seconds(90), std::chrono::minutes(5)};  // down counts as offline
  Duration zombie_after = std::chrono::minutes(10);  // a running sandbox without events
  Duration stuck_after = std::chrono::minutes(30);   // an assigned or running task without progress
  // An entity is forgotten this long after its last sign of life (workers, runners, ended sandboxes),
  // finished tasks leave the table after `finished_retention`.
  Duration retention = std::chrono::hours(24);
  Duration finished_retention = std::chrono::hours(1);

  // Series of single entities: at most so many, kept until they expire; 0 switches the group off.
  int max_worker_series = 500;
  int max_runner_series = 500;
  int max_sandbox_series = 0;
  int max_user_series = 0;
  // Entities held in memory (for the aggregates), whatever is shown. Beyond it new ones are refused.
  int max_entities = 200'000;

  ErrorConfig errors;
  std::vector<CustomMetric> custom;
  std::map<std::string, RecoveryObjectives> backups;  // by target
};

}  // namespace fleet
