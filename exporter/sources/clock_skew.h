// What the clock of a source differs by from ours. It is kept until it has really changed: a correction
// that jitters would make the same heartbeat another one.
#pragma once

#include <chrono>
#include <optional>

#include "lib/base/clock.h"

namespace fleet {

class ClockSkew {
 public:
  // Differences below this are none: answers take a while, and HTTP dates have whole seconds.
  static constexpr std::chrono::seconds kNone{5};
  static constexpr std::chrono::seconds kChanged{3};

  void Learn(UnixMillis ours, std::optional<UnixMillis> theirs) {
    if (!theirs) return;
    const auto skew = ours - *theirs;
    if (std::chrono::abs(skew) < kNone) {
      skew_ = {};
    } else if (std::chrono::abs(skew - skew_) > kChanged) {
      skew_ = skew;
    }
  }
  UnixMillis ToOurs(UnixMillis theirs) const { return theirs + skew_; }

 private:
  std::chrono::milliseconds skew_{};
};

}  // namespace fleet
