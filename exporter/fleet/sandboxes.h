// Sandboxes: their states, how long they live and what they use, which of them nobody looks after.
//
// A zombie runs and sends nothing; an orphan has outlived its task. Time counts from the request until
// the sandbox is stopped or terminated, usage for ever.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/fleet/cumulative.h"
#include "exporter/fleet/ended_queue.h"
#include "exporter/fleet/entity_series.h"
#include "exporter/fleet/entity_table.h"
#include "exporter/fleet/event.h"
#include "exporter/fleet/limits.h"
#include "exporter/fleet/refusal.h"
#include "exporter/fleet/series.h"
#include "exporter/fleet/tasks.h"
#include "exporter/fleet/views.h"

namespace fleet {

class Sandboxes {
 public:
  Sandboxes(Series& series, const FleetLimits& limits);

  Refused Requested(const Event& event, UnixMillis at);
  Refused Ready(const Event& event, UnixMillis at);
  // `outcome` is `failed` or `timed_out`.
  Refused ProvisionFailed(const Event& event, UnixMillis at, std::string_view outcome);
  Refused Active(const Event& event, UnixMillis at);
  Refused Used(const Event& event, UnixMillis at);
  // What holds it back.
  Refused Constrained(const Event& event, UnixMillis at);
  Refused Terminating(const Event& event, UnixMillis at);
  Refused Stopped(const Event& event, UnixMillis at);
  Refused Terminated(const Event& event, UnixMillis at);

  // `tasks` knows which owners are alive.
  void Collect(UnixMillis now, Tasks& tasks);
  void LimitsChanged();
  // Also of the states `zombie` and `orphaned`; those that ended are not listed.
  Listed<SandboxView> List(UnixMillis now, const ListQuery& query, Tasks& tasks);
  // Ids of those of a type that a source has observed and that have not ended.
  std::vector<std::string> Observed(std::string_view sandbox_type);

  template <typename Archive>
  void Persist(Archive& archive) {
    archive(entity_series_, sandboxes_, ended_, types_);
  }

 private:
  enum class State : std::uint8_t { kProvisioning, kRunning, kStopped, kTerminating, kEnded };

  struct Sandbox {
    LabelValue<"sandbox_type"> type;
    LabelValue<"sandbox_id"> id;  // valid while shown
    bool shown = false;
    bool refused = false;
    bool has_type = false;   // else it is `unknown`
    bool requested = false;  // `created` is the time of the request
    bool owner_seen = false;
    State state = State::kProvisioning;
    UnixMillis created;  // or first seen
    UnixMillis changed;
    UnixMillis newest;
    UnixMillis charged;   // its time up to here is in the counter
    UnixMillis measured;  // the newest usage
    double memory_bytes = 0;
    double disk_bytes = 0;
    Cumulative cpu, received, sent;
    std::string task_id;
    std::string agent_type;
    std::string info_agent_type;  // of the series sandbox_info; empty: there is none
    std::string stop_reason;
    UnixMillis constrained;         // the newest limits
    double memory_limit_bytes = 0;  // 0: none is known
    double cpu_limit_cores = 0;
    Cumulative throttled, io_read, io_written, oom_kills;
    std::array<Cumulative, 3> waiting;  // by resource, as the catalog lists them
    bool observed = false;              // by a source
  };
  struct Type {
    LabelValue<"sandbox_type"> value;
    bool has_memory = false;  // somebody measures it
    bool has_disk = false;
  };
  struct Sums;

  // Null when there are too many. `state` is for a sandbox never heard of before.
  Sandbox* FindOrAdd(const Event& event, UnixMillis at, State state);
  bool MakeRoom();
  void ForgetEnded(std::string_view id, UnixMillis ended);
  void LearnType(Sandbox& sandbox, const Event& event);
  Type& TypeOf(LabelValue<"sandbox_type"> value);
  // False when the event is late or the sandbox has ended.
  bool Enter(Sandbox& sandbox, State to, UnixMillis at);
  void End(Sandbox& sandbox, const Event& event, UnixMillis at);
  void Charge(Sandbox& sandbox, UnixMillis until);
  void Observe(Sandbox& sandbox, UnixMillis at);
  void Measure(Sandbox& sandbox, const Event& event);
  void Limit(Sandbox& sandbox, const Event& event);
  // Adds what came to the total of the type, if there is one, and to that of the sandbox.
  template <catalog::FixedString kOfSandbox, catalog::FixedString kOfType = "">
  void Add(Sandbox& sandbox, Cumulative& total, std::optional<double> value);
  void ObserveProvision(const Sandbox& sandbox, const Event& event, UnixMillis at);
  Refused Touched(Sandbox& sandbox, const Event& event, UnixMillis at);

  void Show(Sandbox& sandbox, const Event& event);
  void ShowUsage(const Sandbox& sandbox, const Event& event);
  void ShowLimits(const Sandbox& sandbox);
  void ShowTotals(const Sandbox& sandbox);
  void Hide(Sandbox& sandbox);
  void Forget(UnixMillis now);
  void AddUp(Sandbox& sandbox, UnixMillis now, Tasks& tasks, Sums& sums);
  static bool IsOrphaned(Sandbox& sandbox, Tasks& tasks);
  void CollectLimits(const Type& type, const Sums& sums);
  void CollectType(const Type& type, const Sums& sums);

  Series* series_;
  const FleetLimits* limits_;
  EntitySeries entity_series_;
  EntityTable<Sandbox> sandboxes_;
  EndedQueue ended_;
  std::vector<Type> types_;  // all that were ever seen
};

}  // namespace fleet
