// Boolean gauge: a series is good while it is 1, or while it is 0 where `good: 0` says so.
#include <fmt/format.h>

#include "lib/yaml/reader.h"
#include "rulegen/policy/read_query.h"
#include "rulegen/sli/kinds.h"

namespace fleet::rulegen {
namespace {

std::optional<bool> ReadGoodIsZero(const yaml::Node& node, std::string_view name, Diagnostics& diagnostics) {
  const auto value = yaml::ReadPlain(node, name, "0 or 1", diagnostics);
  if (!value) return std::nullopt;
  if (*value == "0" || *value == "1") return *value == "0";
  yaml::ReportValue(node, name, "0 or 1", diagnostics);
  return std::nullopt;
}

Sli Read(const yaml::Node& node, Diagnostics& diagnostics) {
  yaml::MapReader map(node, "'boolean'", diagnostics);
  BooleanSli sli;
  sli.gauge = ReadSelectorKeys(map);
  if (const auto good_is_zero = map.Optional("good", ReadGoodIsZero)) sli.good_is_zero = **good_is_zero;
  map.Finish();
  return sli;
}

void Check(const Slo& slo, const Vocabulary& vocabulary, Diagnostics& diagnostics) {
  const Selector& gauge = std::get<BooleanSli>(slo.sli).gauge;
  const catalog::MetricDef* metric = CheckGauge(gauge, slo, vocabulary, diagnostics);
  // The catalog describes what is 0 or 1 as "1 if ..." or "1 while ...".
  if (metric == nullptr || metric->help.starts_with("1 if ") || metric->help.starts_with("1 while ")) return;
  diagnostics.AddError(gauge.metric.span, "metric-type",
                       fmt::format("{} is no gauge of 0 and 1", *gauge.metric));
}

BasePair Plan(const Sli& kind, const BaseContext& context) {
  const auto& sli = std::get<BooleanSli>(kind);
  const Expr series = Series(*sli.gauge.metric, sli.gauge.where);
  const Expr bad = Binary(series, sli.good_is_zero ? "!=" : "==", Number(0));
  return {CountOf(series, context), ZeroFilled(CountOf(bad, context), context)};
}

}  // namespace

const SliKind kBooleanKind = {"boolean", Read, Check, Plan};

}  // namespace fleet::rulegen
