// The checks of lint.h by what they look at. For lint*.cc only.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lib/promql/labels.h"
#include "lib/promql/lint.h"

namespace fleet::promql {

struct LintContext {
  const Tree& tree;
  const LintOptions& options;
  std::vector<bool> height_matters;  // of a counter at this node: nothing above it takes a rate
  std::vector<Diagnostic> found;

  // `id` is a row of LintChecks.
  Diagnostic& Report(std::string_view id, Span span, std::string text);
};

// lint_labels.cc: `sets` are those of the children of `id`.
void LintLabels(LintContext& context, NodeId id, const std::vector<LabelSet>& sets);

// lint_values.cc
void LintComparisons(LintContext& context);

}  // namespace fleet::promql
