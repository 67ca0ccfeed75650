#include "lib/promql/functions.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace fleet::promql {
namespace {

using enum ValueType;

constexpr Function Plain(std::string_view name, std::string_view args) { return {name, args}; }
constexpr Function New(std::string_view name, std::string_view args) {
  return {name, args, kInstantVector, false, true};
}
constexpr Function Experimental(std::string_view name, std::string_view args,
                                ValueType type = kInstantVector) {
  return {name, args, type, true, true};
}

// Sorted by name, for the binary search.
constexpr auto kFunctions = std::to_array<Function>({
    Plain("abs", "v"),
    Plain("absent", "v"),
    Plain("absent_over_time", "m"),
    Plain("acos", "v"),
    Plain("acosh", "v"),
    Plain("asin", "v"),
    Plain("asinh", "v"),
    Plain("atan", "v"),
    Plain("atanh", "v"),
    Plain("avg_over_time", "m"),
    Plain("ceil", "v"),
    Plain("changes", "m"),
    Plain("clamp", "vss"),
    Plain("clamp_max", "vs"),
    Plain("clamp_min", "vs"),
    Plain("cos", "v"),
    Plain("cosh", "v"),
    Plain("count_over_time", "m"),
    Plain("day_of_month", "v?"),
    Plain("day_of_week", "v?"),
    Plain("day_of_year", "v?"),
    Plain("days_in_month", "v?"),
    Plain("deg", "v"),
    Plain("delta", "m"),
    Plain("deriv", "m"),
    Experimental("double_exponential_smoothing", "mss"),
    Experimental("end", "", kScalar),
    Plain("exp", "v"),
    New("first_over_time", "m"),
    Plain("floor", "v"),
    New("histogram_avg", "v"),
    Plain("histogram_count", "v"),
    Plain("histogram_fraction", "ssv"),
    Plain("histogram_quantile", "sv"),
    Experimental("histogram_quantiles", "vts*"),
    New("histogram_stddev", "v"),
    New("histogram_stdvar", "v"),
    Plain("histogram_sum", "v"),
    Plain("hour", "v?"),
    Plain("idelta", "m"),
    Plain("increase", "m"),
    Experimental("info", "vv?"),
    Plain("irate", "m"),
    Plain("label_join", "vttt*"),
    Plain("label_replace", "vtttt"),
    Plain("last_over_time", "m"),
    Plain("ln", "v"),
    Plain("log10", "v"),
    Plain("log2", "v"),
    Experimental("mad_over_time", "m"),
    Experimental("max_of", "ss", kScalar),
    Plain("max_over_time", "m"),
    Experimental("min_of", "ss", kScalar),
    Plain("min_over_time", "m"),
    Plain("minute", "v?"),
    Plain("month", "v?"),
    {"pi", "", kScalar},
    Plain("predict_linear", "ms"),
    Plain("present_over_time", "m"),
    Plain("quantile_over_time", "sm"),
    Plain("rad", "v"),
    Experimental("range", "", kScalar),
    Plain("rate", "m"),
    Plain("resets", "m"),
    Plain("round", "vs?"),
    {"scalar", "v", kScalar},
    Plain("sgn", "v"),
    Plain("sin", "v"),
    Plain("sinh", "v"),
    Plain("sort", "v"),
    Experimental("sort_by_label", "vt*"),
    Experimental("sort_by_label_desc", "vt*"),
    Plain("sort_desc", "v"),
    Plain("sqrt", "v"),
    Experimental("start", "", kScalar),
    Experimental("start_timestamp", "v"),
    Plain("stddev_over_time", "m"),
    Plain("stdvar_over_time", "m"),
    Experimental("step", "", kScalar),
    Plain("sum_over_time", "m"),
    Plain("tan", "v"),
    Plain("tanh", "v"),
    {"time", "", kScalar},
    Plain("timestamp", "v"),
    Experimental("ts_of_first_over_time", "m"),
    Experimental("ts_of_last_over_time", "m"),
    Experimental("ts_of_max_over_time", "m"),
    Experimental("ts_of_min_over_time", "m"),
    Plain("vector", "s"),
    Plain("year", "v?"),
});

constexpr bool IsVariadic(std::string_view args) { return args.ends_with('?') || args.ends_with('*'); }

}  // namespace

int Function::least_args() const {
  const int size = static_cast<int>(args.size());
  return IsVariadic(args) ? size - 2 : size;
}

int Function::most_args() const {
  if (args.ends_with('*')) return -1;
  return static_cast<int>(args.size()) - (args.ends_with('?') ? 1 : 0);
}

ValueType Function::arg_type(int i) const {
  const std::size_t types = args.size() - (IsVariadic(args) ? 1 : 0);
  switch (args[std::min(static_cast<std::size_t>(i), types - 1)]) {
    case 's':
      return ValueType::kScalar;
    case 't':
      return ValueType::kString;
    case 'm':
      return ValueType::kRangeVector;
    default:
      return ValueType::kInstantVector;
  }
}

const Function* FindFunction(std::string_view name) {
  const auto found = std::lower_bound(kFunctions.begin(), kFunctions.end(), name,
                                      [](const Function& f, std::string_view n) { return f.name < n; });
  return found != kFunctions.end() && found->name == name ? &*found : nullptr;
}

std::span<const Function> Functions() { return kFunctions; }

}  // namespace fleet::promql
