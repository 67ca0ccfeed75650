#include "rulegen/plan/legacy_rules.h"

#include <fmt/format.h>

#include "lib/catalog/catalog.h"
#include "lib/catalog/old_names.h"
#include "rulegen/policy/timing.h"

namespace fleet::rulegen {
namespace {

// One rule for each series of a histogram, one for anything else.
std::vector<std::string_view> SuffixesOf(const catalog::OldMetric& old) {
  if (catalog::Find(old.metric)->type != catalog::MetricType::kHistogram) return {""};
  return {"_bucket", "_count", "_sum"};
}

std::string ExpressionOf(const catalog::OldMetric& old, std::string_view suffix) {
  const std::string series = catalog::SelectorOf(old, suffix);
  if (!old.renamed_to.empty()) {
    return fmt::format(R"x(sum without ({1}) (label_replace({0}, "{2}", "$1", "{1}", "(.*)")))x", series,
                       old.renamed_from, old.renamed_to);
  }
  if (old.dropped.empty()) return series;
  return fmt::format("sum without ({}) ({})", old.dropped, series);
}

}  // namespace

RuleGroup PlanLegacyRules(const Policy& policy) {
  RuleGroup group{*policy.service + ":legacy", TimingFor(*policy.scrape_interval).step, {}};
  for (const catalog::OldMetric& old : catalog::OldMetrics()) {
    // With a namespace of the user's choice the old name may be the new one.
    if (old.name == *policy.metric_namespace + "_" + std::string(old.metric)) continue;
    for (const std::string_view suffix : SuffixesOf(old)) {
      Rule rule;
      rule.name = fmt::format("{}{}", old.name, suffix);
      rule.expr = catalog::WithNamespace(ExpressionOf(old, suffix), *policy.metric_namespace);
      group.rules.push_back(std::move(rule));
    }
  }
  return group;
}

}  // namespace fleet::rulegen
