// Runners: their state, by what they say and by how long they have been silent, and their slots.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "exporter/fleet/entity_series.h"
#include "exporter/fleet/entity_table.h"
#include "exporter/fleet/event.h"
#include "exporter/fleet/limits.h"
#include "exporter/fleet/refusal.h"
#include "exporter/fleet/series.h"

namespace fleet {

class Runners {
 public:
  Runners(Series& series, const FleetLimits& limits);

  Refused Heartbeat(const Event& event, UnixMillis at);
  // A runner nobody heard of before cannot go offline: ignored.
  Refused Offline(const Event& event, UnixMillis at);

  void Collect(UnixMillis now);
  void LimitsChanged();

  template <typename Archive>
  void Persist(Archive& archive) {
    archive(entity_series_, runners_, pools_, runner_type_);
  }

 private:
  enum class State : std::uint8_t { kIdle, kBusy, kDraining, kOffline };

  struct Runner {
    LabelValue<"pool"> pool;
    LabelValue<"runner_id"> id;  // valid while shown
    bool shown = false;
    bool refused = false;
    State state = State::kIdle;
    UnixMillis newest;
    double slots = 0;
    double slots_used = 0;
    double active_runs = 0;
    std::string info_pool;  // the texts of runner_info, while shown
    std::string version;
    std::string os;
  };
  struct Sums;

  Runner* FindOrAdd(std::string_view id);
  static State StateOf(const Runner& runner, std::string_view said);
  void Show(Runner& runner, const Event& event);
  void ShowInfo(Runner& runner, const Event& event);
  void HideInfo(Runner& runner);
  void Hide(Runner& runner);
  void Forget(UnixMillis now);
  void CollectPool(LabelValue<"pool"> pool, const Sums& sums);
  void CollectLimits();

  Series* series_;
  const FleetLimits* limits_;
  EntitySeries entity_series_;
  EntityTable<Runner> runners_;
  std::vector<LabelValue<"pool">> pools_;                 // all that ever had a runner
  std::optional<LabelValue<"worker_type">> runner_type_;  // since there was one
};

}  // namespace fleet
