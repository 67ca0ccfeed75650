#include "rulegen/plan/panel_query.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "lib/base/text.h"
#include "rulegen/plan/expr.h"
#include "rulegen/plan/page.h"

namespace fleet::rulegen {
namespace {

using catalog::MetricDef;
using catalog::MetricType;
using grafana::Target;

std::string RangeOf(const Query& query) {
  return query.rate ? "[" + PrintDuration(**query.rate) + "]" : "[$__rate_interval]";
}

std::string SeriesOf(const Query& query, std::string_view suffix = {}) {
  return Series(*query.selector.metric + std::string(suffix), query.selector.where).text;
}

// One series of the metric, as it is looked at: the rate of a counter, the age of a point in time.
std::string ValueOf(const Query& query, const MetricDef& metric) {
  if (metric.type == MetricType::kCounter) return "rate(" + SeriesOf(query) + RangeOf(query) + ")";
  if (metric.type == MetricType::kHistogram)
    return "rate(" + SeriesOf(query, "_count") + RangeOf(query) + ")";
  if (metric.unit == catalog::Unit::kUnixSeconds) return "time() - " + SeriesOf(query);
  return SeriesOf(query);
}

// As in the alerts (threshold_rules.cc), or a panel and an alert on the same query would disagree.
std::string_view DefaultAggregation(const MetricDef& metric) {
  return metric.unit == catalog::Unit::kUnixSeconds ? "max" : "sum";
}

std::vector<std::string> Names(const std::vector<Text>& labels) {
  std::vector<std::string> names;
  for (const Text& label : labels) names.push_back(*label);
  return names;
}

std::string ByClause(const std::vector<std::string>& labels) {
  return labels.empty() ? std::string() : "by (" + Join(labels, ", ") + ") ";
}

bool IsZeroWhenMissing(const Query& query) { return query.missing_as_zero && **query.missing_as_zero; }

bool Aggregates(const Query& query) {
  return query.aggregate || !query.by.empty() || !query.over.empty() || IsZeroWhenMissing(query);
}

// The query without its divisor, aggregated where it asks for it.
std::string Dividend(const Query& query, const MetricDef& metric, bool aggregates) {
  const std::string value = ValueOf(query, metric);
  if (!aggregates) return value;
  const std::string function(query.aggregate ? FunctionOf(**query.aggregate) : DefaultAggregation(metric));
  const std::string by = ByClause(Names(query.by));
  return function + (by.empty() ? "" : " ") + by + "(" + value + ")";
}

// Where a query keeps every series, its labels are those of the metric.
std::vector<std::string> CarriedLabels(const Query& query, const MetricDef& metric) {
  if (Aggregates(query)) return Names(query.by);
  std::vector<std::string> labels;
  for (const catalog::LabelDef& label : metric.labels) {
    // A label with one value only says nothing in a legend.
    const bool fixed = std::ranges::any_of(query.selector.where, [&](const Condition& c) {
      return *c.label == label.name && c.kind == MatchKind::kOneOf && c.values.size() == 1;
    });
    if (!fixed) labels.emplace_back(label.name);
  }
  return labels;
}

Target WithLegend(const Query& query, std::string expr, std::vector<std::string> labels, std::string suffix) {
  if (query.legend) suffix = suffix.empty() ? **query.legend : **query.legend + " " + suffix;
  Target target = QueryBy(std::move(expr), std::move(labels), suffix);
  target.fixed_window = query.promql.has_value() || query.rate.has_value() ||
                        (!query.over.empty() && query.over[0].rate.has_value());
  return target;
}

// The largest few, where there may be hundreds.
Target Top(const Query& query, Target target) {
  if (query.top) target.expr = "topk(" + std::to_string(**query.top) + ", " + target.expr + ")";
  return target;
}

std::string RateUnit(const MetricDef& metric) {
  switch (metric.group) {
    case catalog::Group::kRequests:
      return "reqps";
    case catalog::Group::kQueues:
      return "mps";
    case catalog::Group::kEvents:
    case catalog::Group::kErrors:
      return "eps";
    default:
      return "ops";
  }
}

std::string ValueUnit(catalog::Unit unit) {
  switch (unit) {
    case catalog::Unit::kSeconds:
    case catalog::Unit::kUnixSeconds:  // shown as an age
      return "s";
    case catalog::Unit::kBytes:
      return "bytes";
    case catalog::Unit::kRatio:
      return "percentunit";
    case catalog::Unit::kNone:
    case catalog::Unit::kCores:
      return "short";
  }
  return "short";
}

}  // namespace

std::string QuantileName(Decimal quantile) { return "p" + (quantile * Decimal(100, 0)).ToString(); }

std::vector<Target> PlanTargets(const Query& query, const Vocabulary& vocabulary) {
  if (query.promql) return {Top(query, WithLegend(query, **query.promql, Names(query.by), ""))};
  const MetricDef& metric = *vocabulary.Find(*query.selector.metric);
  std::vector<Target> targets;
  if (metric.type == MetricType::kHistogram && !query.quantiles.empty()) {
    std::vector<std::string> by = Names(query.by);
    by.insert(by.begin(), "le");
    // A group without observations has no quantile; as NaN it would spoil the axis of the others.
    const char* const some = query.by.empty() ? "" : " >= 0";
    for (const Located<Decimal>& quantile : query.quantiles) {
      targets.push_back(WithLegend(query,
                                   "histogram_quantile(" + quantile->ToString() + ", sum " + ByClause(by) +
                                       "(rate(" + SeriesOf(query, "_bucket") + RangeOf(query) + ")))" + some,
                                   Names(query.by), QuantileName(*quantile)));
    }
    return targets;
  }
  std::string expr = Dividend(query, metric, Aggregates(query));
  if (IsZeroWhenMissing(query)) expr = "(" + expr + " or vector(0))";
  if (!query.over.empty()) {
    const Query& divisor = query.over[0];
    // A quotient over nothing is no value.
    expr += " / (" + Dividend(divisor, *vocabulary.Find(*divisor.selector.metric), true) + " > 0)";
  }
  targets.push_back(Top(query, WithLegend(query, std::move(expr), CarriedLabels(query, metric), "")));
  return targets;
}

Target PlanHeatmapTarget(const Query& query) {
  return {.expr = "sum by (le) (increase(" + SeriesOf(query, "_bucket") + RangeOf(query) + "))",
          .labels = {"le"},
          .legend = "{{le}}",
          .fixed_window = query.rate.has_value()};
}

std::string UnitOf(const Query& query, const Vocabulary& vocabulary) {
  if (query.unit) return **query.unit;
  if (query.promql) return "short";
  const MetricDef& metric = *vocabulary.Find(*query.selector.metric);
  if (!query.over.empty()) return "percentunit";
  if (metric.type == MetricType::kHistogram && query.quantiles.empty()) return RateUnit(metric);
  if (query.aggregate && **query.aggregate == Aggregation::kCount) return "short";
  if (metric.type != MetricType::kCounter) return ValueUnit(metric.unit);
  if (metric.unit == catalog::Unit::kBytes) return "Bps";
  if (metric.unit == catalog::Unit::kSeconds) return "none";  // seconds in a second: cores, or busy parts
  return RateUnit(metric);
}

std::string HumanName(std::string_view metric, std::string_view metric_namespace) {
  if (metric.starts_with(metric_namespace) && metric.size() > metric_namespace.size() + 1) {
    metric.remove_prefix(metric_namespace.size() + 1);
  }
  for (const std::string_view suffix : std::to_array<std::string_view>(
           {"_total", "_seconds", "_bytes", "_ratio", "_timestamp", "_duration"})) {
    if (metric.ends_with(suffix) && metric.size() > suffix.size()) metric.remove_suffix(suffix.size());
  }
  constexpr std::string_view kAcronyms[] = {"http", "cpu", "db", "sdk", "api", "llm"};
  std::string name;
  for (const std::string_view part : Split(metric, '_')) {
    if (!name.empty()) name += ' ';
    const std::size_t begin = name.size();
    name += part;
    const bool is_acronym = std::ranges::find(kAcronyms, part) != std::end(kAcronyms);
    const std::size_t capitals = is_acronym ? part.size() : begin == 0 && !part.empty() ? 1 : 0;
    for (std::size_t i = begin; i < begin + capitals; ++i) {
      name[i] = static_cast<char>(std::toupper(static_cast<unsigned char>(name[i])));
    }
  }
  return name;
}

}  // namespace fleet::rulegen
