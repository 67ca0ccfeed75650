// Bounds of alerts: their unit, their sign, and what quantiles can be compared with.
#include <fmt/format.h>

#include <variant>

#include "rulegen/policy/check_parts.h"
#include "rulegen/policy/check_query.h"

namespace fleet::rulegen {
namespace {

using catalog::MetricDef;
using catalog::Unit;
using Visit = void (*)(const CheckContext&, const Query&, const Threshold&, const MetricDef&);

// Calls `visit` for each comparison whose metric is known and whose bound was read.
void ForEachThreshold(const CheckContext& context, Visit visit) {
  const auto one = [&](const Query& query, const Threshold& threshold) {
    const MetricDef* metric = context.vocabulary.Find(*query.selector.metric);
    if (metric != nullptr && !threshold.bound->text.empty()) visit(context, query, threshold, *metric);
  };
  for (const ThresholdAlert& alert : context.policy.alerts) {
    one(alert.value, alert.threshold);
    if (alert.only_if) one(alert.only_if->first, alert.only_if->second);
  }
  for (const Slo& slo : context.policy.slos) {
    const auto* sli = std::get_if<ThresholdSli>(&slo.sli);
    if (sli == nullptr) continue;
    Query value;
    value.selector = sli->gauge;
    one(value, sli->bad);
  }
}

// The kinds of quantity that fit what a query yields; plain numbers always do.
std::string_view UnitOf(const Query& query, const MetricDef& metric) {
  if (!query.over.empty()) return "a ratio";
  if (query.aggregate && **query.aggregate == Aggregation::kCount) return "a count";
  const bool is_rate = query.rate && metric.type == catalog::MetricType::kCounter;
  switch (metric.unit) {
    case Unit::kNone:
      return is_rate ? "events per second" : "a count";
    case Unit::kSeconds:
      return is_rate ? "a ratio" : "seconds";  // seconds per second: a share of the time
    case Unit::kUnixSeconds:
      return "seconds";  // its age
    case Unit::kBytes:
      return "bytes";  // or bytes per second
    case Unit::kRatio:
      return "a ratio";
    case Unit::kCores:
      return "cores";
  }
  return {};
}

}  // namespace

void CheckThresholdUnits(const CheckContext& context) {
  ForEachThreshold(context, [](const CheckContext& in, const Query& query, const Threshold& threshold,
                               const MetricDef& metric) {
    const std::string_view unit = UnitOf(query, metric);
    const Quantity& bound = *threshold.bound;
    const bool fits = bound.kind == Quantity::Kind::kPlain ||
                      (bound.kind == Quantity::Kind::kPercent && unit == "a ratio") ||
                      (bound.kind == Quantity::Kind::kDuration && unit == "seconds") ||
                      (bound.kind == Quantity::Kind::kBytes && unit == "bytes");
    if (fits) return;
    in.diagnostics.AddError(
        threshold.bound.span, "threshold-unit",
        fmt::format("{} cannot be compared with {}, which the value is", bound.text, unit));
  });
}

void CheckThresholdSigns(const CheckContext& context) {
  ForEachThreshold(
      context, [](const CheckContext& in, const Query&, const Threshold& threshold, const MetricDef&) {
        const bool is_zero = threshold.bound->value == Decimal();
        if (threshold.bound->value < Decimal()) {
          in.diagnostics.AddError(threshold.bound.span, "threshold-negative",
                                  fmt::format("{} is negative, and no value ever is", threshold.bound->text));
        } else if (is_zero && threshold.comparison == Comparison::kBelow) {
          in.diagnostics.AddError(threshold.bound.span, "threshold-negative", "no value is ever below 0");
        }
      });
}

// "p95 above b" is compiled to "more than 5 % are slower than b", which a bucket bound answers exactly.
void CheckQuantileAlerts(const CheckContext& context) {
  ForEachThreshold(context, [](const CheckContext& in, const Query& query, const Threshold& threshold,
                               const MetricDef& metric) {
    if (metric.type != catalog::MetricType::kHistogram || query.quantiles.empty()) return;
    if (query.quantiles.size() > 1) {
      in.diagnostics.AddError(query.quantiles[1].span, "quantile-alert", "an alert is on one quantile");
    }
    if (!query.over.empty()) {
      in.diagnostics.AddError(query.over.front().span, "quantile-alert", "a quantile has no 'over'");
    }
    if (threshold.comparison == Comparison::kEquals) {
      in.diagnostics.AddError(threshold.bound.span, "quantile-alert",
                              "a quantile is above or below a bound, never equal to it");
    } else if (threshold.bound->value > Decimal()) {
      CheckBucket(metric, *query.selector.metric, *threshold.bound, threshold.bound.span, in.diagnostics);
    }
  });
}

}  // namespace fleet::rulegen
