#include "rulegen/policy/vocabulary.h"

namespace fleet::rulegen {
namespace {

using catalog::LabelDef;
using catalog::MetricDef;

// Prometheus' own record of every scrape.
constexpr MetricDef kUp = {"up",
                           catalog::MetricType::kGauge,
                           catalog::Unit::kNone,
                           {},
                           "1 if the last scrape of the target succeeded, else 0"};

}  // namespace

Vocabulary::Vocabulary(std::string_view metric_namespace, Duration scrape_interval)
    : prefix_(std::string(metric_namespace) + "_"), scrape_interval_(scrape_interval) {
  for (const std::string_view name : catalog::Names()) names_.push_back(prefix_ + std::string(name));
  names_.emplace_back(kUp.name);
}

const MetricDef* Vocabulary::Find(std::string_view name) const {
  if (name == kUp.name) return &kUp;
  if (!name.starts_with(prefix_)) return nullptr;
  return catalog::Find(name.substr(prefix_.size()));
}

std::vector<std::string_view> Vocabulary::Names() const { return {names_.begin(), names_.end()}; }

std::vector<std::string_view> Vocabulary::LabelNames(const MetricDef& metric) {
  std::vector<std::string_view> names;
  for (const LabelDef& label : metric.labels) names.push_back(label.name);
  names.insert(names.end(), {"job", "instance"});
  return names;
}

const LabelDef* Vocabulary::FindLabel(const MetricDef& metric, std::string_view label) {
  for (const LabelDef& def : metric.labels) {
    if (def.name == label) return &def;
  }
  return nullptr;
}

}  // namespace fleet::rulegen
