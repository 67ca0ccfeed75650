// Latency: observations of a histogram at or below a bound are good.
#include "lib/yaml/reader.h"
#include "rulegen/policy/check_query.h"
#include "rulegen/policy/read_query.h"
#include "rulegen/sli/kinds.h"

namespace fleet::rulegen {
namespace {

Sli Read(const yaml::Node& node, Diagnostics& diagnostics) {
  yaml::MapReader map(node, "'latency'", diagnostics);
  LatencySli sli;
  sli.histogram = ReadSelectorKeys(map);
  sli.below = map.Required("below", ReadWindow);
  map.Finish();
  return sli;
}

Decimal Seconds(Duration duration) { return Decimal(duration.count(), 3); }

void Check(const Slo& slo, const Vocabulary& vocabulary, Diagnostics& diagnostics) {
  const auto& sli = std::get<LatencySli>(slo.sli);
  const catalog::MetricDef* metric = CheckLatencyHistogram(sli.histogram, slo, vocabulary, diagnostics);
  if (metric == nullptr || sli.below->count() == 0) return;
  CheckBucket(*metric, *sli.histogram.metric,
              {Seconds(*sli.below), Quantity::Kind::kDuration, PrintDuration(*sli.below)}, sli.below.span,
              diagnostics);
}

BasePair Plan(const Sli& kind, const BaseContext& context) {
  const auto& sli = std::get<LatencySli>(kind);
  // The exporter writes bounds in one form, which Prometheus 2 stores and Prometheus 3 would normalise
  // to, so that one matcher is right on both.
  const std::string le = Matcher("le", catalog::FormatBound(Seconds(*sli.below).ToDouble()));
  const Expr count = Series(*sli.histogram.metric + "_count", sli.histogram.where);
  const Expr good = Series(*sli.histogram.metric + "_bucket", sli.histogram.where, {le});
  return {StepDifference(count, context), TotalLess(StepDifference(good, context), context)};
}

}  // namespace

const SliKind kLatencyKind = {"latency", Read, Check, Plan};

}  // namespace fleet::rulegen
