// What a query computes, taken apart into what can be driven by made-up series: numbers of series of one
// metric, put together by one aggregation, and at most one quotient of two of those.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lib/base/result.h"
#include "rulegen/policy/policy.h"
#include "rulegen/policy/vocabulary.h"

namespace fleet::rulegen {

struct Operand {
  // The number of one series: its value, the age of the point in time it names, its growth per second.
  enum class Each { kValue, kAge, kRate };
  Each each = Each::kValue;
  std::string metric;
  std::vector<Condition> where;
  Duration window{0};                      // of a rate
  std::optional<Aggregation> aggregation;  // absent: each series by itself
  std::vector<std::string> by;
  double scale = 1;  // what the result is multiplied by
};

struct DrivenQuery {
  enum class Form {
    kOperand,
    kQuotient,   // operand / over, where over is above 0
    kSlowShare,  // 1 - operand / over: the buckets of fast observations, and all
  };
  Form form = Form::kOperand;
  Operand operand;
  std::optional<Operand> over;
  bool missing_as_zero = false;
};

// Events per second of an SLI in PromQL, as the rules ask for them: the sum over `by`, with `window` for
// $window.
Result<Operand> TakeApart(const Expression& expression, Duration window, const std::vector<Text>& by);

// Or why it cannot be taken apart: PromQL may hold any function. `bound` is what a quantile is compared with.
Result<DrivenQuery> TakeApart(const Query& query, const Quantity& bound, const Vocabulary& vocabulary);

}  // namespace fleet::rulegen
