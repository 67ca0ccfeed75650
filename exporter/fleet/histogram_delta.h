// Observations that the sender has counted into buckets itself: `bounds`, `counts` and `sum` of an event
// stand for all of them. Only bounds that are the family's can be added to it without guessing.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/fleet/event.h"
#include "exporter/fleet/refusal.h"

namespace fleet {

struct HistogramDelta {
  std::vector<double> counts;  // of each bucket by itself, the last one is +Inf
  double sum = 0;
};

// The numbers of a kNumbers field, which are kept as text: "0.1,0.5".
std::vector<double> ParseNumbers(std::string_view text);

// Any of its three fields.
bool HasDelta(const Event& event);

// Refuses unless all three are there and fit a histogram of these bounds.
Refused CheckDelta(const Event& event, std::span<const double> bounds);

// Nothing when the event has none. REQUIRES: it passed CheckDelta.
std::optional<HistogramDelta> DeltaOf(const Event& event);

}  // namespace fleet
