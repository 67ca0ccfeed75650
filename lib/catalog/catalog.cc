#include "lib/catalog/catalog.h"

#include <charconv>
#include <cmath>

namespace fleet::catalog {
namespace {

// Rows sorted by name, at compile time: Find is a binary search without set-up or locks.
using NameOrder = std::array<std::size_t, kMetricCount>;

consteval NameOrder OrderByName() {
  NameOrder order{};
  for (std::size_t i = 0; i < kMetricCount; ++i) order[i] = i;
  std::ranges::sort(order, {}, [](std::size_t i) { return kMetrics[i].name; });
  return order;
}

constexpr NameOrder kOrderByName = OrderByName();

// Changing a bound breaks every rule and every stored series that names it in `le`.
// Common objectives (0.05 to 60 s) are bounds, so that their ratios are exact.
constexpr double kFastBounds[] = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10};
constexpr double kLatencyBounds[] = {0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60};
constexpr double kWorkBounds[] = {0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600};
constexpr double kLifetimeBounds[] = {1, 5, 10, 30, 60, 300, 600, 1800, 3600, 7200, 14400, 28800, 86400};
constexpr double kBytesBounds[] = {128, 512, 2048, 8192, 32768, 131072, 524288, 1048576};
constexpr double kMessagesBounds[] = {1, 2, 5, 10, 20, 50, 100, 200, 500};

std::string Shortest(double value, std::chars_format format) {
  // The longest shortest form: 17 digits with sign, point and a four-character exponent, or, fixed,
  // six digits before the point or five zeros after it.
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value, format).ptr;
  return {text.data(), end};
}

}  // namespace

const MetricDef* Find(std::string_view name) {
  const auto by_name = [](std::size_t i) { return kMetrics[i].name; };
  const auto it = std::ranges::lower_bound(kOrderByName, name, {}, by_name);
  if (it == kOrderByName.end() || kMetrics[*it].name != name) return nullptr;
  return &kMetrics[*it];
}

const std::vector<std::string_view>& Names() {
  static const std::vector<std::string_view> names = [] {
    std::vector<std::string_view> all;
    for (const MetricDef& metric : kMetrics) all.push_back(metric.name);
    return all;
  }();
  return names;
}

std::span<const double> Bounds(BucketSet set) {
  switch (set) {
    case BucketSet::kNone:
      return {};
    case BucketSet::kFast:
      return kFastBounds;
    case BucketSet::kLatency:
      return kLatencyBounds;
    case BucketSet::kWork:
      return kWorkBounds;
    case BucketSet::kLifetime:
      return kLifetimeBounds;
    case BucketSet::kBytes:
      return kBytesBounds;
    case BucketSet::kMessages:
      return kMessagesBounds;
  }
  return {};
}

// Prometheus 3 prints with Go's 'g' and shortest digits: an exponent below 1e-4 and from 1e6 on (so
// 1048576 is "1.048576e+06", also what OpenMetrics calls canonical), and ".0" where no point is.
std::string FormatBound(double bound) {
  if (std::isnan(bound)) return "NaN";
  if (std::isinf(bound)) return bound > 0 ? "+Inf" : "-Inf";
  if (bound == 0) return "0.0";  // of either sign
  const double magnitude = std::fabs(bound);
  if (magnitude < 1e-4 || magnitude >= 1e6) {
    return Shortest(bound, std::chars_format::scientific);
  }
  std::string text = Shortest(bound, std::chars_format::fixed);
  if (text.find('.') == std::string::npos) text += ".0";
  return text;
}

std::string_view Name(MetricType type) {
  switch (type) {
    case MetricType::kCounter:
      return "counter";
    case MetricType::kGauge:
      return "gauge";
    case MetricType::kHistogram:
      return "histogram";
  }
  return "";
}

std::string_view Name(Unit unit) {
  switch (unit) {
    case Unit::kNone:
      return "";
    case Unit::kSeconds:
    case Unit::kUnixSeconds:
      return "seconds";
    case Unit::kBytes:
      return "bytes";
    case Unit::kRatio:
      return "ratio";
    case Unit::kCores:
      return "cores";
  }
  return "";
}

std::string_view Name(Group group) {
  switch (group) {
    case Group::kExporter:
      return "exporter";
    case Group::kSources:
      return "sources";
    case Group::kRuns:
      return "runs";
    case Group::kWorkers:
      return "workers";
    case Group::kTasks:
      return "tasks";
    case Group::kQueues:
      return "queues";
    case Group::kAgents:
      return "agents";
    case Group::kSandboxes:
      return "sandboxes";
    case Group::kEvents:
      return "events";
    case Group::kErrors:
      return "errors";
    case Group::kRequests:
      return "requests";
    case Group::kBackups:
      return "backups";
  }
  return "";
}

std::string_view Name(BucketSet set) {
  switch (set) {
    case BucketSet::kNone:
      return "";
    case BucketSet::kFast:
      return "fast";
    case BucketSet::kLatency:
      return "latency";
    case BucketSet::kWork:
      return "work";
    case BucketSet::kLifetime:
      return "lifetime";
    case BucketSet::kBytes:
      return "bytes";
    case BucketSet::kMessages:
      return "messages";
  }
  return "";
}

}  // namespace fleet::catalog
