// An alert's life at the evaluations of its group: pending for `for`, firing, and firing on for
// `keep_firing_for`, as Prometheus 2.42 does it.
#pragma once

#include <optional>
#include <vector>

#include "lib/base/duration.h"

namespace fleet::rulegen {

// The evaluations at which an alert starts and stops firing; without `end` it fires until the last one.
struct Firing {
  Duration begin{0};
  std::optional<Duration> end;
};

struct AlertClock {
  Duration hold{0};         // `for`
  Duration keep_firing{0};  // `keep_firing_for`
  Duration interval{0};     // evaluations are at 0, one interval, two intervals, ...
  Duration until{0};        // up to and with this one
};

// `is_active(at)`: whether the condition holds at an evaluation, whatever came before.
template <typename IsActive>
std::vector<Firing> PredictFirings(const AlertClock& clock, IsActive is_active) {
  std::vector<Firing> firings;
  std::optional<Duration> active_since;
  std::optional<Duration> clear_since;
  for (Duration at{0}; at <= clock.until; at += clock.interval) {
    const bool is_firing = !firings.empty() && !firings.back().end;
    if (is_active(at)) {
      clear_since.reset();
      if (!active_since) active_since = at;
      if (!is_firing && at - *active_since >= clock.hold) firings.push_back({at, std::nullopt});
      continue;
    }
    active_since.reset();
    if (!is_firing) continue;
    if (!clear_since) clear_since = at;
    if (at - *clear_since >= clock.keep_firing) firings.back().end = at;
  }
  return firings;
}

}  // namespace fleet::rulegen
