#include "rulegen/policy/check_query.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "lib/base/text.h"
#include "lib/promql/labels.h"
#include "lib/promql/regex.h"
#include "rulegen/policy/lint_promql.h"
#include "rulegen/policy/promql_vocabulary.h"

namespace fleet::rulegen {
namespace {

using catalog::LabelDef;
using catalog::MetricDef;
using catalog::MetricType;

constexpr std::array<std::string_view, 12> kReservedLabels = {
    "alertname", "alertstate",    "severity",   "slo_id",          "slo_service",       "slo_name",
    "slo_tier",  "slo_objective", "slo_period", "slo_policy_hash", "observed_severity", "le"};

std::string JoinNames(std::span<const std::string_view> names) {
  return fmt::format("{}", fmt::join(names.begin(), names.end(), ", "));
}

// False after a report. job and instance are on every series and in no catalog.
bool CheckLabel(const Text& label, const MetricDef& metric, std::string_view metric_name,
                Diagnostics& diagnostics) {
  const std::vector<std::string_view> known = Vocabulary::LabelNames(metric);
  if (std::find(known.begin(), known.end(), *label) != known.end()) return true;
  Diagnostic& diagnostic = diagnostics.AddError(
      label.span, "label-unknown", fmt::format("{} has no label '{}'", metric_name, Printable(*label)));
  SuggestClosest(diagnostic, *label, known);
  if (diagnostic.notes.empty()) diagnostic.notes.push_back("it has: " + JoinNames(known));
  return false;
}

// Sets whose bound is larger than they are grow with what senders tell apart; only the others are closed.
bool IsClosed(const LabelDef& label) {
  return !label.values.empty() && static_cast<std::size_t>(label.bound) == label.values.size();
}

void CheckValue(const Text& value, const LabelDef& label, Diagnostics& diagnostics) {
  if (!IsClosed(label)) return;
  if (std::find(label.values.begin(), label.values.end(), *value) != label.values.end()) return;
  Diagnostic& diagnostic = diagnostics.AddError(
      value.span, "label-value-unknown", fmt::format("'{}' is never '{}'", label.name, Printable(*value)));
  diagnostic.notes.push_back("it is one of: " + JoinNames(label.values));
}

void CheckPattern(const Text& pattern, const LabelDef* label, Diagnostics& diagnostics) {
  if (const auto error = promql::RegexError(*pattern)) {
    diagnostics.AddError(pattern.span, "regex-invalid", fmt::format("not a regular expression: {}", *error));
    return;
  }
  if (label == nullptr || !IsClosed(*label)) return;
  const auto matches = [&](std::string_view value) { return promql::RegexMatches(*pattern, value); };
  if (std::any_of(label->values.begin(), label->values.end(), matches)) return;
  diagnostics
      .AddError(pattern.span, "label-value-unknown",
                fmt::format("no value of '{}' matches '{}'", label->name, Printable(*pattern)))
      .notes.push_back("it is one of: " + JoinNames(label->values));
}

// `label` is null where the metric or the label is not in the catalog: then only patterns can be wrong.
void CheckValues(const Condition& condition, const LabelDef* label, Diagnostics& diagnostics) {
  for (const Text& value : condition.values) {
    if (condition.kind == MatchKind::kMatches || condition.kind == MatchKind::kExcludes) {
      CheckPattern(value, label, diagnostics);
    } else if (label != nullptr) {
      CheckValue(value, *label, diagnostics);
    }
  }
}

void CheckQuantiles(const Query& query, Diagnostics& diagnostics) {
  for (const Located<Decimal>& quantile : query.quantiles) {
    if (*quantile > Decimal() && *quantile < Decimal(1, 0)) continue;
    diagnostics.AddError(quantile.span, "quantile-range",
                         fmt::format("'quantile' must be above 0 and below 1, not {}", quantile->ToString()));
  }
}

// In a panel the window may be left to Grafana, and a histogram may be shown whole.
enum class Use { kAlert, kPanel };

// What of rate, quantile and aggregate the type of the metric needs and forbids.
void CheckType(const Query& query, const MetricDef& metric, Use use, Diagnostics& diagnostics) {
  const std::string& name = *query.selector.metric;
  const Span place = query.selector.metric.span;
  const std::string_view type = catalog::Name(metric.type);
  const auto wrong = [&](Span span, std::string_view problem) -> Diagnostic& {
    return diagnostics.AddError(span, "metric-type", fmt::format("{} is a {}: {}", name, type, problem));
  };
  if (metric.type == MetricType::kGauge && query.rate) {
    wrong(query.rate->span, "it has no 'rate', which is the growth of a counter");
  }
  if (metric.type != MetricType::kGauge && !query.rate && use == Use::kAlert) {
    wrong(place, "say over which window, as in 'rate: 5m'");
  }
  if (metric.type != MetricType::kHistogram && !query.quantiles.empty()) {
    wrong(query.quantiles.front().span, "only a histogram has quantiles");
  }
  if (metric.type == MetricType::kHistogram && query.quantiles.empty() && use == Use::kAlert) {
    wrong(place, "say what of it, as in 'quantile: 0.95'");
  }
  if (metric.type == MetricType::kHistogram && query.aggregate) {
    wrong(query.aggregate->span, "its quantiles are of all observations together, without 'aggregate'");
  }
  if (metric.unit == catalog::Unit::kUnixSeconds && query.aggregate &&
      **query.aggregate == Aggregation::kSum) {
    wrong(query.aggregate->span, "ages have no sum; use max for the oldest or min for the youngest");
  }
}

// The values of the labels; lint knows the rest.
void CheckReadValues(const Selector& read, const Vocabulary& vocabulary, Diagnostics& diagnostics) {
  const MetricDef* metric = FindSeries(*read.metric, vocabulary);
  for (const Condition& condition : read.where) {
    CheckValues(condition, metric == nullptr ? nullptr : Vocabulary::FindLabel(*metric, *condition.label),
                diagnostics);
  }
}

// What the catalog says of a metric says nothing of an expression.
void CheckExpressionKeys(const Query& query, const Vocabulary& vocabulary, Diagnostics& diagnostics) {
  CheckExpression(*query.expression, vocabulary, diagnostics);
  CheckOutputLabels(query.expression->tree, query.by, vocabulary, diagnostics);
  const auto misplaced = [&](Span span, std::string_view key) {
    diagnostics.AddError(span, "promql-conflict", fmt::format("'{}' belongs into the expression", key));
  };
  if (query.rate) misplaced(query.rate->span, "rate");
  if (!query.quantiles.empty()) misplaced(query.quantiles.front().span, "quantile");
}

void CheckUse(const Query& query, const Vocabulary& vocabulary, Use use, Diagnostics& diagnostics) {
  if (query.expression) CheckExpressionKeys(query, vocabulary, diagnostics);
  const MetricDef* metric =
      query.expression ? nullptr : CheckSelector(query.selector, vocabulary, diagnostics);
  CheckQuantiles(query, diagnostics);
  if (metric != nullptr) {
    CheckGrouping(query.by, *metric, *query.selector.metric, diagnostics, use == Use::kAlert);
    CheckType(query, *metric, use, diagnostics);
  }
  if (query.missing_as_zero && **query.missing_as_zero && !query.by.empty()) {
    diagnostics.AddError(query.missing_as_zero->span, "by-misplaced",
                         "with 'by' nobody knows which groups are missing");
  }
  for (const Query& divisor : query.over) {
    if (divisor.expression && use == Use::kPanel) {
      diagnostics.AddError(divisor.span, "promql-conflict",
                           "a panel's quotient of expressions is one expression: both belong into 'promql'");
      continue;
    }
    if (divisor.expression) {
      CheckExpressionKeys(divisor, vocabulary, diagnostics);
      continue;
    }
    metric = CheckSelector(divisor.selector, vocabulary, diagnostics);
    if (metric == nullptr) continue;
    for (const Text& label : query.by) CheckLabel(label, *metric, *divisor.selector.metric, diagnostics);
    CheckType(divisor, *metric, use, diagnostics);
  }
}

}  // namespace

bool IsReservedLabel(std::string_view name) {
  return name.starts_with("__") ||
         std::find(kReservedLabels.begin(), kReservedLabels.end(), name) != kReservedLabels.end();
}

const MetricDef* CheckMetric(const Text& metric, const Vocabulary& vocabulary, Diagnostics& diagnostics) {
  if (metric->empty()) return nullptr;
  const MetricDef* def = vocabulary.Find(*metric);
  if (def != nullptr) return def;
  Diagnostic& diagnostic = diagnostics.AddError(
      metric.span, "metric-unknown", fmt::format("no metric '{}' in the catalog", Printable(*metric)));
  SuggestClosest(diagnostic, *metric, vocabulary.Names());
  return nullptr;
}

const MetricDef* CheckSelector(const Selector& selector, const Vocabulary& vocabulary,
                               Diagnostics& diagnostics) {
  if (selector.is_promql()) {
    LintPromql(selector.tree, PromqlUse::kOperand, vocabulary, diagnostics);
    CheckReadValues(selector, vocabulary, diagnostics);
    return vocabulary.Find(*selector.metric);
  }
  const MetricDef* metric = CheckMetric(selector.metric, vocabulary, diagnostics);
  CheckConditions(selector.where, metric, *selector.metric, diagnostics);
  return metric;
}

void CheckOutputLabels(const promql::Tree& tree, const std::vector<Text>& by, const Vocabulary& vocabulary,
                       Diagnostics& diagnostics) {
  if (by.empty() || tree.root == promql::kNoNode) return;
  const PromqlVocabulary known(vocabulary);
  const promql::LabelSet labels = promql::OutputLabels(tree, &known);
  for (const Text& label : by) {
    if (labels.may_have(*label)) continue;
    diagnostics
        .AddError(label.span, "label-lost",
                  fmt::format("the expression gives no label '{}'", Printable(*label)))
        .notes.push_back("labels that it can give: " + promql::Describe(labels));
  }
}

void CheckExpression(const Expression& expression, const Vocabulary& vocabulary, Diagnostics& diagnostics) {
  LintPromql(expression.tree, PromqlUse::kWhole, vocabulary, diagnostics);
  for (const Selector& read : expression.reads) CheckReadValues(read, vocabulary, diagnostics);
}

void CheckConditions(std::span<const Condition> where, const MetricDef* metric, std::string_view metric_name,
                     Diagnostics& diagnostics) {
  for (const Condition& condition : where) {
    if (metric != nullptr && !CheckLabel(condition.label, *metric, metric_name, diagnostics)) continue;
    CheckValues(condition, metric == nullptr ? nullptr : Vocabulary::FindLabel(*metric, *condition.label),
                diagnostics);
  }
}

void CheckGrouping(const std::vector<Text>& by, const MetricDef& metric, std::string_view metric_name,
                   Diagnostics& diagnostics, bool in_alert) {
  for (std::size_t i = 0; i < by.size(); ++i) {
    if (!CheckLabel(by[i], metric, metric_name, diagnostics)) continue;
    const auto same = [&](const Text& other) { return *other == *by[i]; };
    const auto end = by.begin() + static_cast<std::ptrdiff_t>(i);
    if (std::any_of(by.begin(), end, same)) {
      diagnostics.AddError(by[i].span, "name-duplicate", fmt::format("'{}' is given twice", *by[i]));
    } else if (in_alert && IsReservedLabel(*by[i])) {
      diagnostics.AddError(by[i].span, "label-reserved",
                           fmt::format("'{}' is a label that alerts carry themselves", *by[i]));
    }
  }
}

void CheckQuery(const Query& query, const Vocabulary& vocabulary, Diagnostics& diagnostics) {
  CheckUse(query, vocabulary, Use::kAlert, diagnostics);
}

void CheckPanelQuery(const Query& query, const Vocabulary& vocabulary, Diagnostics& diagnostics) {
  if (query.promql) {
    LintPromql(query.promql_tree, PromqlUse::kWhole, vocabulary, diagnostics);
    return CheckOutputLabels(query.promql_tree, query.by, vocabulary, diagnostics);
  }
  CheckUse(query, vocabulary, Use::kPanel, diagnostics);
}

void CheckBucket(const MetricDef& metric, std::string_view metric_name, const Quantity& bound, Span place,
                 Diagnostics& diagnostics) {
  const std::span<const double> bounds = catalog::Bounds(metric.buckets);
  if (std::find(bounds.begin(), bounds.end(), bound.value.ToDouble()) != bounds.end()) return;
  std::string list;
  for (const double each : bounds) list += (list.empty() ? "" : ", ") + catalog::FormatBound(each);
  diagnostics
      .AddError(place, "bucket-missing",
                fmt::format("{} is not a bucket bound, so the share below it is not known", bound.text))
      .notes.push_back(fmt::format("the bounds of {}: {}", metric_name, list));
}

}  // namespace fleet::rulegen
