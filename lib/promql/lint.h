// What Prometheus accepts and is a mistake all the same. Each check is a row: id, severity, what it finds.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "lib/base/diagnostics.h"
#include "lib/promql/ast.h"
#include "lib/promql/vocabulary.h"

namespace fleet::promql {

struct LintCheck {
  std::string_view id;
  Severity severity = Severity::kWarning;
  std::string_view what;     // for docs/promql.md
  std::string_view example;  // has this finding, with the catalog where it takes one
};

// In the order of docs/promql.md.
std::span<const LintCheck> LintChecks();

struct LintOptions {
  const Vocabulary* vocabulary = nullptr;  // null: nothing is known of any metric
  double scrape_interval = 0;              // in seconds; 0: not known
  // A selector that others put functions around: it needs no rate.
  bool is_operand = false;
};

// Sorted by place. REQUIRES: Parse returned the tree without problems.
std::vector<Diagnostic> Lint(const Tree& tree, const LintOptions& options);

}  // namespace fleet::promql
