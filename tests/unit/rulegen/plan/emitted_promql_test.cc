// Every expression that rulegen writes for the policy of this repository is parsed and linted as a policy's
// own is; and lint is as docs/promql.md says.
#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "lib/base/file_system.h"
#include "lib/promql/lint.h"
#include "lib/promql/parser.h"
#include "rulegen/emit/grafana/variables.h"
#include "rulegen/plan/plan.h"
#include "rulegen/policy/lint_promql.h"
#include "tests/support/paths.h"
#include "tests/unit/rulegen/plan/sample_policy.h"

namespace fleet::rulegen {
namespace {

struct Emitted {
  std::string where;
  std::string expr;
};

std::vector<Emitted> AllEmitted() {
  const Plan plan = MakePlan(PolicyOf(ReadFile(test::SourcePath("slo/policies.yaml")).value()));
  std::vector<Emitted> all;
  for (const RuleFile& file : plan.rule_files) {
    for (const RuleGroup& group : file.groups) {
      for (const Rule& rule : group.rules) all.push_back({rule.name, rule.expr});
    }
  }
  for (const grafana::Dashboard& page : plan.dashboards) {
    for (const grafana::Annotation& note : page.annotations) all.push_back({note.name, note.expr});
    for (const grafana::Panel& panel : page.panels) {
      for (const grafana::Target& target : panel.targets) all.push_back({panel.title, target.expr});
    }
  }
  return all;
}

// What is wrong with an expression, rendered; empty when nothing is.
std::string Wrong(const Emitted& emitted) {
  const SourceText source(emitted.where, grafana::WithoutVariables(emitted.expr));
  Diagnostics diagnostics(source);
  const promql::Parsed parsed = promql::Parse(source.text());
  for (const promql::Problem& problem : parsed.problems) {
    diagnostics.AddError(problem.span, "promql-invalid", problem.text);
  }
  const Vocabulary catalog("fleet", kDefaultScrapeInterval);
  if (parsed.ok()) LintPromql(parsed.tree, PromqlUse::kWhole, catalog, diagnostics);
  return diagnostics.Render();
}

TEST_CASE("nothing is wrong with the PromQL of rules and dashboards") {
  const std::vector<Emitted> all = AllEmitted();
  CHECK(all.size() > 500);
  for (const Emitted& each : all) CHECK(Wrong(each) == "");
}

TEST_CASE("the example of every check of lint has its finding, and docs/promql.md has its row") {
  const std::string page = ReadFile(test::SourcePath("docs/promql.md")).value();
  std::size_t at = 0;
  for (const promql::LintCheck& check : promql::LintChecks()) {
    INFO(check.id);
    const std::string_view severity = check.severity == Severity::kError ? "error" : "warning";
    const std::string found = Wrong({"x", std::string(check.example)});
    CHECK(found.find(fmt::format(" {}: ", severity)) != std::string::npos);
    CHECK(found.find(fmt::format("[{}]\n", check.id)) != std::string::npos);
    const std::string row =
        fmt::format("\n| `{}` | {} | {} | `{}` |\n", check.id, severity, check.what, check.example);
    INFO(row);
    const std::size_t place = page.find(row);
    REQUIRE(place != std::string::npos);
    CHECK(place >= at);  // in the order of the table
    at = place;
  }
  const std::string section = page.substr(page.find("\n## Lint\n"));
  const auto table = section.substr(0, section.find("\n## ", 1));
  std::size_t rows = 0;
  for (std::size_t i = table.find("\n| `"); i != std::string::npos; i = table.find("\n| `", i + 1)) ++rows;
  CHECK(rows == promql::LintChecks().size());
}

}  // namespace
}  // namespace fleet::rulegen
