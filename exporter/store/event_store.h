// The seam of durability: what was pushed goes through here before it is applied and acknowledged.
#pragma once

#include <span>
#include <vector>

#include "exporter/fleet/event.h"
#include "lib/base/clock.h"
#include "lib/base/result.h"

namespace fleet {

class EventStore {
 public:
  virtual ~EventStore() = default;

  // For each event: true when its source + id has not been seen in the last 24 h (then it is
  // remembered from now on). Events without an id are always new. Two requests with the same event at
  // the same time: exactly one gets true.
  virtual std::vector<bool> Claim(std::span<const Event> events, UnixMillis now) = 0;

  // Makes the events durable; after it returned they may be acknowledged. On an error the caller
  // releases the claims, applies nothing and answers 503.
  virtual Result<void> Append(std::span<const Event> events, UnixMillis now) = 0;
  virtual void Release(std::span<const Event> events) = 0;
};

}  // namespace fleet
