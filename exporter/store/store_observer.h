// What the store tells about itself.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include "lib/base/clock.h"

namespace fleet {

// Called from any thread.
class StoreObserver {
 public:
  virtual ~StoreObserver() = default;
  // A transaction that adds to the journal ended; `error` is empty when it is on disk.
  virtual void Wrote(const std::string& error, std::chrono::nanoseconds duration, UnixMillis end) = 0;
  // A snapshot is there; the fleet was held up for so long.
  virtual void Compacted(std::size_t snapshot_bytes, std::chrono::nanoseconds held) = 0;
  // For the log: nobody else is told.
  virtual void Trouble(const std::string& message) = 0;
};

struct StoreStats {
  std::uint64_t size_bytes = 0;  // on disk
  std::size_t queue_length = 0;  // events
  std::size_t queue_capacity = 0;
};

}  // namespace fleet
