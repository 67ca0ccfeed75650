#include "rulegen/sli/kinds.h"

#include <fmt/format.h>

#include <variant>

#include "rulegen/policy/check_query.h"

namespace fleet::rulegen {
namespace {

// Pointers, since the rows live in files of their own and static initialisation has no order.
const SliKind* const kKinds[] = {&kEventsKind,    &kLatencyKind,   &kNativeLatencyKind, &kRatioKind,
                                 &kBooleanKind,   &kFreshnessKind, &kThresholdKind,     &kTimesliceKind,
                                 &kCompositeKind, &kPromqlKind};
static_assert(std::size(kKinds) == std::variant_size_v<Sli>);

Expr Reading(const Expr& series, const BaseContext& context, Duration age) {
  return Call("last_over_time", {Range(series, context.timing.bridge, age)});
}

}  // namespace

std::span<const SliKind* const> SliKinds() { return kKinds; }

const SliKind& KindOf(const Sli& sli) { return *kKinds[sli.index()]; }

Expr StepDifference(const Expr& series, const BaseContext& context) {
  const Expr now = Reading(series, context, kSettle);
  const Expr before = Reading(series, context, kSettle + context.timing.step);
  const Expr growth = Binary(Binary(now, "-", before, Layout::kHanging), ">=", Number(0));
  // What was counted before the reset: up to the last scrape that still saw it. Of a step without one it is
  // 0.
  const Expr highest = Call("max_over_time", {Range(series, context.timing.step, kSettle)});
  const Expr lost = {"clamp_min(\n" + Indented(Binary(highest, "-", before, Layout::kHanging).text + ",\n0") +
                     "\n)"};
  const Expr reset = Binary(Binary(now, "<", before, Layout::kHanging), "+", lost);
  const Expr newest = Call("last_over_time", {Range(series, context.timing.step, kSettle)});
  const Expr lowest = Call("min_over_time", {Range(series, context.timing.step, kSettle)});
  const Expr begun = Binary(Binary(newest, "-", lowest, Layout::kHanging), ">=", Number(0));
  const auto step_seconds = std::chrono::duration_cast<std::chrono::seconds>(context.timing.step).count();
  const Expr known = Binary(growth, "or", reset, Layout::kOwnLine);
  return Binary(Aggregate("sum", context.by, Binary(known, "or", begun, Layout::kOwnLine)), "/",
                Number(std::int64_t{step_seconds}));
}

Expr ZeroFilled(const Expr& error, const BaseContext& context) {
  const Expr nothing = Binary(Number(0), "*", context.recorded_total);
  return Binary(error, "or", nothing, Layout::kOwnLine, On(context.by));
}

Expr TotalLess(const Expr& good, const BaseContext& context) {
  const Expr bad = Binary(context.recorded_total, "-", good, Layout::kOwnLine, On(context.by));
  return {"clamp_min(\n" + Indented(bad.text + ",\n0") + "\n)"};
}

BasePair PairOf(const Expr& total, const Expr& counted, bool counts_bad, const BaseContext& context) {
  if (counts_bad) return {total, ZeroFilled(counted, context)};
  return {total, Binary(TotalLess(counted, context), "or", context.recorded_total, Layout::kOwnLine,
                        On(context.by))};
}

Expr CountOf(const Expr& series, const BaseContext& context) {
  return Aggregate("count", context.by, series);
}

const catalog::MetricDef* CheckGauge(const Selector& selector, const Slo& slo, const Vocabulary& vocabulary,
                                     Diagnostics& diagnostics) {
  const catalog::MetricDef* metric = CheckSelector(selector, vocabulary, diagnostics);
  if (metric == nullptr) return nullptr;
  CheckGrouping(slo.by, *metric, *selector.metric, diagnostics);
  if (metric->type == catalog::MetricType::kGauge) return metric;
  diagnostics.AddError(selector.metric.span, "metric-type",
                       fmt::format("{} is a {}, and this kind of SLI looks at a gauge", *selector.metric,
                                   catalog::Name(metric->type)));
  return nullptr;
}

const catalog::MetricDef* CheckLatencyHistogram(const Selector& selector, const Slo& slo,
                                                const Vocabulary& vocabulary, Diagnostics& diagnostics) {
  const catalog::MetricDef* metric = CheckSelector(selector, vocabulary, diagnostics);
  if (metric == nullptr) return nullptr;
  CheckGrouping(slo.by, *metric, *selector.metric, diagnostics);
  if (metric->type == catalog::MetricType::kHistogram && metric->unit == catalog::Unit::kSeconds)
    return metric;
  diagnostics.AddError(
      selector.metric.span, "metric-type",
      fmt::format("{} is no histogram of seconds: latencies are observed by those", *selector.metric));
  return nullptr;
}

}  // namespace fleet::rulegen
