// Numbers and durations between text and value, as Prometheus reads and prints them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace fleet::promql {

// A number token: 1 .5 5. 1e3 0x1F 0755 (octal) 1_000 inf nan. Nothing when it is none or too large.
std::optional<double> ParseNumber(std::string_view token);

// Shortest form without exponent that reads back as the same value: 0.001, 1000000, +Inf, NaN.
std::string PrintNumber(double value);

// 1h30m for 5400; y and w only when the value is a multiple. What is no whole number of milliseconds, or
// beyond what a duration can be, is printed as a number. Negative ones get a sign.
std::string PrintSeconds(double seconds);

}  // namespace fleet::promql
