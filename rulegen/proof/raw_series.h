// Raw series that an SLI reads, made up from its selectors: which there must be at least, and whether a good
// or a bad event makes them grow.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "rulegen/policy/policy.h"
#include "rulegen/policy/vocabulary.h"

namespace fleet::rulegen {

using LabelMap = std::map<std::string, std::string>;

struct RawSeries {
  enum class Counts { kAll, kGood, kBad };
  std::string metric;
  std::string matchers;  // label="value",... without braces
  Counts counts = Counts::kAll;
};

// Nothing for kinds of SLI that are no counters, and where no labels were found that fulfil the conditions.
std::optional<std::vector<RawSeries>> RawSeriesOf(const Slo& slo, const Vocabulary& vocabulary);

// Labels that fulfil all of `yes` and not all of `no`; both may name the same labels.
std::optional<LabelMap> FindLabels(const catalog::MetricDef* metric, const std::vector<Condition>& yes,
                                   const std::vector<Condition>* no = nullptr);
// A label that is not there is empty, as in Prometheus.
bool Fulfil(const LabelMap& labels, const std::vector<Condition>& conditions);
// label="value",... without braces.
std::string MatchersOf(const LabelMap& labels);

}  // namespace fleet::rulegen
