// lib/promql's lint on the PromQL of a policy.
#pragma once

#include "lib/base/diagnostics.h"
#include "lib/promql/ast.h"
#include "rulegen/policy/vocabulary.h"

namespace fleet::rulegen {

// kOperand: a selector that the rules put functions around.
enum class PromqlUse { kWhole, kOperand };

// An empty tree, of what could not be read, is silent. Its places are those of the diagnostics' text.
void LintPromql(const promql::Tree& tree, PromqlUse use, const Vocabulary& vocabulary,
                Diagnostics& diagnostics);

}  // namespace fleet::rulegen
