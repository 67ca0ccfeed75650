// Checks of what names series, against the catalog. Shared by all that hold a selector or a query.
#pragma once

#include <span>

#include "lib/base/diagnostics.h"
#include "rulegen/policy/policy.h"
#include "rulegen/policy/vocabulary.h"

namespace fleet::rulegen {

// The metric's row, or null after a report. A metric that was never read is silent.
const catalog::MetricDef* CheckMetric(const Text& metric, const Vocabulary& vocabulary,
                                      Diagnostics& diagnostics);

// The metric exists, has the labels of `where`, and their values can occur. Returns the row.
const catalog::MetricDef* CheckSelector(const Selector& selector, const Vocabulary& vocabulary,
                                        Diagnostics& diagnostics);

// The same for all selectors of an expression, which may name metrics of others, and series of histograms;
// and whatever lint finds in it.
void CheckExpression(const Expression& expression, const Vocabulary& vocabulary, Diagnostics& diagnostics);

// The labels by which the results of an expression are told apart are not aggregated away.
void CheckOutputLabels(const promql::Tree& tree, const std::vector<Text>& by, const Vocabulary& vocabulary,
                       Diagnostics& diagnostics);

// The labels exist on the metric and their values can occur. Of an unknown metric (null) only the regular
// expressions are checked.
void CheckConditions(std::span<const Condition> where, const catalog::MetricDef* metric,
                     std::string_view metric_name, Diagnostics& diagnostics);

// Grouping labels exist on the metric, once each, and are not the names rules need themselves, which panels
// may use (`in_alert` is false).
void CheckGrouping(const std::vector<Text>& by, const catalog::MetricDef& metric,
                   std::string_view metric_name, Diagnostics& diagnostics, bool in_alert = true);

// Metrics, labels, and whether rate, quantile and aggregate fit the metric's type.
void CheckQuery(const Query& query, const Vocabulary& vocabulary, Diagnostics& diagnostics);
// The same for a panel, where the window may be left to Grafana and a histogram may be shown whole.
void CheckPanelQuery(const Query& query, const Vocabulary& vocabulary, Diagnostics& diagnostics);

// The bound is one of the histogram's buckets.
void CheckBucket(const catalog::MetricDef& metric, std::string_view metric_name, const Quantity& bound,
                 Span place, Diagnostics& diagnostics);

// The labels that rules and alerts carry themselves: slo_id, severity, alertname, ...
bool IsReservedLabel(std::string_view name);

}  // namespace fleet::rulegen
