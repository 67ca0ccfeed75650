// A catalog of four metrics.
#pragma once

#include "lib/promql/vocabulary.h"

namespace fleet::promql {

class SmallVocabulary : public Vocabulary {
 public:
  std::optional<MetricFacts> Find(std::string_view metric) const override {
    using enum MetricKind;
    const std::vector<std::string_view> always = {"job"};
    if (metric == "fleet_queue_depth") return MetricFacts{kGauge, {"queue", "priority", "job"}, always};
    if (metric == "fleet_tasks_total") return MetricFacts{kCounter, {"outcome", "job"}, always};
    if (metric == "fleet_work_seconds_bucket")
      return MetricFacts{kCounter, {"kind", "job", "le"}, always, true};
    if (metric == "fleet_work_seconds_count") return MetricFacts{kCounter, {"kind", "job"}, always};
    return std::nullopt;
  }
  bool Owns(std::string_view metric) const override { return metric.starts_with("fleet_"); }
  std::vector<std::string_view> Names() const override {
    return {"fleet_queue_depth", "fleet_tasks_total", "fleet_work_seconds"};
  }
};

}  // namespace fleet::promql
