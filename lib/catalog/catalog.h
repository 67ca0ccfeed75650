// Look-ups over the table in metrics.h: at compile time for our own code, at run time for policies.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lib/catalog/metric_def.h"
#include "lib/catalog/metrics.h"

namespace fleet::catalog {

inline constexpr std::size_t kMetricCount = std::size(kMetrics);

// A string as template argument: Index<"queue_depth">.
template <std::size_t N>
struct FixedString {
  std::array<char, N> chars{};
  consteval FixedString(const char (&text)[N]) { std::copy_n(text, N, chars.begin()); }  // NOLINT
  constexpr std::string_view view() const { return {chars.data(), N - 1}; }
};

consteval std::size_t IndexOf(std::string_view name) {
  for (std::size_t i = 0; i < kMetricCount; ++i) {
    if (kMetrics[i].name == name) return i;
  }
  throw "no such metric in lib/catalog/metrics.h";  // not a constant expression: does not compile
}

// Row number of a metric; a name that is not in the table does not compile.
template <FixedString kName>
inline constexpr std::size_t Index = IndexOf(kName.view());

template <FixedString kName>
inline constexpr const MetricDef& Metric = kMetrics[Index<kName>];

// Null when there is no such metric. `name` is without the namespace.
const MetricDef* Find(std::string_view name);

// All names in table order, for ClosestMatch.
const std::vector<std::string_view>& Names();

// Upper bounds, ascending, without +Inf; empty for kNone.
std::span<const double> Bounds(BucketSet set);

// The canonical text of a bucket bound in every format: "0.05", "1.0", "10.0", "1.048576e+06", "+Inf".
// Prometheus 2 stores it as sent and Prometheus 3 normalises to this form, so rules match on both.
std::string FormatBound(double bound);

std::string_view Name(MetricType type);  // "counter"
std::string_view Name(Unit unit);        // "seconds"; "" for kNone; kUnixSeconds is "seconds", too
std::string_view Name(Group group);      // "queues"
std::string_view Name(BucketSet set);    // "latency"; "" for kNone

}  // namespace fleet::catalog
