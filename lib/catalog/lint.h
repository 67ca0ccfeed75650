// The rules a table of metrics keeps: ours, and the metrics users declare in their configuration.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lib/catalog/metric_def.h"

namespace fleet::catalog {

// What is wrong, in table order, each as "metric 'NAME': what is wrong; what to do". Empty when all is
// well. To check declared metrics against the built-in ones, pass both in one span: names must differ
// across all of it, also those that histograms and OpenMetrics derive (x_bucket, x_created, ...).
std::vector<std::string> Lint(std::span<const MetricDef> metrics);

// The same for the upper bounds of a bucket set: finite and ascending.
std::vector<std::string> LintBounds(std::string_view set, std::span<const double> bounds);

}  // namespace fleet::catalog
