// A metric that users declare in the configuration, as a value.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "lib/catalog/metric_def.h"

namespace fleet {

struct CustomLabel {
  std::string name;
  std::vector<std::string> values;  // a closed set; empty: any value up to the bound
  int bound = 20;                   // most distinct values; later ones become `other`

  friend bool operator==(const CustomLabel&, const CustomLabel&) = default;
};

struct CustomMetric {
  std::string name;  // without the namespace
  catalog::MetricType type = catalog::MetricType::kCounter;
  catalog::Unit unit = catalog::Unit::kNone;
  std::string help;
  std::vector<CustomLabel> labels;
  std::vector<double> bounds;  // histograms: ascending, without +Inf
  int max_series = 1000;
  // Of a counter: what is told is the running total that somebody else keeps, not an increment.
  bool cumulative = false;

  // The newest value told is the value, and there is none before the first.
  bool IsAsTold() const { return type == catalog::MetricType::kGauge || cumulative; }

  friend bool operator==(const CustomMetric&, const CustomMetric&) = default;
};

// What is wrong with the declared metrics, by themselves and beside those of the catalog, each as
// "metric 'NAME': ...".
std::vector<std::string> LintCustomMetrics(std::span<const CustomMetric> metrics);

}  // namespace fleet
