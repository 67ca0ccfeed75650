// A policy's PromQL as a part of the rules: in canonical form, since a comment at its end would swallow what
// the rules put behind it.
#pragma once

#include "rulegen/plan/expr.h"

namespace fleet::rulegen {

// REQUIRES: the reader took the expression. `window` stands for $window, which alerts do not have.
Expr PromqlExpr(const Expression& expression, Duration window = {});

}  // namespace fleet::rulegen
