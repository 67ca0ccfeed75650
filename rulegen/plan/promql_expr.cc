#include "rulegen/plan/promql_expr.h"

#include <variant>

#include "lib/promql/parser.h"
#include "lib/promql/rewrite.h"

namespace fleet::rulegen {

Expr PromqlExpr(const Expression& expression, Duration window) {
  const promql::Tree tree = promql::Parse(WithWindow(*expression.text, PrintDuration(window))).tree;
  const bool is_operation = std::holds_alternative<promql::Binary>(tree[tree.root].data);
  return {promql::PrintForPrometheus2(tree), is_operation ? Binding::kOr : Binding::kAtom};
}

}  // namespace fleet::rulegen
