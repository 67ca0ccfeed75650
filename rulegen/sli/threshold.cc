// Threshold: a series is bad while its gauge is above or below a limit.
#include <fmt/format.h>

#include "lib/yaml/reader.h"
#include "rulegen/policy/read_query.h"
#include "rulegen/sli/kinds.h"

namespace fleet::rulegen {
namespace {

Sli Read(const yaml::Node& node, Diagnostics& diagnostics) {
  yaml::MapReader map(node, "'threshold'", diagnostics);
  ThresholdSli sli;
  sli.gauge = ReadSelectorKeys(map);
  if (const yaml::Node* bad = map.Require("bad")) {
    yaml::MapReader limit(*bad, "'bad'", diagnostics);
    sli.bad = ReadThresholdKeys(limit, "'bad'");
    limit.Finish();
  }
  map.Finish();
  return sli;
}

// Units and signs of limits: check_thresholds.cc.
void Check(const Slo& slo, const Vocabulary& vocabulary, Diagnostics& diagnostics) {
  const Selector& gauge = std::get<ThresholdSli>(slo.sli).gauge;
  const catalog::MetricDef* metric = CheckGauge(gauge, slo, vocabulary, diagnostics);
  if (metric == nullptr || metric->unit != catalog::Unit::kUnixSeconds) return;
  diagnostics.AddError(gauge.metric.span, "metric-type",
                       fmt::format("{} is a point in time; 'freshness' looks at its age", *gauge.metric));
}

BasePair Plan(const Sli& kind, const BaseContext& context) {
  const auto& sli = std::get<ThresholdSli>(kind);
  const Expr series = Series(*sli.gauge.metric, sli.gauge.where);
  const Expr bad = Binary(series, OperatorOf(sli.bad.comparison), Number(sli.bad.bound->value));
  return {CountOf(series, context), ZeroFilled(CountOf(bad, context), context)};
}

}  // namespace

const SliKind kThresholdKind = {"threshold", Read, Check, Plan};

}  // namespace fleet::rulegen
