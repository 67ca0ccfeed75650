// Freshness: a series is good while what it dates is recent enough. A date of 0 is long ago, so what was
// never done is bad.
#include <fmt/format.h>

#include "lib/yaml/reader.h"
#include "rulegen/policy/read_query.h"
#include "rulegen/sli/kinds.h"

namespace fleet::rulegen {
namespace {

Sli Read(const yaml::Node& node, Diagnostics& diagnostics) {
  yaml::MapReader map(node, "'freshness'", diagnostics);
  FreshnessSli sli;
  sli.timestamp = ReadSelectorKeys(map);
  sli.within = map.Required("within", ReadWindow);
  map.Finish();
  return sli;
}

void Check(const Slo& slo, const Vocabulary& vocabulary, Diagnostics& diagnostics) {
  const Selector& timestamp = std::get<FreshnessSli>(slo.sli).timestamp;
  const catalog::MetricDef* metric = CheckGauge(timestamp, slo, vocabulary, diagnostics);
  if (metric == nullptr || metric->unit == catalog::Unit::kUnixSeconds) return;
  diagnostics.AddError(timestamp.metric.span, "metric-type",
                       fmt::format("{} is no point in time, so it has no age", *timestamp.metric));
}

BasePair Plan(const Sli& kind, const BaseContext& context) {
  const auto& sli = std::get<FreshnessSli>(kind);
  const Expr series = Series(*sli.timestamp.metric, sli.timestamp.where);
  const Expr too_old =
      Binary(Binary(Call("time", {}), "-", series), ">", Number(Decimal(sli.within->count(), 3)));
  return {CountOf(series, context), ZeroFilled(CountOf(too_old, context), context)};
}

}  // namespace

const SliKind kFreshnessKind = {"freshness", Read, Check, Plan};

}  // namespace fleet::rulegen
