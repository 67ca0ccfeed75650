// Raw series that an SLI reads, made up from its selectors: which there must be at least, and whether a good
// or a bad event makes them grow.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "rulegen/policy/policy.h"
#include "rulegen/policy/vocabulary.h"

namespace fleet::rulegen {

struct RawSeries {
  enum class Counts { kAll, kGood, kBad };
  std::string metric;
  std::string matchers;  // label="value",... without braces
  Counts counts = Counts::kAll;
};

// Nothing for kinds of SLI that are no counters, and where no labels were found that fulfil the conditions.
std::optional<std::vector<RawSeries>> RawSeriesOf(const Slo& slo, const Vocabulary& vocabulary);

// label="value",... that fulfils all of `yes` and not all of `no` (which begins with `yes` then).
std::optional<std::string> LabelsFor(const catalog::MetricDef* metric, const std::vector<Condition>& yes,
                                     const std::vector<Condition>* no = nullptr);

}  // namespace fleet::rulegen
