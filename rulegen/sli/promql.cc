// PromQL: events per second as two expressions, for what no other kind can say. Less exact than `events`:
// what is lost between two rates stays lost, and a new series' first count is never seen.
#include <utility>

#include "rulegen/plan/promql_expr.h"
#include "rulegen/policy/check_query.h"
#include "rulegen/policy/read_promql.h"
#include "rulegen/sli/kinds.h"

namespace fleet::rulegen {
namespace {

Sli Read(const yaml::Node& node, Diagnostics& diagnostics) {
  yaml::MapReader map(node, "'promql'", diagnostics);
  PromqlSli sli;
  const auto read = [&](const yaml::Node* part, std::string_view name, Expression& expression) {
    if (part == nullptr) return;
    if (auto found = ReadWindowedExpression(*part, name, diagnostics)) expression = *std::move(found);
  };
  read(map.Require("total"), "total", sli.total);
  const yaml::Node* counted = RequireBadOrGood(map, "'promql'", sli.counts_bad);
  read(counted, sli.counts_bad ? "bad" : "good", sli.counted);
  map.Finish();
  return sli;
}

void Check(const Slo& slo, const Vocabulary& vocabulary, Diagnostics& diagnostics) {
  const auto& sli = std::get<PromqlSli>(slo.sli);
  for (const Expression* expression : {&sli.total, &sli.counted}) {
    CheckExpression(*expression, vocabulary, diagnostics);
    CheckOutputLabels(expression->tree, slo.by, vocabulary, diagnostics);
  }
}

BasePair Plan(const Sli& kind, const BaseContext& context) {
  const auto& sli = std::get<PromqlSli>(kind);
  const Duration window = context.timing.rate_window();
  const auto sum = [&](const Expression& e) { return Aggregate("sum", context.by, PromqlExpr(e, window)); };
  return PairOf(sum(sli.total), sum(sli.counted), sli.counts_bad, context);
}

}  // namespace

const SliKind kPromqlKind = {"promql", Read, Check, Plan};

}  // namespace fleet::rulegen
