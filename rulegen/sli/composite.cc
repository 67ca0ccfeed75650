// Composite: other SLOs of the policy together.
//
//   weighted   their events in one heap: whoever has most of them, counts most
//   minimum    each moment in which any of them had events is as bad as the worst of them
#include "lib/promql/regex.h"
#include "lib/yaml/reader.h"
#include "rulegen/policy/read_query.h"
#include "rulegen/sli/kinds.h"

namespace fleet::rulegen {
namespace {

constexpr yaml::EnumName<bool> kMethods[] = {{"weighted", false}, {"minimum", true}};

std::optional<bool> ReadMethod(const yaml::Node& node, std::string_view name, Diagnostics& diagnostics) {
  return yaml::ReadEnum(node, name, kMethods, diagnostics);
}

Sli Read(const yaml::Node& node, Diagnostics& diagnostics) {
  yaml::MapReader map(node, "'composite'", diagnostics);
  CompositeSli sli;
  if (const yaml::Node* slos = map.Require("slos")) sli.slos = yaml::ReadStrings(*slos, "slos", diagnostics);
  sli.takes_worst = map.Required("method", ReadMethod).value;
  map.Finish();
  return sli;
}

// What it refers to is checked in check_members.cc.
void Check(const Slo&, const Vocabulary&, Diagnostics&) {}

BasePair Plan(const Sli& kind, const BaseContext& context) {
  const auto& sli = std::get<CompositeSli>(kind);
  std::string ids;
  for (const Text& slo : sli.slos) {
    ids += (ids.empty() ? "" : "|") + promql::RegexLiteral(SloId(context.service, *slo));
  }
  // The newest record of another group, which may not be written yet without the offset.
  const auto newest = [&](std::string_view record) {
    const Expr series = Series(record, "slo_id=~" + Quoted(ids));
    return Call("avg_over_time", {Range(series, context.timing.step, kSettle)});
  };
  const Expr total = newest("slo:sli_total:rate");
  const Expr error = newest("slo:sli_error:rate");
  if (!sli.takes_worst) {
    // One whose errors are not known takes no part: its events alone would look healthy.
    return {Aggregate("sum", context.by, Binary(total, "and", error, Layout::kOwnLine)),
            Aggregate("sum", context.by, error)};
  }
  const Expr share = Binary(error, "/", Call("clamp_min", {total, {"1e-9"}}), Layout::kOwnLine);
  return {Binary(Aggregate("max", context.by, total), "> bool", Number(0)),
          Aggregate("max", context.by, share)};
}

}  // namespace

const SliKind kCompositeKind = {"composite", Read, Check, Plan};

}  // namespace fleet::rulegen
