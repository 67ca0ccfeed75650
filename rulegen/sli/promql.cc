// PromQL: events per second as two expressions, for what no other kind can say. Less exact than `events`:
// what is lost between two rates stays lost, and a new series' first count is never seen.
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

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
    CheckReads(expression->reads, vocabulary, diagnostics);
  }
}

// Rates need four scrapes to bridge one that failed; a step must not be longer than what they look at.
Expr Windowed(const Expression& expression, const BaseContext& context) {
  const std::string window = PrintDuration(std::max(context.timing.step, 4 * context.timing.scrape));
  std::string text = *expression.text;
  for (std::size_t at = text.find(kWindowVariable); at != std::string::npos;
       at = text.find(kWindowVariable, at)) {
    text.replace(at, kWindowVariable.size(), window);
  }
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return Aggregate("sum", context.by, {std::move(text)});
}

BasePair Plan(const Sli& kind, const BaseContext& context) {
  const auto& sli = std::get<PromqlSli>(kind);
  const Expr counted = Windowed(sli.counted, context);
  const Expr total = Windowed(sli.total, context);
  if (sli.counts_bad) return {total, ZeroFilled(counted, context)};
  return {total, Binary(TotalLess(counted, context), "or", context.recorded_total, Layout::kOwnLine,
                        On(context.by))};
}

}  // namespace

const SliKind kPromqlKind = {"promql", Read, Check, Plan};

}  // namespace fleet::rulegen
