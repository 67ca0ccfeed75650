// Series that a proof makes up, and what a query computes of them at an evaluation, as promtool would.
// The prediction comes from the policy's query; what is judged is the emitted expression.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lib/base/duration.h"
#include "rulegen/proof/operand.h"
#include "rulegen/proof/promtool_file.h"
#include "rulegen/proof/raw_series.h"

namespace fleet::rulegen {

// The number of one series at each scrape, from time 0 on; nothing: it is not there. The series itself is a
// gauge, a point in time or a counter, whose growth per second since the scrape before is the number.
struct DrivenSeries {
  std::string metric;
  LabelMap labels;
  Operand::Each each = Operand::Each::kValue;
  std::vector<std::optional<double>> numbers;
};

struct ScrapeClock {
  Duration interval{0};       // between scrapes; evaluations are at some of them
  bool closed_ranges = true;  // Prometheus 2: a range holds both of its ends
};

// As the series can hold it: written with six digits; growth in whole numbers, small one in binary fractions,
// so that no sum is rounded and no counter seems to be reset. It may differ from `number` by that much.
double Storable(double number, Operand::Each each, Duration interval);

InputSeries Rendered(const DrivenSeries& series, const ScrapeClock& clock);

// Values by the labels they keep; no entry: no value.
using ValueByLabels = std::map<LabelMap, double>;

// REQUIRES: `at` is a multiple of the interval and numbers reach as far.
ValueByLabels ValuesAt(const DrivenQuery& query, const std::vector<DrivenSeries>& series, Duration at,
                       const ScrapeClock& clock);

}  // namespace fleet::rulegen
