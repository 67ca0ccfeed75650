#include <iostream>

#include "lib/base/diagnostics.h"
#include "lib/promql/parser.h"
#include "lib/promql/print.h"
#include "lib/promql/visit.h"
#include "rulegen/commands/commands.h"
#include "rulegen/emit/promql_json.h"
#include "rulegen/policy/lint_promql.h"
#include "rulegen/policy/policy.h"

namespace fleet::rulegen {
namespace {

// One line for each node: what it is, its type, indented below its parent.
void PrintTree(const promql::Tree& tree, std::ostream& out) {
  std::vector<std::size_t> depths(tree.nodes.size(), 0);
  promql::Visit(tree, [&](promql::NodeId id, const promql::Node& node, promql::NodeId parent) {
    if (parent != promql::kNoNode) depths[id] = depths[parent] + 1;
    out << std::string(2 * depths[id], ' ') << promql::PrintShort(tree, id) << "  : "
        << promql::Name(node.type) << "\n";
  });
}

// What Prometheus refuses and, where it refuses nothing, what lint finds.
bool ShowProblems(const std::string& expression, const promql::Parsed& parsed, std::ostream& err) {
  const SourceText source("expression", expression);
  Diagnostics diagnostics(source);
  for (const promql::Problem& problem : parsed.problems) {
    diagnostics.AddError(problem.span, "promql-invalid", problem.text);
  }
  if (parsed.ok()) {
    const Vocabulary catalog(kDefaultNamespace, kDefaultScrapeInterval);
    LintPromql(parsed.tree, PromqlUse::kWhole, catalog, diagnostics);
  }
  err << diagnostics.Render();
  return diagnostics.has_errors();
}

}  // namespace

ExitCode RunPromql(const Options& options, std::ostream& out, std::ostream& err) {
  if (options.expression.empty()) {
    if (options.tree) {
      err << "rulegen: error: --tree needs an expression, try --help\n";
      return kWorldError;
    }
    FilterPromql(std::cin, out);
    return kSuccess;
  }
  const promql::Parsed parsed = promql::Parse(options.expression);
  const bool has_errors = ShowProblems(options.expression, parsed, err);
  if (!parsed.ok()) return kUserError;
  out << promql::Print(parsed.tree) << "\n";
  if (options.tree) {
    PrintTree(parsed.tree, out);
  } else {
    out << promql::Name(parsed.tree.type()) << "\n";
  }
  return has_errors ? kUserError : kSuccess;
}

}  // namespace fleet::rulegen
