// How a row of metrics.h is written: one function for each kind of metric, so that a row cannot name
// buckets without being a histogram.
#pragma once

#include <string_view>

#include "lib/catalog/metric_def.h"

namespace fleet::catalog::table {

using enum Unit;
using enum Group;
// Not all of BucketSet: two of its names are also units.
using BucketSet::kFast;
using BucketSet::kLatency;
using BucketSet::kLifetime;
using BucketSet::kMessages;
using BucketSet::kWork;

consteval MetricDef Counter(Group group, std::string_view name, Unit unit, LabelList labels,
                            std::string_view help) {
  return {name, MetricType::kCounter, unit, labels, help, group};
}

consteval MetricDef Gauge(Group group, std::string_view name, Unit unit, LabelList labels,
                          std::string_view help) {
  return {name, MetricType::kGauge, unit, labels, help, group};
}

consteval MetricDef Histogram(Group group, std::string_view name, Unit unit, BucketSet buckets,
                              LabelList labels, std::string_view help) {
  return {name, MetricType::kHistogram, unit, labels, help, group, buckets};
}

consteval MetricDef Entity(MetricDef row) {
  row.scope = Scope::kEntity;
  return row;
}

// An entity metric nobody gets without asking: many short-lived ids, or ids of people.
consteval MetricDef OptInEntity(MetricDef row) {
  row.scope = Scope::kEntity;
  row.on_by_default = false;
  return row;
}

}  // namespace fleet::catalog::table
