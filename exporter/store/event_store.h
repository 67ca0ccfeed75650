// The seam of durability: what was pushed goes through here before it is applied and acknowledged.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "exporter/fleet/event.h"
#include "exporter/fleet/fleet.h"
#include "exporter/store/seen_ids.h"
#include "lib/base/clock.h"
#include "lib/base/duration.h"

namespace fleet {

// Why events were not taken. The sender should try again, after a moment or later.
struct StoreFailure {
  enum class Kind { kBusy, kUnavailable };
  Kind kind = Kind::kUnavailable;
  std::string message;
};

// Thread-safe; many requests at once.
class EventStore {
 public:
  // Applies the event at that place of the request; false when the fleet refused it.
  using Apply = std::function<bool(std::size_t place)>;

  EventStore(std::size_t max_ids, Duration retention, SeenSeed seed) : seen_(max_ids, retention, seed) {}
  virtual ~EventStore() = default;

  // Makes those events durable that are not duplicates (the same source and id within the retention),
  // then calls `apply` for each of them once, perhaps from another thread. All events of all requests are
  // applied in the order in which they would be repeated after a crash. Returns the number of duplicates:
  // of events that are durable. After an error some may have been taken; sent again they are duplicates.
  tl::expected<std::size_t, StoreFailure> Take(std::span<const Event> events, UnixMillis received,
                                               const Apply& apply);

  // New limits for the fleet, in their place among the events.
  virtual void SetLimits(Fleet& fleet, const FleetLimits& limits) { fleet.SetLimits(limits); }

  const SeenIds& seen() const { return seen_; }

 protected:
  // What one request hands over.
  struct Batch {
    std::vector<const Event*> events;
    std::vector<std::size_t> places;
    UnixMillis received;
    const Apply* apply = nullptr;
  };

  // Makes the batch durable and calls ApplyAll, or fails and does neither.
  virtual tl::expected<void, StoreFailure> Commit(const Batch& batch) = 0;

  // Those that the fleet refused may come again. Calls taken(event) for the others that have an id.
  template <typename Taken>
  void ApplyAll(const Batch& batch, Taken taken) {
    for (std::size_t i = 0; i < batch.events.size(); ++i) {
      const bool is_taken = (*batch.apply)(batch.places[i]);
      const Event& event = *batch.events[i];
      if (event.id.empty()) continue;
      is_taken ? taken(event) : seen_.Release(seen_.IdOf(event));
    }
  }

  SeenIds seen_;

 private:
  struct Round;
  void ClaimNew(std::span<const Event> events, SeenIds::Ticket ticket, Round& round);
};

}  // namespace fleet
