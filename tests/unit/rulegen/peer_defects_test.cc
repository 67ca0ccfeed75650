// What other generators of SLO rules get wrong, one test for each defect that was found in them. Those that
// only show over time are tests/promtool/defect-*.test.yml; here is what their rules must look like.
#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "rulegen/emit/outputs.h"
#include "rulegen/plan/plan.h"
#include "rulegen/policy/checks.h"
#include "rulegen/policy/reader.h"
#include "tests/unit/rulegen/plan/sample_policy.h"

namespace fleet::rulegen {
namespace {

constexpr char kHead[] = R"(version: 1
service: shop
runbook_url: https://example.org/{runbook}
dashboard_url: https://grafana.example.org/d/{uid}
)";

// One SLO with these keys beside its name.
std::string WithSlo(const std::string& keys) {
  return std::string(kHead) + "slos:\n  - name: availability\n    runbook: r\n" + keys;
}

constexpr char kEvents[] = R"(    sli:
      events:
        total: {metric: fleet_http_requests_total}
        bad: {where: {code: {matches: "5.."}}}
)";

struct Checked {
  Policy policy;
  std::vector<std::string> ids;  // of what is wrong with it, each once
};

Checked Check(const std::string& text) {
  const SourceText source("policies.yaml", text);
  Diagnostics diagnostics(source);
  Checked checked{ReadPolicy(source, diagnostics), {}};
  CheckPolicy(checked.policy, diagnostics);
  for (const Diagnostic& diagnostic : diagnostics.all()) {
    if (std::ranges::find(checked.ids, diagnostic.check) == checked.ids.end())
      checked.ids.push_back(diagnostic.check);
  }
  return checked;
}

std::vector<std::string> IdsOf(const std::string& text) { return Check(text).ids; }

using Ids = std::vector<std::string>;

std::vector<Rule> RulesOf(const Policy& policy) {
  std::vector<Rule> rules;
  for (const RuleFile& file : MakePlan(policy).rule_files) {
    for (const RuleGroup& group : file.groups)
      rules.insert(rules.end(), group.rules.begin(), group.rules.end());
  }
  return rules;
}

const Rule& RuleNamed(const std::vector<Rule>& rules, const std::string& name) {
  const auto found = std::ranges::find(rules, name, &Rule::name);
  REQUIRE(found != rules.end());
  return *found;
}

