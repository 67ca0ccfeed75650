// The domain: what the fleet is known to be. Events change it, a collection shows it. No I/O, no
// clock of its own: the same events at the same times give the same snapshot.
//
// Thread-safe: Apply and Collect take one lock, held for under a microsecond an event and for the copy
// of the numbers in a collection, never while text is made or sent.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/exposition/snapshot.h"
#include "exporter/fleet/event.h"
#include "exporter/fleet/limits.h"
#include "exporter/fleet/refusal.h"
#include "exporter/fleet/views.h"
#include "lib/base/clock.h"
#include "lib/base/result.h"

namespace fleet {

class Fleet {
 public:
  // `metric_namespace` has been checked ([a-zA-Z_][a-zA-Z0-9_]*, not process, scrape or go).
  Fleet(std::string_view metric_namespace, const FleetLimits& limits);
  ~Fleet();
  Fleet(const Fleet&) = delete;
  Fleet& operator=(const Fleet&) = delete;

  // Applies one decoded event. `received` is the time of arrival: an event time more than 5 min ahead
  // of it is clamped, an older one counts but moves no gauge back.
  Refused Apply(const Event& event, UnixMillis received);

  // A source that is polled was read, or could not be.
  void ReportSource(std::string_view source, bool up, UnixMillis now);

  // Appends the families of the fleet in catalog order. Judges ages as of `now`.
  void Collect(UnixMillis now, Snapshot& snapshot);

  // Single entities as of `now`, whatever has series of its own.
  Listed<WorkerView> Workers(UnixMillis now, const ListQuery& query) const;
  Listed<RunnerView> Runners(UnixMillis now, const ListQuery& query) const;
  Listed<SandboxView> Sandboxes(UnixMillis now, const ListQuery& query) const;
  // Ids of the sandboxes of a type that a source has observed and that have not ended.
  std::vector<std::string> ObservedSandboxes(std::string_view sandbox_type) const;
  TaskSummary Tasks(UnixMillis now, const ListQuery& query) const;

  // New limits from a reloaded configuration; entities and counters stay.
  void SetLimits(const FleetLimits& limits);
  FleetLimits limits() const;

  // For the store. Events, new limits and the passing of time (which forgets and charges) are all that
  // changes the fleet: whoever repeats them in their order has the same fleet again.
  std::string Save() const;
  // REQUIRES: nothing has been applied. The names of what could not be restored, or why nothing was. Not
  // thread-safe.
  Result<std::vector<std::string>> Load(std::string_view bytes);
  // What a collection does to the fleet, without showing it.
  void Advance(UnixMillis now);
  // The last time that was done; 0: never.
  UnixMillis advanced() const;
  // Until when the saved fleet that Load took over knew what sources say; 0: there was none.
  UnixMillis loaded() const;

 private:
  class State;
  std::string namespace_;
  std::unique_ptr<State> state_;
  UnixMillis loaded_{};
};

}  // namespace fleet
