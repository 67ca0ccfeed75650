// Runs of the coordinator: how many wait and run, how long that takes, how they end.
#pragma once

#include <string_view>

#include "exporter/fleet/ended_queue.h"
#include "exporter/fleet/entity_table.h"
#include "exporter/fleet/event.h"
#include "exporter/fleet/limits.h"
#include "exporter/fleet/refusal.h"
#include "exporter/fleet/series.h"
#include "exporter/fleet/work.h"

namespace fleet {

class Runs {
 public:
  Runs(Series& series, const FleetLimits& limits) : series_(&series), limits_(&limits) {}

  Refused Created(const Event& event, UnixMillis at);
  Refused Assigned(const Event& event, UnixMillis at);
  Refused Started(const Event& event, UnixMillis at);
  // `outcome` is one of runs_finished_total.
  Refused Ended(const Event& event, UnixMillis at, std::string_view outcome);

  void Collect(UnixMillis now);

  template <typename Archive>
  void Persist(Archive& archive) {
    archive(runs_, ended_);
  }

 private:
  Work* FindOrAdd(std::string_view id);
  bool MakeRoom();
  void ForgetEnded(std::string_view id, UnixMillis ended);
  void ObserveWait(Work& run, const Event& event);

  Series* series_;
  const FleetLimits* limits_;
  EntityTable<Work> runs_;
  EndedQueue ended_;
};

}  // namespace fleet
