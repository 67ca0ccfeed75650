#include "lib/promql/labels.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "lib/base/text.h"
#include "lib/promql/parser.h"
#include "tests/unit/lib/promql/small_vocabulary.h"

namespace fleet::promql {
namespace {

// "only a, b; always a=1, b", where a is always 1. Whether there is a name stands in front.
std::string Known(const std::string& expression) {
  const Parsed parsed = Parse(expression);
  REQUIRE(parsed.ok());
  const SmallVocabulary vocabulary;
  const LabelSet labels = OutputLabels(parsed.tree, &vocabulary);
  std::vector<std::string> always;
  for (const auto& [name, value] : labels.sure) {
    if (name != kNameLabel) always.push_back(value ? name + "=" + *value : name);
  }
  std::string text = labels.may_have(std::string(kNameLabel)) ? "named, " : "";
  text += Describe(labels);
  if (!always.empty()) text += "; always " + Join(always, ", ");
  for (const std::string& label : labels.spread) text += "; many " + label;
  return text;
}

struct LabelsCase {
  std::string_view expression;
  std::string_view want;
};

constexpr LabelsCase kLabelsCases[] = {
    // selectors
    {"x", "named, any"},
    {"x{a=\"1\"}", "named, any; always a=1"},
    {"x{a=\"\"}", "named, any but a"},
    {"x{a!=\"\"}", "named, any; always a"},
    {"x{a!=\"1\"}", "named, any"},
    {"x{a=~\".+\"}", "named, any; always a"},
    {"x{a=~\"b|c\", d=~\"e|\"}", "named, any; always a"},
    {"x{a!~\".*\"}", "named, any; always a"},
    {"x[5m]", "named, any"},
    {"fleet_queue_depth", "named, only job, priority, queue; always job"},
    {"fleet_queue_depth{queue=\"a\"}", "named, only job, priority, queue; always job, queue=a"},
    {"fleet_queue_depth{queue=\"\"}", "named, only job, priority; always job"},
    {"fleet_work_seconds_bucket", "named, only job, kind, le; always job; many le"},
    {"fleet_work_seconds_bucket{le=\"1\"}", "named, only job, kind, le; always job, le=1"},
    {"{__name__=\"fleet_queue_depth\"}", "named, only job, priority, queue; always job"},
    {"{__name__=~\"fleet_queue_depth\"}", "named, any"},
    // what has none
    {"1", "none"},
    {"\"a\"", "none"},
    {"time()", "none"},
    {"vector(1)", "none"},
    {"scalar(x)", "none"},
    {"hour()", "none"},
    // functions
    {"rate(x{a=\"1\"}[5m])", "any; always a=1"},
    {"last_over_time(x[5m])", "named, any"},
    {"sort(x)", "named, any"},
    {"abs(x)", "any"},
    {"hour(x)", "any"},
    {"quantile_over_time(0.5, x{a=\"1\"}[5m])", "any; always a=1"},
    {"rate(x[5m:1m])", "any"},
    {"-x", "any"},
    {"+x", "named, any"},
    {"(x)", "named, any"},
    {"histogram_quantile(0.9, x)", "any but le"},
    {"histogram_quantile(0.9, rate(fleet_work_seconds_bucket[5m]))", "only job, kind; always job"},
    {"histogram_count(x)", "any"},
    {"absent(x)", "none"},
    {"absent(x{a=\"1\", b=~\"2\", c=\"\"})", "only a; always a=1"},
    {"absent(x{a=\"1\", a=\"2\"})", "none"},
    {"absent(sum(x))", "none"},
    {"absent_over_time(x{a=\"1\"}[5m])", "only a; always a=1"},
    // label_replace, label_join
    {"label_replace(sum(x), \"a\", \"b\", \"\", \"\")", "only a; always a=b"},
    {"label_replace(sum(x), \"a\", \"b\", \"c\", \"d\")", "only a"},
    {"label_replace(sum by (c) (x), \"a\", \"$1\", \"c\", \"(.*)\")", "only a, c"},
    {"label_replace(x{a=\"1\"}, \"a\", \"b\", \"c\", \"d\")", "named, any; always a"},
    {"label_replace(x{a=\"1\"}, \"a\", \"b\", \"c\", \".*\")", "named, any; always a=b"},
    {"label_replace(x, \"a\", \"\", \"\", \"\")", "named, any"},
    {"label_replace(sum by (a) (x), \"a\", \"\", \"c\", \".*\")", "none"},
    {"label_join(sum by (b) (x), \"a\", \"-\", \"b\")", "only a, b"},
    {"label_join(x{b=\"1\"}, \"a\", \"-\", \"b\")", "named, any; always a, b=1"},
    {"label_join(sum(x), \"a\", \"-\", \"b\", \"c\")", "only a; always a"},
    // aggregations
    {"sum(x)", "none"},
    {"sum by () (x)", "none"},
    {"sum by (a, b) (x)", "only a, b"},
    {"sum by (a) (x{a=\"1\", b=\"2\"})", "only a; always a=1"},
    {"sum by (a) (sum by (b) (x))", "none"},
    {"sum by (queue, le) (fleet_queue_depth)", "only queue"},
    {"sum without (a) (x)", "any but a"},
    {"sum without (a) (sum by (a, b) (x))", "only b"},
    {"sum without (queue) (fleet_queue_depth)", "only job, priority; always job"},
    {"sum by (le) (rate(fleet_work_seconds_bucket[5m]))", "only le; many le"},
    {"topk by (a) (3, x)", "named, any"},
    {"topk(3, fleet_work_seconds_bucket)", "named, only job, kind, le; always job"},
    {"count_values by (a) (\"b\", x)", "only a, b; always b"},
    {"quantile(0.9, x)", "none"},
    // with scalars
    {"x + 1", "any"},
    {"x > 1", "named, any"},
    {"1 < x", "named, any"},
    {"x > bool 1", "any"},
    {"fleet_work_seconds_bucket > 1", "named, only job, kind, le; always job"},
    // one to one
    {"x + y", "any"},
    {"x > y", "named, any"},
    {"x > bool y", "any"},
    {"x{a=\"1\"} + y{b=\"2\"}", "any; always a=1, b=2"},
    {"x + on (a, b) y", "only a, b"},
    {"x + on (a, b) sum by (a) (y)", "only a"},
    {"x{a=\"1\"} + on (a, b) y{b=\"2\"}", "only a, b; always a=1, b=2"},
    {"x + on () y", "none"},
    {"x + ignoring (a) y", "any but a"},
    {"sum by (a, b) (x) + sum by (b, c) (y)", "only b"},
    {"sum by (a, b) (x) + ignoring (a) sum by (b) (y)", "only b"},
    {"sum by (a, b) (x) + y", "only a, b"},
    {"x + sum by (a, b) (y)", "only a, b"},
    {"sum without (a) (x) + sum without (b) (y)", "any but a, b"},
    // groups
    {"x * on (a) group_left y", "any"},
    {"x * on (a) group_left sum by (b) (y)", "any but a"},
    {"x * on (a) group_left (b) y{b=\"1\"}", "any; always b=1"},
    {"sum by (a, c) (x) * on (a) group_left (b) y", "only a, b, c"},
    {"sum by (a, b) (x) * on (a) group_left (b) sum by (a) (y)", "only a"},
    {"y * on (a) group_right (b) sum by (a, c) (x)", "only a, b, c"},
    {"sum by (a, b) (x) * ignoring (a) group_left sum by (b) (y)", "only a, b"},
    {"sum by (a, b, c) (x) * ignoring (a) group_left sum by (b) (y)", "only a, b"},
    {"x{a=\"1\"} * ignoring (a) group_left y", "any; always a=1"},
    {"x > on (a) group_left y", "named, any"},
    // sets
    {"sum by (a) (x) and y", "only a"},
    {"x unless sum(y)", "named, any"},
    {"sum by (a) (x) or sum by (b) (y)", "only a, b"},
    {"sum by (a) (x) or y", "named, any"},
    {"sum without (a, b) (x) or sum without (b, c) (y)", "any but b"},
    {"sum without (a, b) (x) or sum by (a) (y)", "any but b"},
    {"x{a=\"1\", b=\"1\", c=\"1\"} or y{a=\"1\", b=\"2\"}", "named, any; always a=1, b"},
};

TEST_CASE("the labels of an expression are known as far as they can be") {
  for (const LabelsCase& each : kLabelsCases) {
    INFO(each.expression);
    CHECK(Known(std::string(each.expression)) == each.want);
  }
}

TEST_CASE("a long chain of labels takes no more memory than its text") {
  std::string chain = "sum by (a) (x)";
  for (int i = 0; i < 20'000; ++i) chain += " or sum by (a" + std::to_string(i) + ") (x)";
  const Parsed parsed = Parse(chain);
  REQUIRE(parsed.ok());
  CHECK(OutputLabels(parsed.tree, nullptr).names.size() == 20'001);
}

}  // namespace
}  // namespace fleet::promql
