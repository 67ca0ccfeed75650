#include "lib/promql/rewrite.h"

#include <catch2/catch.hpp>
#include <random>
#include <string>
#include <vector>

#include "lib/promql/print.h"

namespace fleet::promql {
namespace {

Tree TreeOf(const std::string& text) {
  Parsed parsed = Parse(text);
  INFO(text);
  REQUIRE(parsed.ok());
  return std::move(parsed.tree);
}

// Prints it, and makes sure that it reads back as what it is.
std::string Checked(const Tree& tree) {
  const std::string text = Print(tree);
  INFO(text);
  CHECK(SameExpression(TreeOf(text), tree));
  return text;
}

TEST_CASE("rewrite: matchers are added or replaced") {
  Tree tree = TreeOf("sum(rate(x{a=\"1\",a!=\"2\",b=\"3\"}[5m])) / y");
  SetMatcher(tree, {"a", MatchOp::kRegex, "4|5", {}});
  CHECK(Checked(tree) == "sum(rate(x{a=~\"4|5\",b=\"3\"}[5m])) / y{a=~\"4|5\"}");
  SetMatcher(tree, {"job", MatchOp::kEqual, "j", {}}, [](const Selector& s) { return s.metric() == "y"; });
  CHECK(Checked(tree) == "sum(rate(x{a=~\"4|5\",b=\"3\"}[5m])) / y{a=~\"4|5\",job=\"j\"}");
}

TEST_CASE("rewrite: windows are those of selectors") {
  Tree tree = TreeOf("max_over_time(rate(x[5m])[1h:1m]) + increase(y[step() + 1m] offset 5m) + z");
  SetWindow(tree, 90);
  CHECK(Checked(tree) == "max_over_time(rate(x[1m30s])[1h:1m]) + increase(y[1m30s] offset 5m) + z");
  SetWindow(tree, 3600, [](const Selector& s) { return s.metric() == "y"; });
  CHECK(Checked(tree) == "max_over_time(rate(x[1m30s])[1h:1m]) + increase(y[1h] offset 5m) + z");
}

TEST_CASE("rewrite: metrics are renamed, quoted where they must be") {
  Tree tree = TreeOf("x + {__name__=\"x\",a=\"b\"} + {__name__=~\"x\"} + xx + rate({\"x\"}[5m])");
  RenameMetric(tree, "x", "y");
  CHECK(Checked(tree) ==
        Print(TreeOf("y + {__name__=\"y\",a=\"b\"} + {__name__=~\"x\"} + xx + rate({\"y\"}[5m])")));
  RenameMetric(tree, "y", "a.b");
  CHECK(Checked(tree).starts_with("{__name__=\"a.b\"} + {"));
  Tree reserved = TreeOf("x{c=\"d\"}");
  RenameMetric(reserved, "x", "nan");
  CHECK(Checked(reserved) == "{__name__=\"nan\",c=\"d\"}");
}

struct WrapCase {
  std::string_view lhs;
  BinaryOp op;
  std::string_view rhs;
  std::string_view want;
};

constexpr WrapCase kWrapCases[] = {
    {"a", BinaryOp::kAdd, "b", "a + b"},
    {"a + b", BinaryOp::kMul, "c - d", "(a + b) * (c - d)"},
    {"a * b", BinaryOp::kAdd, "c / d", "a * b + c / d"},
    {"a - b", BinaryOp::kSub, "c - d", "a - b - (c - d)"},
    {"a ^ b", BinaryOp::kPow, "c ^ d", "(a ^ b) ^ c ^ d"},
    {"-a", BinaryOp::kPow, "-b", "(-a) ^ (-b)"},
    {"-1", BinaryOp::kPow, "2", "(-1) ^ 2"},
    {"Inf", BinaryOp::kPow, "2", "(+Inf) ^ 2"},
    {"-a", BinaryOp::kMul, "-b", "-a * -b"},
    {"a or b", BinaryOp::kAnd, "c unless d", "(a or b) and (c unless d)"},
    {"a and b", BinaryOp::kOr, "c or d", "a and b or (c or d)"},
    {"a > b", BinaryOp::kGreater, "1", "a > b > 1"},
    {"1 + 2", BinaryOp::kGreater, "3", "1 + 2 > bool 3"},
    {"(a + b)", BinaryOp::kMul, "sum(c + d)", "(a + b) * sum(c + d)"},
};

TEST_CASE("rewrite: operands get the parentheses they need and no others") {
  for (const WrapCase& each : kWrapCases) {
    Tree tree = TreeOf(std::string(each.lhs));
    const NodeId rhs = Graft(tree, TreeOf(std::string(each.rhs)));
    tree.root = AddBinary(tree, tree.root, each.op, rhs);
    CHECK(Checked(tree) == each.want);
  }
}

TEST_CASE("rewrite: calls, aggregations and matching go around") {
  Tree tree = TreeOf("rate(x[5m])");
  NodeId sum = AddAggregate(tree, AggregateOp::kSum, {"job", "on"}, tree.root);
  Matching matching;
  matching.kind = Matching::Kind::kOn;
  matching.labels = {{"job", {}}};
  matching.group = Matching::Group::kLeft;
  const NodeId info = Graft(tree, TreeOf("info or other"));
  sum = AddBinary(tree, sum, BinaryOp::kMul, info, matching);
  tree.root = AddCall(tree, "clamp_min", {sum, AddNumber(tree, -0.5)});
  CHECK(Checked(tree) ==
        "clamp_min(sum by (job, on) (rate(x[5m])) * on (job) group_left () (info or other), -0.5)");
  tree.root = AddAggregate(tree, AggregateOp::kMax, {}, tree.root);
  CHECK(Checked(tree).starts_with("max(clamp_min("));
}

TEST_CASE("rewrite: ten thousand trees of joined operands read back as they are") {
  std::mt19937 random(7);
  const std::vector<std::string> leaves = {"a", "-b", "1", "-2", "Inf", "rate(c[5m])", "(d + e)", "+f", "3m"};
  for (int i = 0; i < 10'000; ++i) {
    Tree tree = TreeOf("x");
    for (int joins = 0; joins < 4; ++joins) {
      const NodeId leaf = Graft(tree, TreeOf(leaves[random() % leaves.size()]));
      const bool has_scalar = tree[leaf].type == ValueType::kScalar;
      const auto op = static_cast<BinaryOp>(random() % 13 + (has_scalar ? 3 : 0));
      const bool is_left = random() % 2 == 0;
      tree.root = is_left ? AddBinary(tree, leaf, op, tree.root) : AddBinary(tree, tree.root, op, leaf);
    }
    const std::string text = Print(tree);
    const Parsed back = Parse(text);
    INFO(text);
    REQUIRE(back.ok());
    REQUIRE(SameExpression(back.tree, tree));
  }
}

struct OldCase {
  std::string_view expression;
  std::string_view want;  // the canonical form, or what 2.42 does not know
};

constexpr OldCase kOldCases[] = {
    {"rate(x[300]) > 5m", "rate(x[5m]) > 300"},
    {"x > 1_000 + 0x10", "x > 1000 + 16"},
    {"x offset 1e2", "x offset 1m40s"},
    {"sum by (\"a\") (x)", "sum by (a) (x)"},
    {"{\"x\"}", "{__name__=\"x\"}"},
    {"histogram_avg(x)", "Prometheus 2.42 does not know histogram_avg()"},
    {"{\"a.b\"}", "Prometheus 2.42 does not know the name 'a.b'"},
    {"x{\"a.b\"=\"c\"}", "Prometheus 2.42 does not know the label 'a.b'"},
    {"sum by (\"a.b\") (x)", "Prometheus 2.42 does not know the label 'a.b'"},
    {"x + on (\"a.b\") y", "Prometheus 2.42 does not know the label 'a.b'"},
    {"rate(x[5m + 1m])", "Prometheus 2.42 does not know arithmetic of durations"},
    {"rate(x[5m:step()])", "Prometheus 2.42 does not know arithmetic of durations"},
    {"rate(x[0.0001])", "Prometheus 2.42 does not know durations below a millisecond"},
};

TEST_CASE("rewrite: the form for Prometheus 2.42, or why there is none") {
  for (const OldCase& each : kOldCases) {
    INFO(each.expression);
    const Tree tree = TreeOf(std::string(each.expression));
    const std::vector<Problem> problems = NewerThanPrometheus2(tree);
    CHECK(problems.size() <= 1);
    CHECK((problems.empty() ? PrintForPrometheus2(tree) : problems.front().text) == each.want);
  }
}

}  // namespace
}  // namespace fleet::promql