std::size_t Count(std::string_view text, std::string_view part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

TEST_CASE("peer defect 1, SLOs lost in a second document: a file is one document with every rule") {
  const Policy policy = Check(kSamplePolicy).policy;
  const std::vector<Rule> rules = RulesOf(policy);
  std::size_t written = 0;
  for (const Output& output : RenderAll(policy, MakePlan(policy), {"slo/policies.yaml", policy.hash})) {
    if (!output.path.starts_with("alerts/")) continue;
    CHECK(Count("\n" + output.bytes, "\n---") == 0);
    CHECK(Count("\n" + output.bytes, "\ngroups:") == 1);
    written += Count(output.bytes, "\n      - record: ") + Count(output.bytes, "\n      - alert: ");
  }
  CHECK(written == rules.size());
  CHECK(written > 100);
}

TEST_CASE("peer defect 2, NaN when idle: every quotient of events has a divisor that is never 0") {
  const std::vector<Rule> rules =
      RulesOf(Check(WithSlo("    objective: 99.9\n" + std::string(kEvents))).policy);
  std::size_t ratios = 0;
  for (const Rule& rule : rules) {
    if (!rule.name.starts_with("slo:sli_error:ratio_rate")) continue;
    ++ratios;
    CHECK(Count(rule.expr, "\n/\nclamp_min(") == 1);
    CHECK(Count(rule.expr, ", 1e-9)") == 1);
  }
  CHECK(ratios == 8);  // 5m 30m 1h 2h 6h 1d 3d 30d
}

TEST_CASE("peer defect 3, no SLI before the first error: errors are filled with zeros from the total") {
  const std::vector<Rule> rules =
      RulesOf(Check(WithSlo("    objective: 99.9\n" + std::string(kEvents))).policy);
  CHECK(RuleNamed(rules, "slo:sli_error:rate")
            .expr.ends_with("\nor on ()\n0 * slo:sli_total:rate{slo_id=\"shop/availability\"}"));
}

TEST_CASE("peer defect 4, alerts that can never fire: they are an error, to the last digit") {
  CHECK(IdsOf(WithSlo("    objective: 90\n" + std::string(kEvents))) == Ids{"burn-rate-unreachable"});
  CHECK(IdsOf(WithSlo("    objective: 93.05555555\n" + std::string(kEvents))) ==
        Ids{"burn-rate-unreachable"});
  CHECK(IdsOf(WithSlo("    objective: 93.05555556\n" + std::string(kEvents))).empty());
  CHECK(IdsOf(WithSlo("    objective: 90\n    burn_rates: [page-slow]\n" + std::string(kEvents))).empty());
}

TEST_CASE("peer defect 5, a page that ends after 30 minutes: each pair of windows is an alert of its own") {
  const std::vector<Rule> rules =
      RulesOf(Check(WithSlo("    objective: 99.9\n" + std::string(kEvents))).policy);
  const std::string& fast = RuleNamed(rules, "FastBurnRateHigh").expr;
  CHECK(Count(fast, "ratio_rate1h{") == 1);
  CHECK(Count(fast, "ratio_rate5m{") == 1);
  CHECK(Count(fast, "ratio_rate") == 2);
  CHECK(Count(fast, " or ") == 0);
}

TEST_CASE("peer defect 6, an objective of 100 or 0: it is an error") {
  CHECK(IdsOf(WithSlo("    objective: 100\n" + std::string(kEvents))) == Ids{"objective-range"});
  CHECK(IdsOf(WithSlo("    objective: 0\n" + std::string(kEvents))) == Ids{"objective-range"});
}

// The function whose argument begins before `at`, empty outside of calls.
std::string_view FunctionAround(std::string_view expr, std::size_t at) {
  int depth = 0;
  std::size_t open = at;
  while (open > 0 && !(expr[open - 1] == '(' && depth == 0)) {
    --open;
    if (expr[open] == ')') ++depth;
    if (expr[open] == '(') --depth;
  }
  if (open == 0) return {};
  std::size_t begin = open - 1;
  while (begin > 0 &&
         (std::isalnum(static_cast<unsigned char>(expr[begin - 1])) != 0 || expr[begin - 1] == '_'))
    --begin;
  return expr.substr(begin, open - 1 - begin);
}

TEST_CASE("peer defect 7, a panel that sums a range: ranges stand only in functions that take one") {
  std::size_t ranges = 0;
  for (const grafana::Dashboard& dashboard : MakePlan(Check(kSamplePolicy).policy).dashboards) {
    for (const grafana::Panel& panel : dashboard.panels) {
      for (const grafana::Target& target : panel.targets) {
        for (std::size_t at = target.expr.find('['); at != std::string::npos;
             at = target.expr.find('[', at + 1)) {
          ++ranges;
          const std::string_view function = FunctionAround(target.expr, at);
          INFO(target.expr);
          CHECK((function.ends_with("_over_time") || function == "rate" || function == "increase" ||
                 function == "changes" || function == "resets"));
        }
      }
    }
  }
  CHECK(ranges >= 10);
}

TEST_CASE("peer defect 8, a second document and a success selector that total lacks: both are errors") {
  const std::string text = WithSlo("    objective: 99.9\n" + std::string(kEvents));
  CHECK(IdsOf(text + "---\n" + text) == Ids{"yaml-documents"});
  CHECK(IdsOf(WithSlo(R"(    objective: 99.9
    sli:
      events:
        total: {metric: fleet_http_requests_total, where: {code: {matches: "2.."}}}
        good: {metric: fleet_http_requests_total, where: {code: {matches: "5.."}}}
)")) == Ids{"selector-subset"});
}

TEST_CASE("peer defect 9, a month written as a minute and an operator on a ratio: both are errors") {
  CHECK(IdsOf(WithSlo("    objective: 99.9\n    period: 1m\n" + std::string(kEvents))) ==
        Ids{"period-range"});
  CHECK(IdsOf(WithSlo("    objective: 99.9\n" + std::string(kEvents) + "        op: lte\n")) ==
        Ids{"key-unknown"});
}

TEST_CASE("peer defect 10, misspelt keys ignored in silence: every key is known or an error") {
  CHECK(IdsOf(WithSlo("    objective: 99.9\n    pageAlert: {}\n" + std::string(kEvents))) ==
        Ids{"key-unknown"});
  CHECK(IdsOf(WithSlo("    objective: 99.9\n    labels: {disable: {a: b}}\n" + std::string(kEvents))) ==
        Ids{"value-type"});
}

TEST_CASE(
    "peer defect 11, a changed label blanks the budget: labels are on alerts and the info series alone") {
  const auto rules = [](const char* team) {
    return RulesOf(
        Check(WithSlo(fmt::format("    objective: 99.9\n    labels: {{team: {}}}\n{}", team, kEvents)))
            .policy);
  };
  const std::vector<Rule> before = rules("platform");
  const std::vector<Rule> after = rules("search");
  REQUIRE(before.size() == after.size());
  for (std::size_t i = 0; i < before.size(); ++i) {
    INFO(before[i].name);
    CHECK(before[i].expr == after[i].expr);
    const bool may_differ = before[i].is_alert || before[i].name == "slo_info";
    CHECK((before[i].labels == after[i].labels) == !may_differ);
  }
}

TEST_CASE("peer defect 12, labels that Prometheus refuses: they are an error") {
  CHECK(IdsOf(WithSlo("    objective: 99.9\n    labels: {plug-l1: x}\n" + std::string(kEvents))) ==
        Ids{"label-name-invalid"});
}

TEST_CASE("peer defect 13, two SLOs with one id: the parts are joined by what neither may contain") {
  CHECK(SloId("a-b", "c") == "a-b/c");
  CHECK(SloId("a", "b-c") == "a/b-c");
  CHECK(IdsOf(std::string(kHead) + "slos:\n  - name: a/b\n    runbook: r\n    objective: 99.9\n" + kEvents) ==
        Ids{"name-invalid"});
}

}  // namespace
}  // namespace fleet::rulegen
