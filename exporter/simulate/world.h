// What the parts of the simulated fleet share: its time, its incidents, and where their events go.
//
// A part schedules actions; they run in the order of their times, whatever steps the caller takes. So
// the events depend on the seed alone and not on when somebody looked.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <queue>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/simulate/incident.h"
#include "exporter/simulate/random.h"
#include "exporter/simulate/simulated_event.h"
#include "lib/base/clock.h"
#include "lib/base/duration.h"

namespace fleet::simulate {

class World {
 public:
  using Action = std::function<void()>;

  World(std::uint64_t seed, UnixMillis start, IncidentPlan plan, std::string run_id);
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  UnixMillis start() const { return start_; }
  // The time of the action that is running, else the time of the last Advance.
  UnixMillis now() const { return now_; }
  // A stream of random numbers of its own for each part: a change of one leaves the others alone.
  Random NewRandom() { return Random(seeds_.Next()); }
  // "task-8f3a-12": different in two runs, the same in two runs that were given the same run id.
  std::string NewId(std::string_view kind);

  void Emit(std::string_view type, std::vector<EventField> fields);

  void After(double seconds, Action action);
  // First after a phase in [0, period), so that not everybody speaks at once.
  void Every(Duration period, double phase, const Action& action);
  void Every(Duration period, const Action& action) { Every(period, 0, action); }

  // Called when an incident of that kind begins and when it ends.
  void OnIncident(Incident incident, Action begin, Action end);
  bool IsActive(Incident incident) const { return active_[static_cast<std::size_t>(incident)]; }
  // Whatever crosses the network takes long, fails, and is tried again.
  bool network_is_bad() const { return IsActive(Incident::kNetworkLoss); }
  Duration incident_duration() const { return plan_.duration; }

  // Runs everything due up to `to`; the events since the last call, in the order of their times.
  std::vector<SimulatedEvent> Advance(UnixMillis to);

 private:
  struct Entry {
    UnixMillis time;
    std::uint64_t number = 0;  // of equal times the one that was scheduled first
    Action action;
  };
  struct Later {
    bool operator()(const Entry& a, const Entry& b) const {
      return a.time != b.time ? a.time > b.time : a.number > b.number;
    }
  };
  struct Handler {
    Incident incident;
    Action begin;
    Action end;
  };

  void At(UnixMillis time, Action action);
  void ScheduleIncident(std::size_t index);

  UnixMillis start_;
  UnixMillis now_;
  Random seeds_;
  IncidentPlan plan_;
  std::string run_id_;
  std::uint64_t ids_ = 0;
  std::uint64_t entries_ = 0;
  std::priority_queue<Entry, std::vector<Entry>, Later> timeline_;
  std::array<bool, 5> active_{};
  std::vector<Handler> handlers_;
  std::vector<SimulatedEvent> events_;
};

}  // namespace fleet::simulate
