// When a read must have ended, and whether somebody wants it to end earlier.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>

namespace fleet {

class Deadline {
 public:
  using Clock = std::chrono::steady_clock;

  // `cancelled` outlives this.
  Deadline(Clock::time_point at, const std::atomic<bool>& cancelled) : at_(at), cancelled_(&cancelled) {}

  Clock::time_point at() const { return at_; }
  bool passed() const { return *cancelled_ || Clock::now() >= at_; }

  // 0 when it has passed.
  std::chrono::milliseconds Left() const {
    if (*cancelled_) return {};
    return std::max(std::chrono::milliseconds{},
                    std::chrono::duration_cast<std::chrono::milliseconds>(at_ - Clock::now()));
  }

  // How long a wait for a socket may last before asking again: a cancellation is noticed in a tick.
  int PollMillis() const {
    constexpr std::chrono::milliseconds kTick{100};
    return static_cast<int>(std::min(Left(), kTick).count());
  }

 private:
  Clock::time_point at_;
  const std::atomic<bool>* cancelled_;
};

}  // namespace fleet
