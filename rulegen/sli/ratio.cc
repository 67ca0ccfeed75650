// Ready ratio: a gauge that is a share of bad or good events already. Each series weighs the same.
#include <fmt/format.h>

#include "lib/yaml/reader.h"
#include "rulegen/policy/read_promql.h"
#include "rulegen/policy/read_query.h"
#include "rulegen/sli/kinds.h"

namespace fleet::rulegen {
namespace {

Sli Read(const yaml::Node& node, Diagnostics& diagnostics) {
  yaml::MapReader map(node, "'ratio'", diagnostics);
  RatioSli sli;
  if (const yaml::Node* counted = RequireBadOrGood(map, "'ratio'", sli.counts_bad)) {
    sli.ratio = ReadSelector(*counted, sli.counts_bad ? "'bad'" : "'good'", diagnostics);
  }
  map.Finish();
  return sli;
}

void Check(const Slo& slo, const Vocabulary& vocabulary, Diagnostics& diagnostics) {
  const Selector& ratio = std::get<RatioSli>(slo.sli).ratio;
  const catalog::MetricDef* metric = CheckGauge(ratio, slo, vocabulary, diagnostics);
  if (metric == nullptr || metric->unit == catalog::Unit::kRatio) return;
  diagnostics.AddError(ratio.metric.span, "metric-type", fmt::format("{} is no ratio", *ratio.metric));
}

BasePair Plan(const Sli& kind, const BaseContext& context) {
  const auto& sli = std::get<RatioSli>(kind);
  // The comparison drops NaN, of which no sum recovers.
  const Expr share = Binary(Series(*sli.ratio.metric, sli.ratio.where), ">=", Number(0));
  const Expr capped = Call("clamp_max", {share, Number(1)});
  const Expr bad = sli.counts_bad ? capped : Binary(Number(1), "-", capped);
  return {CountOf(share, context), Aggregate("sum", context.by, bad)};
}

}  // namespace

const SliKind kRatioKind = {"ratio", Read, Check, Plan};

}  // namespace fleet::rulegen
