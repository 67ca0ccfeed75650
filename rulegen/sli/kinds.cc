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
  const Expr newest = Call("last_over_time", {Range(series, context.timing.step, kSettle)});
  const Expr highest = Call("max_over_time", {Range(series, context.timing.step, kSettle)});
  const Expr lowest = Call("min_over_time", {Range(series, context.timing.step, kSettle)});
  const auto growth = [](const Expr& from, const Expr& to) {
    return Binary(Binary(to, "-", from, Layout::kHanging), ">=", Number(0));
  };
  const Expr branches[] = {
      Binary(Binary(newest, "<", highest, Layout::kHanging), "+", growth(before, highest)),
      Binary(Binary(newest, ">=", lowest, Layout::kHanging), "and",
             Binary(lowest, "<", before, Layout::kHanging), Layout::kOwnLine),
      growth(before, now),
      growth(lowest, newest),
  };
  Expr events = branches[0];
  for (const Expr& branch : std::span(branches).subspan(1))
    events = Binary(events, "or", branch, Layout::kOwnLine);
  const auto step_seconds = std::chrono::duration_cast<std::chrono::seconds>(context.timing.step).count();
  return Binary(Aggregate("sum", context.by, events), "/", Number(std::int64_t{step_seconds}));
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
