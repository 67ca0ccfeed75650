// Latency of a histogram that Prometheus stores as a native one.
//
// Histograms have no readings that could be compared, so this is the one kind whose events are rates:
// over a step and as many scrapes as it takes to see every increment once, weighed alike (rate() over a
// window that is a whole number of steps and one scrape). It extrapolates, as rate() does.
#include "lib/yaml/reader.h"
#include "rulegen/policy/check_query.h"
#include "rulegen/policy/read_query.h"
#include "rulegen/sli/kinds.h"

namespace fleet::rulegen {
namespace {

Sli Read(const yaml::Node& node, Diagnostics& diagnostics) {
  yaml::MapReader map(node, "'native_latency'", diagnostics);
  NativeLatencySli sli;
  sli.histogram = ReadSelectorKeys(map);
  sli.below = map.Required("below", ReadWindow);
  map.Finish();
  return sli;
}

void Check(const Slo& slo, const Vocabulary& vocabulary, Diagnostics& diagnostics) {
  CheckLatencyHistogram(std::get<NativeLatencySli>(slo.sli).histogram, slo, vocabulary, diagnostics);
}

BasePair Plan(const Sli& kind, const BaseContext& context) {
  const auto& sli = std::get<NativeLatencySli>(kind);
  const Timing& timing = context.timing;
  const auto steps = (2 * timing.scrape + timing.step - Duration(1)) / timing.step;
  const Expr series = Series(*sli.histogram.metric, sli.histogram.where);
  const Expr rate = Aggregate("sum", context.by,
                              Call("rate", {Range(series, timing.scrape + steps * timing.step, kSettle)}));
  const Expr count = Call("histogram_count", {rate});
  const Expr fast = Call("histogram_fraction", {Number(0), Number(Decimal(sli.below->count(), 3)), rate});
  // Without observations the share is NaN, which `>= 0` drops; what is missing then is filled with 0.
  const Expr slow =
      Binary(Binary(Binary(Number(1), "-", fast), "*", count, Layout::kOwnLine), ">=", Number(0));
  return {Binary(count, ">=", Number(0)), ZeroFilled(slow, context)};
}

}  // namespace

const SliKind kNativeLatencyKind = {"native_latency", Read, Check, Plan};

}  // namespace fleet::rulegen
