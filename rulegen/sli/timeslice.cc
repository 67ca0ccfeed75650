// Timeslice: of the minutes of another SLO that had events, those are bad in which too many events were.
#include "lib/yaml/reader.h"
#include "rulegen/plan/slo_series.h"
#include "rulegen/policy/read_parts.h"
#include "rulegen/policy/read_query.h"
#include "rulegen/sli/kinds.h"

namespace fleet::rulegen {
namespace {

constexpr Duration kSlice = std::chrono::minutes(1);

Sli Read(const yaml::Node& node, Diagnostics& diagnostics) {
  yaml::MapReader map(node, "'timeslice'", diagnostics);
  TimesliceSli sli;
  sli.slo = map.Required("slo", yaml::ReadString);
  sli.at_most = map.Required("at_most", ReadShare, Decimal());
  map.Finish();
  return sli;
}

// What it refers to is checked in check_members.cc.
void Check(const Slo&, const Vocabulary&, Diagnostics&) {}

// The minute that ends at every evaluation. The records are another group's, so they are read with an
// offset, which also takes the range off their grid.
BasePair Plan(const Sli& kind, const BaseContext& context) {
  const auto& sli = std::get<TimesliceSli>(kind);
  const auto events = [&](std::string_view record) {
    const Expr series = Series(record, Matcher("slo_id", SloId(context.service, *sli.slo)));
    return Aggregate("sum", context.by, Call("sum_over_time", {Range(series, kSlice, kSettle)}));
  };
  const Expr total = events(kTotalRate);
  const Expr share = Binary(events(kErrorRate), "/", Call("clamp_min", {total, {"1e-9"}}));
  return {Binary(total, "> bool", Number(0)), Binary(share, "> bool", Number(*sli.at_most))};
}

}  // namespace

const SliKind kTimesliceKind = {"timeslice", Read, Check, Plan};

}  // namespace fleet::rulegen
