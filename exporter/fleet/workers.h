// Workers: who beats, how old the last heartbeat is, what the processes say of themselves.
//
// A worker that stopped on purpose is not down: it leaves `workers` and shows in `workers_processes`
// until it is forgotten. One that crashed is down at once.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "exporter/fleet/entity_series.h"
#include "exporter/fleet/entity_table.h"
#include "exporter/fleet/event.h"
#include "exporter/fleet/limits.h"
#include "exporter/fleet/refusal.h"
#include "exporter/fleet/series.h"

namespace fleet {

class Workers {
 public:
  Workers(Series& series, const FleetLimits& limits);

  Refused Heartbeat(const Event& event, UnixMillis at);
  Refused Stopped(const Event& event, UnixMillis at);
  Refused Crashed(const Event& event, UnixMillis at);
  Refused HeartbeatFailed(const Event& event);

  void Collect(UnixMillis now);
  void LimitsChanged();

  template <typename Archive>
  void Persist(Archive& archive) {
    archive(entity_series_, workers_, types_);
  }

 private:
  enum class Process : std::uint8_t { kRunning, kStopped, kCrashed };
  enum class Health : std::uint8_t { kHealthy, kStale, kDown };

  // The texts of the series worker_info.
  struct Info {
    std::string version;
    std::string host;
  };

  // Small, since a collection looks at all of them and an event at one in many.
  struct Worker {
    LabelValue<"worker_type"> type;
    LabelValue<"worker_id"> id;  // valid while shown
    bool shown = false;
    bool refused = false;  // has been counted as dropped
    Process process = Process::kRunning;
    UnixMillis heartbeat;  // the newest; 0 before the first
    UnixMillis newest;     // of any event
    UnixMillis start;      // 0: unknown
    double active_tasks = 0;
    double events_buffered = 0;
    std::unique_ptr<Info> info;  // null: there is no such series
  };
  struct Sums;

  Worker* FindOrAdd(const Event& event);
  Refused End(const Event& event, UnixMillis at, Process process);
  void Update(Worker& worker, const Event& event, UnixMillis at);
  void NoticeRestart(Worker& worker, UnixMillis start);
  void Show(Worker& worker, const Event& event);
  void ShowInfo(Worker& worker, const Event& event);
  void HideInfo(Worker& worker);
  void Hide(Worker& worker);
  void Forget(UnixMillis now);
  const HeartbeatLimits& LimitsOf(LabelValue<"worker_type"> type) const;
  void CollectType(LabelValue<"worker_type"> type, const Sums& sums);

  Series* series_;
  const FleetLimits* limits_;
  EntitySeries entity_series_;
  EntityTable<Worker> workers_;                   // scope: the type
  std::vector<LabelValue<"worker_type">> types_;  // all that were ever seen
};

}  // namespace fleet
