// Types and rules that hold between nodes; the part of Parse (parser.h) that looks at the whole tree.
#pragma once

#include <vector>

#include "lib/promql/ast.h"
#include "lib/promql/parser.h"

namespace fleet::promql {

// Sets the type of every node. REQUIRES: children stand before their parents. Vector matching that means
// nothing, `on ()` beside a scalar, is dropped.
void CheckTypes(Tree& tree, std::vector<Problem>& problems);

// True where a series without the label would do.
bool MatchesEmpty(const Matcher& matcher);

}  // namespace fleet::promql
