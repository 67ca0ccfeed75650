// Why an event was not applied: a sentence for the sender, and a short reason for the counter.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace fleet {

struct Refusal {
  std::string_view reason;  // a value of the label `reason` of exporter_ingest_events_rejected_total
  std::string text;         // "data.outcome: must be one of completed, failed, not 'done'"
};

// What applying an event gives: nothing, or why not.
using Refused = std::optional<Refusal>;

// More entities than FleetLimits::max_entities. `what` in the plural.
Refusal TooMany(std::string_view what, int limit);

// An id whose end was reported already: `what` in the singular.
Refusal HasEnded(std::string_view what, std::string_view id);

}  // namespace fleet
