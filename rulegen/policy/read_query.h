// Reading what names series: selectors, queries, thresholds and their quantities.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "lib/yaml/reader.h"
#include "rulegen/policy/policy.h"

namespace fleet::rulegen {

// `where`: {label: value, label: [one, of], label: {matches: regex}, ...}.
std::vector<Condition> ReadWhere(const yaml::Node& node, Diagnostics& diagnostics);

// The keys `metric` and `where` of `map`, or `promql`, a selector with both.
Selector ReadSelectorKeys(yaml::MapReader& map);

// A map with `metric` and `where` and nothing else; `what` is the map in messages.
Selector ReadSelector(const yaml::Node& node, std::string_view what, Diagnostics& diagnostics);

// The keys of a query, which share a map with others in panels.
Query ReadQueryKeys(yaml::MapReader& map);
Query ReadQuery(const yaml::Node& node, std::string_view what, Diagnostics& diagnostics);

// Exactly one of the keys above, below, equals.
Threshold ReadThresholdKeys(yaml::MapReader& map, std::string_view what);

// 1000, 10%, 50ms, 10GB.
std::optional<Quantity> ReadQuantity(const yaml::Node& node, std::string_view name, Diagnostics& diagnostics);

// A duration that is not zero, so that zero can stand for one that was not read.
std::optional<Duration> ReadWindow(const yaml::Node& node, std::string_view name, Diagnostics& diagnostics);

std::optional<AlertSeverity> ReadSeverity(const yaml::Node& node, std::string_view name,
                                          Diagnostics& diagnostics);

}  // namespace fleet::rulegen
