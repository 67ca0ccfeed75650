// The section `custom_metrics`: declared metrics, linted like those of the catalog.
#include <fmt/format.h>

#include <algorithm>

#include "exporter/config_parts.h"
#include "lib/base/text.h"
#include "lib/catalog/catalog.h"
#include "lib/yaml/reader.h"

namespace fleet {
namespace {

using catalog::BucketSet;
using catalog::MetricType;
using catalog::Unit;

constexpr std::int64_t kMostValues = 1000;
constexpr std::int64_t kMostCustomSeries = 100'000;
constexpr std::size_t kMostMetrics = 200;

constexpr yaml::EnumName<MetricType> kTypes[] = {
    {"counter", MetricType::kCounter}, {"gauge", MetricType::kGauge}, {"histogram", MetricType::kHistogram}};
constexpr yaml::EnumName<Unit> kUnits[] = {{"none", Unit::kNone},   {"seconds", Unit::kSeconds},
                                           {"bytes", Unit::kBytes}, {"ratio", Unit::kRatio},
                                           {"cores", Unit::kCores}, {"unix_seconds", Unit::kUnixSeconds}};
constexpr yaml::EnumName<BucketSet> kBucketSets[] = {
    {"fast", BucketSet::kFast},         {"latency", BucketSet::kLatency}, {"work", BucketSet::kWork},
    {"lifetime", BucketSet::kLifetime}, {"bytes", BucketSet::kBytes},     {"messages", BucketSet::kMessages}};

std::optional<MetricType> ReadType(const yaml::Node& node, std::string_view name, Diagnostics& diagnostics) {
  return yaml::ReadEnum(node, name, kTypes, diagnostics);
}

std::optional<Unit> ReadUnit(const yaml::Node& node, std::string_view name, Diagnostics& diagnostics) {
  return yaml::ReadEnum(node, name, kUnits, diagnostics);
}

// A whole number from 1 to `most`, or the fallback after a report.
int ReadLimit(yaml::MapReader& map, std::string_view key, std::int64_t most, int fallback) {
  const auto value = map.Optional(key, yaml::ReadInteger);
  if (!value) return fallback;
  if (**value >= 1 && **value <= most) return static_cast<int>(**value);
  map.diagnostics().AddError(value->span, "value-range",
                             fmt::format("'{}' must be a whole number from 1 to {}", key, most));
  return fallback;
}

CustomLabel ReadLabel(const yaml::Node& node, Diagnostics& diagnostics) {
  yaml::MapReader map(node, "a label", diagnostics);
  CustomLabel label;
  label.name = *map.Required("name", yaml::ReadString, std::string("label"));
  if (const yaml::Node* values = map.Find("values")) {
    for (const auto& value : yaml::ReadStrings(*values, "values", diagnostics)) {
      label.values.push_back(*value);
    }
  }
  label.bound = ReadLimit(map, "limit", kMostValues, label.bound);
  map.Finish();
  return label;
}

// The name of a bucket set of the catalog, or bounds.
std::vector<double> ReadBuckets(const yaml::Node& node, Diagnostics& diagnostics) {
  if (node.kind == yaml::Kind::kScalar) {
    const auto set = yaml::ReadEnum(node, "buckets", kBucketSets, diagnostics);
    if (!set) return {1};
    const auto bounds = catalog::Bounds(*set);
    return {bounds.begin(), bounds.end()};
  }
  std::vector<double> bounds;
  for (const yaml::Node& item : yaml::ReadItems(node, "buckets", diagnostics)) {
    const auto bound = yaml::ReadDecimal(item, "an item of 'buckets'", diagnostics);
    if (bound) bounds.push_back(bound->ToDouble());
  }
  return bounds;
}

CustomMetric ReadMetric(const yaml::Node& node, Span& place, Diagnostics& diagnostics) {
  yaml::MapReader map(node, "a custom metric", diagnostics);
  CustomMetric metric;
  const auto name = map.Required("name", yaml::ReadString);
  metric.name = *name;
  place = name.span;
  metric.type = *map.Required("type", ReadType, MetricType::kCounter);
  if (const auto unit = map.Optional("unit", ReadUnit)) metric.unit = **unit;
  metric.help = *map.Required("help", yaml::ReadString);
  if (const yaml::Node* labels = map.Find("labels")) {
    for (const yaml::Node& item : yaml::ReadItems(*labels, "labels", diagnostics)) {
      metric.labels.push_back(ReadLabel(item, diagnostics));
    }
  }
  if (const yaml::Node* buckets = map.Find("buckets")) metric.bounds = ReadBuckets(*buckets, diagnostics);
  if (const auto cumulative = map.Optional("cumulative", yaml::ReadBool)) {
    metric.cumulative = **cumulative;
    if (metric.cumulative && metric.type != MetricType::kCounter) {
      diagnostics.AddError(cumulative->span, "value-range", "only a counter can be 'cumulative'");
    }
  }
  metric.max_series = ReadLimit(map, "max_series", kMostCustomSeries, metric.max_series);
  map.Finish();
  return metric;
}

// Each message begins with the metric it speaks of; of two with one name the later one is wrong.
void Report(const std::string& message, const std::vector<CustomMetric>& metrics,
            const std::vector<Span>& places, Diagnostics& diagnostics) {
  for (std::size_t i = metrics.size(); i-- > 0;) {
    if (!message.starts_with(fmt::format("metric '{}':", Printable(metrics[i].name)))) continue;
    diagnostics.AddError(places[i], "metric-lint", message);
    return;
  }
}

}  // namespace

void ReadCustomMetrics(const yaml::Node& node, std::vector<CustomMetric>& metrics, Diagnostics& diagnostics) {
  const std::size_t errors_before = diagnostics.CountErrors();
  std::vector<Span> places;
  for (const yaml::Node& item : yaml::ReadItems(node, "custom_metrics", diagnostics)) {
    metrics.push_back(ReadMetric(item, places.emplace_back(), diagnostics));
  }
  if (metrics.size() > kMostMetrics) {
    diagnostics.AddError(node.span, "value-range",
                         fmt::format("'custom_metrics' may declare {} metrics at most", kMostMetrics));
  }
  if (diagnostics.CountErrors() > errors_before) return;  // lint would complain about what is missing
  for (const std::string& message : LintCustomMetrics(metrics)) {
    Report(message, metrics, places, diagnostics);
  }
}

}  // namespace fleet
