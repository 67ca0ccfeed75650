// From an event's type to what it does.
#pragma once

#include "exporter/fleet/parts.h"

namespace fleet {

// `at` is the event's time, clamped. REQUIRES: the required fields are there, values of closed sets
// are in their set.
Refused ApplyEvent(Parts& parts, const Event& event, UnixMillis at);

}  // namespace fleet
