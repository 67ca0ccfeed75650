#include "rulegen/policy/lint_promql.h"

#include "lib/promql/lint.h"
#include "rulegen/policy/promql_vocabulary.h"

namespace fleet::rulegen {

void LintPromql(const promql::Tree& tree, PromqlUse use, const Vocabulary& vocabulary,
                Diagnostics& diagnostics) {
  if (tree.root == promql::kNoNode) return;
  const PromqlVocabulary known(vocabulary);
  const double interval = std::chrono::duration<double>(vocabulary.scrape_interval()).count();
  const promql::LintOptions options{&known, interval, use == PromqlUse::kOperand};
  for (const Diagnostic& found : promql::Lint(tree, options)) {
    Diagnostic& diagnostic = found.severity == Severity::kError
                                 ? diagnostics.AddError(found.span, found.check, found.text)
                                 : diagnostics.AddWarning(found.span, found.check, found.text);
    diagnostic.notes = found.notes;
  }
}

}  // namespace fleet::rulegen
