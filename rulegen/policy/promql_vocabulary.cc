#include "rulegen/policy/promql_vocabulary.h"

namespace fleet::rulegen {

using catalog::MetricDef;
using catalog::MetricType;

const MetricDef* FindSeries(std::string_view name, const Vocabulary& vocabulary) {
  if (const MetricDef* metric = vocabulary.Find(name)) return metric;
  for (const std::string_view ending : {"_bucket", "_count", "_sum"}) {
    if (!name.ends_with(ending)) continue;
    const MetricDef* metric = vocabulary.Find(name.substr(0, name.size() - ending.size()));
    if (metric != nullptr && metric->type == MetricType::kHistogram) return metric;
  }
  return nullptr;
}

std::optional<promql::MetricFacts> PromqlVocabulary::Find(std::string_view name) const {
  const MetricDef* metric = FindSeries(name, vocabulary_);
  if (metric == nullptr) return std::nullopt;
  promql::MetricFacts facts;
  // The buckets, the sum and the count of a histogram only grow; so does a native one.
  facts.kind = metric->type == MetricType::kGauge ? promql::MetricKind::kGauge : promql::MetricKind::kCounter;
  facts.labels = rulegen::Vocabulary::LabelNames(*metric);
  facts.always = {"job", "instance"};
  facts.is_bucket = metric->type == MetricType::kHistogram && name.ends_with("_bucket");
  if (facts.is_bucket) facts.labels.push_back("le");
  return facts;
}

bool PromqlVocabulary::Owns(std::string_view metric) const {
  return vocabulary_.Owns(metric) && metric.find(':') == std::string_view::npos;
}

}  // namespace fleet::rulegen
