// Durations as Prometheus writes them: 5m, 1h30m, 3d, 250ms.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace fleet {

using Duration = std::chrono::milliseconds;

// Whole numbers with units y w d h m s ms in this order, each at most once (PromQL, "Time durations");
// d is 24 h, w 7 d, y 365 d. "0" is allowed, as in Prometheus' configuration. Up to 292 years.
std::optional<Duration> ParseDuration(std::string_view text);

// Shortest exact form in d h m s ms: 30d, 1h30m, 45s, 0s. Weeks and years are not printed, so that a
// window's name is the one people say (30d, 28d, 7d). REQUIRES: d >= 0.
std::string PrintDuration(Duration d);

constexpr double ToSeconds(Duration d) { return std::chrono::duration<double>(d).count(); }

}  // namespace fleet
