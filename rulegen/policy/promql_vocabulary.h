// The catalog as lib/promql asks for it.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "lib/promql/vocabulary.h"
#include "rulegen/policy/vocabulary.h"

namespace fleet::rulegen {

// The catalog's metric of a series, whose histograms have endings of their own; null when there is none.
const catalog::MetricDef* FindSeries(std::string_view name, const Vocabulary& vocabulary);

class PromqlVocabulary : public promql::Vocabulary {
 public:
  // `vocabulary` must outlive it.
  explicit PromqlVocabulary(const rulegen::Vocabulary& vocabulary) : vocabulary_(vocabulary) {}

  std::optional<promql::MetricFacts> Find(std::string_view metric) const override;
  // Recorded metrics are in no catalog.
  bool Owns(std::string_view metric) const override;
  std::vector<std::string_view> Names() const override { return vocabulary_.Names(); }

 private:
  const rulegen::Vocabulary& vocabulary_;
};

}  // namespace fleet::rulegen
