// Events ratio: bad or good events out of all of them, from counters.
#include <fmt/format.h>

#include <span>
#include <utility>

#include "lib/yaml/reader.h"
#include "rulegen/policy/check_query.h"
#include "rulegen/policy/read_promql.h"
#include "rulegen/policy/read_query.h"
#include "rulegen/sli/kinds.h"

namespace fleet::rulegen {
namespace {

// `bad: {where: ...}` narrows `total`; `bad: {metric: ...}` stands for itself.
Selector ReadCounted(const yaml::Node& node, std::string_view key, const Selector& total,
                     Diagnostics& diagnostics) {
  const std::string what = fmt::format("'{}'", key);
  yaml::MapReader map(node, what, diagnostics);
  Selector counted;
  if (map.Has("metric") || map.Has("promql")) {
    counted = ReadSelectorKeys(map);
  } else {
    map.Find("metric");
    map.Find("promql");
    counted = total;
    if (const yaml::Node* where = map.Require("where")) {
      for (Condition& condition : ReadWhere(*where, diagnostics))
        counted.where.push_back(std::move(condition));
    }
  }
  map.Finish();
  return counted;
}

Sli Read(const yaml::Node& node, Diagnostics& diagnostics) {
  yaml::MapReader map(node, "'events'", diagnostics);
  EventsSli sli;
  if (const yaml::Node* total = map.Require("total"))
    sli.total = ReadSelector(*total, "'total'", diagnostics);
  if (const yaml::Node* counted = RequireBadOrGood(map, "'events'", sli.counts_bad)) {
    sli.counted = ReadCounted(*counted, sli.counts_bad ? "bad" : "good", sli.total, diagnostics);
  }
  map.Finish();
  return sli;
}

void CheckCounter(const Selector& selector, const Slo& slo, const Vocabulary& vocabulary,
                  Diagnostics& diagnostics) {
  const catalog::MetricDef* metric = CheckSelector(selector, vocabulary, diagnostics);
  if (metric == nullptr) return;
  CheckGrouping(slo.by, *metric, *selector.metric, diagnostics);
  if (metric->type == catalog::MetricType::kCounter) return;
  diagnostics.AddError(selector.metric.span, "metric-type",
                       fmt::format("{} is a {}: events are counted by counters", *selector.metric,
                                   catalog::Name(metric->type)));
}

void Check(const Slo& slo, const Vocabulary& vocabulary, Diagnostics& diagnostics) {
  const auto& sli = std::get<EventsSli>(slo.sli);
  CheckCounter(sli.total, slo, vocabulary, diagnostics);
  if (sli.counted.metric.span != sli.total.metric.span) {
    CheckCounter(sli.counted, slo, vocabulary, diagnostics);
    return;
  }
  // It narrows `total`: what they share was checked just now.
  const auto own = std::span(sli.counted.where).subspan(sli.total.where.size());
  CheckConditions(own, vocabulary.Find(*sli.total.metric), *sli.total.metric, diagnostics);
}

BasePair Plan(const Sli& kind, const BaseContext& context) {
  const auto& sli = std::get<EventsSli>(kind);
  const Expr total = StepDifference(Series(*sli.total.metric, sli.total.where), context);
  const Expr counted = StepDifference(Series(*sli.counted.metric, sli.counted.where), context);
  return PairOf(total, counted, sli.counts_bad, context);
}

}  // namespace

const SliKind kEventsKind = {"events", Read, Check, Plan};

}  // namespace fleet::rulegen
