#include "rulegen/proof/driven_series.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "rulegen/proof/values.h"

namespace fleet::rulegen {
namespace {

using Each = Operand::Each;
using Form = DrivenQuery::Form;

// 2^-16, and as many digits after the point.
constexpr double kFraction = 1.0 / 65536;
constexpr int kFractionDigits = 16;

// Between two scrapes, in multiples of what sums up without rounding.
double StorableGrowth(double growth) {
  const double part = growth < 1'000'000 ? kFraction : 1;
  return growth > 0 ? std::max(part, std::round(growth / part) * part) : 0;
}

// rate() as Prometheus extrapolates it: to the window's begin where the first scrape is near it, else by half
// an interval. The newest scrape is as old as the evaluation, and counters begin far above zero.
std::optional<double> RateAt(const DrivenSeries& series, Duration window, Duration at,
                             const ScrapeClock& clock) {
  const auto newest = at / clock.interval;
  const auto fits = clock.closed_ranges ? window / clock.interval : (window - Duration(1)) / clock.interval;
  const auto steps = std::min<std::int64_t>(fits, newest);
  if (steps < 1) return std::nullopt;
  double growth = 0;
  for (auto i = newest - steps + 1; i <= newest; ++i) {
    growth += *series.numbers[static_cast<std::size_t>(i)] * ToSeconds(clock.interval);
  }
  const double sampled = ToSeconds(steps * clock.interval);
  const double missing = ToSeconds(window) - sampled;
  const double interval = ToSeconds(clock.interval);
  const double extrapolated = sampled + (missing < 1.1 * interval ? missing : interval / 2);
  return growth * extrapolated / sampled / ToSeconds(window);
}

std::optional<double> NumberAt(const DrivenSeries& series, const Operand& operand, Duration at,
                               const ScrapeClock& clock) {
  if (operand.each == Each::kRate) return RateAt(series, operand.window, at, clock);
  return series.numbers[static_cast<std::size_t>(at / clock.interval)];
}

LabelMap Kept(const LabelMap& labels, const std::vector<std::string>& by) {
  LabelMap kept;
  for (const std::string& label : by) {
    const auto found = labels.find(label);
    if (found != labels.end()) kept.insert(*found);
  }
  return kept;
}

double Combined(Aggregation aggregation, const std::vector<double>& numbers) {
  double sum = 0;
  for (const double number : numbers) sum += number;
  const auto count = static_cast<double>(numbers.size());
  switch (aggregation) {
    case Aggregation::kSum:
      return sum;
    case Aggregation::kMax:
      return *std::max_element(numbers.begin(), numbers.end());
    case Aggregation::kMin:
      return *std::min_element(numbers.begin(), numbers.end());
    case Aggregation::kAverage:
      return sum / count;
    case Aggregation::kCount:
      return count;
  }
  return sum;
}

ValueByLabels OperandAt(const Operand& operand, const std::vector<DrivenSeries>& all, Duration at,
                        const ScrapeClock& clock) {
  std::map<LabelMap, std::vector<double>> groups;
  for (const DrivenSeries& series : all) {
    if (series.metric != operand.metric || !Fulfil(series.labels, operand.where)) continue;
    const auto number = NumberAt(series, operand, at, clock);
    if (!number) continue;
    groups[operand.aggregation ? Kept(series.labels, operand.by) : series.labels].push_back(*number);
  }
  ValueByLabels values;
  for (const auto& [labels, numbers] : groups) {
    values[labels] = operand.scale * Combined(operand.aggregation.value_or(Aggregation::kSum), numbers);
  }
  return values;
}

}  // namespace

double Storable(double number, Each each, Duration interval) {
  if (each != Each::kRate) return std::strtod(PlainNumber(number).c_str(), nullptr);
  return StorableGrowth(number * ToSeconds(interval)) / ToSeconds(interval);
}

InputSeries Rendered(const DrivenSeries& series, const ScrapeClock& clock) {
  Values values(series.each == Each::kRate ? kFractionDigits : 6);
  const double interval = ToSeconds(clock.interval);
  double most = 0;
  for (const auto& number : series.numbers) most = std::max(most, number.value_or(0) * interval);
  double reached = std::ceil(1000 * most);  // far above zero: nothing is extrapolated to it
  const auto& numbers = series.numbers;
  for (std::size_t i = 0; i < numbers.size();) {
    std::size_t end = i + 1;
    while (end < numbers.size() && numbers[end] == numbers[i]) ++end;
    const auto count = static_cast<std::int64_t>(end - i);
    if (!numbers[i]) {
      // An end is told at once; without it, what was there last would stay for five minutes.
      if (i > 0) values.Stale();
      values.Skip(count - (i > 0 ? 1 : 0));
    } else if (series.each == Each::kRate) {
      const double growth = StorableGrowth(*numbers[i] * interval);
      values.Grow(reached + growth, growth, count);
      reached += growth * static_cast<double>(count);
    } else if (series.each == Each::kAge) {
      values.Grow(static_cast<double>(i) * interval - *numbers[i], interval, count);
    } else {
      values.Add(*numbers[i], count);
    }
    i = end;
  }
  return {fmt::format("{}{{{}}}", series.metric, MatchersOf(series.labels)), values.Text()};
}

ValueByLabels ValuesAt(const DrivenQuery& query, const std::vector<DrivenSeries>& series, Duration at,
                       const ScrapeClock& clock) {
  ValueByLabels values = OperandAt(query.operand, series, at, clock);
  if (query.missing_as_zero && values.empty()) values[{}] = 0;
  if (query.form == Form::kOperand) return values;
  const ValueByLabels over = OperandAt(*query.over, series, at, clock);
  ValueByLabels quotients;
  for (const auto& [labels, value] : values) {
    const auto divisor = over.find(labels);
    if (divisor == over.end() || divisor->second <= 0) continue;
    const double quotient = value / divisor->second;
    quotients[labels] = query.form == Form::kSlowShare ? 1 - quotient : quotient;
  }
  return quotients;
}

}  // namespace fleet::rulegen
