// How long a scrape waits, and what that leaves for reading sources.
#pragma once

#include <chrono>
#include <string_view>

#include "lib/base/duration.h"

namespace fleet {

// `header` is X-Prometheus-Scrape-Timeout-Seconds; absent or nonsense: `fallback`. Half a second is kept
// for the page and its way, or half of the time where there is less than a second.
Duration ReadingTime(std::string_view header, Duration fallback);

}  // namespace fleet
