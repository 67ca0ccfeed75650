#include "rulegen/plan/threshold_rules.h"

#include "rulegen/plan/alert_rule.h"
#include "rulegen/plan/annotations.h"
#include "rulegen/plan/expr.h"
#include "rulegen/plan/promql_expr.h"
#include "rulegen/policy/vocabulary.h"

namespace fleet::rulegen {
namespace {

using catalog::MetricDef;
using catalog::MetricType;

// Each series' number: the growth of a counter per second, the age of a point in time, else the value.
Expr EachValue(const Query& query, const MetricDef& metric) {
  const Expr series = Series(*query.selector.metric, query.selector.where);
  if (metric.type == MetricType::kCounter) return Call("rate", {Range(series, **query.rate)});
  if (metric.unit == catalog::Unit::kUnixSeconds) return Binary(Call("time", {}), "-", series);
  return series;
}

// `must_aggregate`: where labels of several series would not match those of another expression.
Expr ValueOf(const Query& query, const Vocabulary& vocabulary, bool must_aggregate) {
  const MetricDef* metric = query.expression ? nullptr : vocabulary.Find(*query.selector.metric);
  const Expr each = metric == nullptr ? PromqlExpr(*query.expression) : EachValue(query, *metric);
  if (!must_aggregate && query.by.empty() && !query.aggregate) return each;
  const bool is_age = metric != nullptr && metric->unit == catalog::Unit::kUnixSeconds;
  const Aggregation by_default = is_age ? Aggregation::kMax : Aggregation::kSum;
  return Aggregate(FunctionOf(query.aggregate ? **query.aggregate : by_default), query.by, each);
}

// A quotient over nothing is no value, and so no alert.
Expr Quotient(const Expr& dividend, const Expr& divisor) {
  return Binary(dividend, "/", Binary(divisor, ">", Number(0)), Layout::kOwnLine);
}

// "The 95th percentile is above b" is "more than 5 % of the observations are above b". Where b is a bucket
// bound that share is exact, while histogram_quantile() would interpolate.
Expr SlowShare(const Query& query, const Quantity& bound) {
  const auto rate = [&](const Expr& series) {
    return Aggregate("sum", query.by, Call("rate", {Range(series, **query.rate)}));
  };
  const std::string& name = *query.selector.metric;
  const std::string le = Matcher("le", catalog::FormatBound(bound.value.ToDouble()));
  const Expr fast = rate(Series(name + "_bucket", query.selector.where, {le}));
  const Expr all = rate(Series(name + "_count", query.selector.where));
  return Binary(Number(1), "-", Quotient(fast, all), Layout::kOwnLine);
}

Expr Compared(const Query& query, const Threshold& threshold, const Vocabulary& vocabulary,
              bool must_aggregate) {
  const std::string_view op = OperatorOf(threshold.comparison);
  if (!query.quantiles.empty()) {
    const Decimal share = Decimal(1, 0) - *query.quantiles.front();
    return Binary(SlowShare(query, *threshold.bound), op, Number(share), Layout::kOwnLine);
  }
  const bool is_ratio = !query.over.empty();
  const bool or_zero = query.missing_as_zero && **query.missing_as_zero;
  Expr value = ValueOf(query, vocabulary, must_aggregate || is_ratio || or_zero);
  if (or_zero) value = Binary(value, "or", Call("vector", {Number(0)}));
  if (is_ratio) value = Quotient(value, ValueOf(query.over.front(), vocabulary, true));
  const Layout layout = is_ratio ? Layout::kOwnLine : Layout::kInline;
  return Binary(value, op, Number(threshold.bound->value), layout);
}

}  // namespace

Rule PlanThresholdAlert(const Policy& policy, const ThresholdAlert& alert) {
  const Vocabulary vocabulary(*policy.metric_namespace);
  Expr expr = Compared(alert.value, alert.threshold, vocabulary, false);
  if (alert.only_if) {
    const auto& [query, threshold] = *alert.only_if;
    const Expr condition = Compared(query, threshold, vocabulary, true);
    expr = Binary(expr, "and", condition, Layout::kOwnLine, On(query.by));
  }
  Rule rule{true,
            *alert.alert,
            expr.text,
            *alert.hold,
            EffectiveKeepFiring(policy, alert.keep_firing),
            UserLabels(policy, alert.labels),
            ThresholdTexts(policy, alert)};
  rule.labels.emplace_back("slo_service", *policy.service);  // the overview counts the service's alerts
  AddSeverity(*alert.severity, alert.observe, rule.labels);
  return rule;
}

}  // namespace fleet::rulegen
