#include "lib/promql/lint.h"

#include <catch2/catch.hpp>
#include <set>
#include <string>

#include "lib/promql/parser.h"
#include "tests/unit/lib/promql/small_vocabulary.h"

namespace fleet::promql {
namespace {

// "range-short 7-9: text (note)" for each, one a line.
std::string Findings(const std::string& expression, LintOptions options) {
  const Parsed parsed = Parse(expression);
  REQUIRE(parsed.ok());
  std::string text;
  for (const Diagnostic& each : Lint(parsed.tree, options)) {
    if (!text.empty()) text += "\n";
    text += each.check + " '" + expression.substr(each.span.begin, each.span.end - each.span.begin) +
            "': " + each.text;
    for (const std::string& note : each.notes) text += " (" + note + ")";
  }
  return text;
}

std::string Findings(std::string_view expression) {
  const SmallVocabulary vocabulary;
  return Findings(std::string(expression), {&vocabulary, 15, false});
}

struct LintCase {
  std::string_view expression;
  std::string_view want;  // the whole answer
};

constexpr LintCase kLintCases[] = {
    // rate-of-gauge
    {"rate(fleet_queue_depth[5m])",
     "rate-of-gauge 'rate(fleet_queue_depth[5m])': fleet_queue_depth is a gauge: rate() takes its falls for "
     "restarts (use delta() or deriv())"},
    {"resets((fleet_queue_depth[5m]))",
     "rate-of-gauge 'resets((fleet_queue_depth[5m]))': fleet_queue_depth is a gauge: resets() takes its "
     "falls "
     "for restarts (use changes())"},
    {"delta(fleet_queue_depth[5m])", ""},
    {"rate(others[5m])", ""},
    // delta-of-counter
    {"deriv(fleet_tasks_total[5m])",
     "delta-of-counter 'deriv(fleet_tasks_total[5m])': fleet_tasks_total is a counter: deriv() is wrong when "
     "it starts again (use increase() or rate())"},
    {"increase(fleet_tasks_total[5m])", ""},
    // counter-without-rate
    {"sum(fleet_tasks_total) / 2",
     "counter-without-rate 'fleet_tasks_total': fleet_tasks_total is a counter: its total says nothing "
     "without "
     "rate() or increase()"},
    {"max_over_time(fleet_tasks_total{outcome=\"a\"}[5m])",
     "counter-without-rate 'fleet_tasks_total': fleet_tasks_total is a counter: its total says nothing "
     "without "
     "rate() or increase()"},
    {"{__name__=\"fleet_tasks_total\"}",
     "counter-without-rate '{__name__=\"fleet_tasks_total\"}': fleet_tasks_total is a counter: its total "
     "says "
     "nothing without rate() or increase()"},
    {"fleet_tasks_total unless others",
     "counter-without-rate 'fleet_tasks_total': fleet_tasks_total is a counter: its total says nothing "
     "without "
     "rate() or increase()"},
    {"others unless fleet_tasks_total", ""},
    {"absent(fleet_tasks_total)", ""},
    {"count by (outcome) (fleet_tasks_total)", ""},
    {"increase(sum(fleet_tasks_total)[5m:1m])", ""},
    {"others_total", ""},
    {"last_over_time(fleet_tasks_total[5m]) - fleet_tasks_total offset 5m >= 0", ""},
    {"fleet_tasks_total < (fleet_tasks_total offset 5m)", ""},
    {"fleet_tasks_total + 0 - others",
     "counter-without-rate 'fleet_tasks_total': fleet_tasks_total is a counter: its total says nothing "
     "without "
     "rate() or increase()"},
    {"fleet_work_seconds_count > fleet_tasks_total offset 5m",
     "counter-without-rate 'fleet_work_seconds_count': fleet_work_seconds_count is a counter: its total says "
     "nothing without rate() or increase()\n"
     "counter-without-rate 'fleet_tasks_total': fleet_tasks_total is a counter: its total says nothing "
     "without "
     "rate() or increase()"},
    // label-lost
    {"sum by (a) (sum by (b) (x))",
     "label-lost 'a': no series has a label 'a' here (labels that can be here: only b)"},
    {"sum by (que) (fleet_queue_depth)",
     "label-lost 'que': no series has a label 'que' here (labels that can be here: only job, priority, "
     "queue)"},
    {"sum by (a) (sum without (a) (x))",
     "label-lost 'a': no series has a label 'a' here (labels that can be here: any but a)"},
    {"x / on (a) sum(y)", "label-lost 'a': no series has a label 'a' here (labels that can be here: none)"},
    {"sum(x) / on (a) y", "label-lost 'a': no series has a label 'a' here (labels that can be here: none)"},
    {"x * on (a) group_left (b) sum by (a) (y)",
     "label-lost 'b': no series has a label 'b' here (labels that can be here: only a)"},
    {"sum by (a) (y) * on (a) group_right (b) x",
     "label-lost 'b': no series has a label 'b' here (labels that can be here: only a)"},
    {"label_replace(sum by (a) (x), \"c\", \"$1\", \"b\", \"(.+)\")",
     "label-lost '\"b\"': no series has a label 'b' here (labels that can be here: only a)"},
    {"label_join(sum by (a) (x), \"c\", \"\", \"a\", \"b\")",
     "label-lost '\"b\"': no series has a label 'b' here (labels that can be here: only a)"},
    {"label_replace(sum(x), \"c\", \"d\", \"\", \"\")", ""},
    {"sum without (a) (sum without (a) (x))", ""},
    {"sum by (a, b) (sum without (c) (x))", ""},
    // le-lost
    {"histogram_quantile(0.9, sum by (job) (rate(x_bucket[5m])))",
     "le-lost 'sum by (job) (rate(x_bucket[5m]))': histogram_quantile() finds no buckets: the label 'le' is "
     "aggregated away (keep it, as in sum by (le) (...))"},
    {"histogram_quantile(0.9, sum(rate(x[5m])))", ""},
    {"histogram_quantile(0.9, sum by (le) (rate(x_bucket[5m])))", ""},
    {"histogram_quantile(0.9, rate(x_bucket[5m]))", ""},
    // comparison-constant
    {"1 > bool 2", "comparison-constant '>': '>' is never true here"},
    {"1 < bool 2", "comparison-constant '<': '<' is always true here"},
    {"x > x", "comparison-constant '>': '>' is never true here"},
    {"x{a=\"1\",b=\"2\"} >= (x{b=\"2\",a=\"1\"})", "comparison-constant '>=': '>=' is always true here"},
    {"x == x", "comparison-constant '==': '==' is always true here"},
    {"x != x", "comparison-constant '!=': '!=' is never true here"},
    {"x > x offset 5m", ""},
    {"count(x) == 0", "comparison-constant '==': '==' is never true here"},
    {"count(x) != 0", "comparison-constant '!=': '!=' is always true here"},
    {"0 > count(x)", "comparison-constant '>': '>' is never true here"},
    {"count(x) <= 0", "comparison-constant '<=': '<=' is never true here"},
    {"count(x) > 1", ""},
    {"count(x) >= 1", "comparison-constant '>=': '>=' is always true here"},
    {"hour() > 23", "comparison-constant '>': '>' is never true here"},
    {"hour() >= 23", ""},
    {"hour() < 24", "comparison-constant '<': '<' is always true here"},
    {"-abs(x) > 0", "comparison-constant '>': '>' is never true here"},
    {"-abs(x) < 0", ""},
    {"(x > bool 1) > vector(1)", "comparison-constant '>': '>' is never true here"},
    {"x > bool NaN", ""},
    {"vector(1) == 1", "comparison-constant '==': '==' is always true here"},
    // range-short
    {"rate(x[59s])", "range-short '59s': rate() over 59s is empty when a scrape fails: four scrapes take 1m"},
    {"rate(x[1m])", ""},
    {"rate(a:b[30s])", ""},
    {"max_over_time(x[30s])", ""},
    {"rate(x[30s:10s])", ""},
    {"rate(x[step()])", ""},
    // regex-any
    {"x{a=~\".*\"}", "regex-any 'a=~\".*\"': this pattern matches every 'a', and series without one"},
    {"x{a=~\"^(?:.*)$\"}",
     "regex-any 'a=~\"^(?:.*)$\"': this pattern matches every 'a', and series without one"},
    {"x{a=~\"b|.*\"}", "regex-any 'a=~\"b|.*\"': this pattern matches every 'a', and series without one"},
    {"x{a!~\"(.*)\"}", "regex-any 'a!~\"(.*)\"': no series has a 'a' that this pattern does not match"},
    {"x{a=~\".+\"}", ""},
    {"x{a=~\"b.*\"}", ""},
    {"x{a=~\"[|.*|]\"}", ""},
    {"x{a=~\".*\\\\$\"}", ""},
    {"x{a=\".*\"}", ""},
    // metric-unknown, metric-misspelt, label-unknown
    {"fleet_queue_dept",
     "metric-unknown 'fleet_queue_dept': no metric 'fleet_queue_dept' in the catalog (did you mean "
     "'fleet_queue_depth'?)"},
    {"fleet_else{a=\"b\"}", "metric-unknown 'fleet_else': no metric 'fleet_else' in the catalog"},
    {"fleetqueue_depth",
     "metric-misspelt 'fleetqueue_depth': the catalog has no metric 'fleetqueue_depth', but one that is "
     "called "
     "nearly so (did you mean 'fleet_queue_depth'?)"},
    {"queue_depth", ""},
    {"fleet_queue_depth{queu=\"a\"}",
     "label-unknown 'queu=\"a\"': fleet_queue_depth has no label 'queu' (did you mean 'queue'?)"},
    {"fleet_queue_depth{zone=\"a\"}",
     "label-unknown 'zone=\"a\"': fleet_queue_depth has no label 'zone' (it has: queue, priority, job)"},
    // matching-impossible
    {"fleet_queue_depth / sum(fleet_queue_depth)",
     "matching-impossible '/': '/' finds no pair of series: the right side has no label 'job', which the "
     "other "
     "always has"},
    {"sum(x) / y{a=\"1\"}",
     "matching-impossible '/': '/' finds no pair of series: the left side has no label 'a', which the other "
     "always has"},
    {"x{a=\"1\"} and y{a=\"2\"}",
     "matching-impossible 'and': 'and' finds no pair of series: label 'a' is \"1\" on one side and \"2\" on "
     "the "
     "other"},
    {"x{a=\"1\"} / on (a) sum(y)",
     "matching-impossible '/': '/' finds no pair of series: the right side has no label 'a', which the other "
     "always has"},
    {"x{a=\"1\"} / ignoring (a) y{a=\"2\"}", ""},
    {"x{a=\"1\"} or y{a=\"2\"}", ""},
    {"x{a=\"1\"} / y", ""},
    {"fleet_queue_depth / on () group_left sum(fleet_queue_depth)", ""},
    // matching-ambiguous
    {"rate(fleet_work_seconds_bucket[5m]) / ignoring (le) rate(fleet_work_seconds_count[5m])",
     "matching-ambiguous '/': '/' fails: on the left side several series differ only in 'le', which is not "
     "matched on"},
    {"sum(x) / on () group_left rate(fleet_work_seconds_bucket[5m])",
     "matching-ambiguous '/': '/' fails: on the right side several series differ only in 'le', which is not "
     "matched on"},
    {"rate(fleet_work_seconds_bucket[5m]) / ignoring (le) group_left rate(fleet_work_seconds_count[5m])", ""},
    {"rate(fleet_work_seconds_bucket{le=\"1\"}[5m]) / ignoring (le) rate(fleet_work_seconds_count[5m])", ""},
    {"x and on () rate(fleet_work_seconds_bucket[5m])", ""},
    // several, by place
    {"rate(fleet_queue_depth{queue=~\".*\"}[30s]) > rate(fleet_tasks_total[1s])",
     "rate-of-gauge 'rate(fleet_queue_depth{queue=~\".*\"}[30s])': fleet_queue_depth is a gauge: rate() "
     "takes "
     "its falls for restarts (use delta() or deriv())\n"
     "regex-any 'queue=~\".*\"': this pattern matches every 'queue', and series without one\n"
     "range-short '30s': rate() over 30s is empty when a scrape fails: four scrapes take 1m\n"
     "range-short '1s': rate() over 1s is empty when a scrape fails: four scrapes take 1m"},
};

TEST_CASE("lint finds what is wrong, where, and nothing else") {
  for (const LintCase& each : kLintCases) {
    INFO(each.expression);
    CHECK(Findings(each.expression) == each.want);
  }
}

TEST_CASE("without a catalog and an interval, lint says only what the expression itself tells") {
  CHECK(Findings("fleet_queue_dept + rate(fleet_queue_depth{a=\"b\"}[1s])", {}) == "");
  CHECK(Findings("count(fleet_queue_depth) == 0", {}) != "");
}

TEST_CASE("a selector that gets its functions later needs no rate") {
  const SmallVocabulary vocabulary;
  CHECK(Findings("fleet_tasks_total", {&vocabulary, 15, true}) == "");
}

TEST_CASE("every check of lint is found by a case, and has an id of its own") {
  std::set<std::string_view> ids;
  for (const LintCheck& check : LintChecks()) {
    INFO(check.id);
    CHECK(ids.insert(check.id).second);
    bool is_found = false;
    for (const LintCase& each : kLintCases) is_found |= each.want.starts_with(std::string(check.id) + " '");
    CHECK(is_found);
  }
}

TEST_CASE("a chain of ten thousand operators is linted") {
  std::string chain = "fleet_tasks_total";
  for (int i = 0; i < 10'000; ++i) chain += " + fleet_tasks_total";
  const SmallVocabulary vocabulary;
  const Parsed parsed = Parse(chain);
  CHECK(Lint(parsed.tree, {&vocabulary, 15, false}).size() == 10'001);
}

}  // namespace
}  // namespace fleet::promql
