// The words a policy may use: the catalog's metrics under the exporter's prefix, and `up`; and how often they
// are scraped.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lib/base/duration.h"
#include "lib/catalog/catalog.h"

namespace fleet::rulegen {

class Vocabulary {
 public:
  explicit Vocabulary(std::string_view metric_namespace, Duration scrape_interval = {});

  // 0: not known.
  Duration scrape_interval() const { return scrape_interval_; }

  // Null when there is no such metric. `name` is in full: fleet_queue_depth, or up.
  const catalog::MetricDef* Find(std::string_view name) const;
  // Whether the catalog would have to know `name`: it begins as the exporter's names do.
  bool Owns(std::string_view name) const { return name.starts_with(prefix_); }
  // All names in full, in the catalog's order.
  std::vector<std::string_view> Names() const;

  // The names of the labels of a metric, with those that Prometheus gives every scraped series.
  static std::vector<std::string_view> LabelNames(const catalog::MetricDef& metric);
  // Null for job and instance, and when the metric has no such label.
  static const catalog::LabelDef* FindLabel(const catalog::MetricDef& metric, std::string_view label);

 private:
  std::string prefix_;
  Duration scrape_interval_;
  std::vector<std::string> names_;
};

}  // namespace fleet::rulegen
