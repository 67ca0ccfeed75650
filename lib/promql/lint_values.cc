// Comparisons that are always or never true, as far as bounds of both sides tell.
#include <fmt/format.h>

#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <string_view>

#include "lib/promql/functions.h"
#include "lib/promql/lint_parts.h"
#include "lib/promql/visit.h"

namespace fleet::promql {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();

struct Bounds {
  double low = -kInf;
  double high = kInf;

  bool is_number() const { return low == high; }
};

struct BoundsOfFunction {
  std::string_view name;
  Bounds bounds;
};

constexpr auto kFunctionBounds = std::to_array<BoundsOfFunction>({
    {"abs", {0, kInf}},
    {"absent", {1, 1}},
    {"absent_over_time", {1, 1}},
    {"changes", {0, kInf}},
    {"count_over_time", {1, kInf}},
    {"day_of_month", {1, 31}},
    {"day_of_week", {0, 6}},
    {"day_of_year", {1, 366}},
    {"days_in_month", {28, 31}},
    {"hour", {0, 23}},
    {"minute", {0, 59}},
    {"month", {1, 12}},
    {"present_over_time", {1, 1}},
    {"resets", {0, kInf}},
    {"sgn", {-1, 1}},
    {"sqrt", {0, kInf}},
    {"stddev_over_time", {0, kInf}},
    {"stdvar_over_time", {0, kInf}},
});

// Of the node alone: expressions are not computed, but for a sign, parentheses and vector().
std::optional<Bounds> BoundsOf(const Tree& tree, NodeId id) {
  bool is_negative = false;
  while (true) {
    const auto& data = tree[id].data;
    if (const auto* paren = std::get_if<Paren>(&data)) {
      id = paren->expr;
    } else if (const auto* unary = std::get_if<Unary>(&data)) {
      is_negative = is_negative != unary->is_minus;
      id = unary->expr;
    } else if (const auto* call = std::get_if<Call>(&data);
               call != nullptr && call->function->name == "vector") {
      id = call->args[0];
    } else {
      break;
    }
  }
  std::optional<Bounds> bounds;
  const auto& data = tree[id].data;
  if (const auto* number = std::get_if<NumberLiteral>(&data)) {
    if (!std::isnan(number->value)) bounds = {number->value, number->value};
  } else if (const auto* call = std::get_if<Call>(&data)) {
    for (const BoundsOfFunction& row : kFunctionBounds) {
      if (row.name == call->function->name) bounds = row.bounds;
    }
  } else if (const auto* aggregate = std::get_if<Aggregate>(&data)) {
    if (aggregate->op == AggregateOp::kCount) bounds = {1, kInf};
    if (aggregate->op == AggregateOp::kCountValues) bounds = {1, kInf};
    if (aggregate->op == AggregateOp::kGroup) bounds = {1, 1};
    if (aggregate->op == AggregateOp::kStddev || aggregate->op == AggregateOp::kStdvar) bounds = {0, kInf};
  } else if (const auto* binary = std::get_if<Binary>(&data)) {
    if (binary->returns_bool) bounds = {0, 1};
  }
  if (bounds && is_negative) bounds = {-bounds->high, -bounds->low};
  return bounds;
}

// What the comparison says for all values within the bounds; nothing when it depends on them.
std::optional<bool> Compare(const Bounds& a, BinaryOp op, const Bounds& b) {
  const auto decide = [](bool always, bool never) -> std::optional<bool> {
    if (always) return true;
    if (never) return false;
    return std::nullopt;
  };
  const bool apart = a.high < b.low || b.high < a.low;
  const bool equal = a.is_number() && b.is_number() && a.low == b.low;
  switch (op) {
    case BinaryOp::kEqual:
      return decide(equal, apart);
    case BinaryOp::kNotEqual:
      return decide(apart, equal);
    case BinaryOp::kLess:
      return decide(a.high < b.low, a.low >= b.high);
    case BinaryOp::kLessEqual:
      return decide(a.high <= b.low, a.low > b.high);
    case BinaryOp::kGreater:
      return decide(a.low > b.high, a.high <= b.low);
    case BinaryOp::kGreaterEqual:
      return decide(a.low >= b.high, a.high < b.low);
    default:
      return std::nullopt;
  }
}

std::optional<bool> Outcome(const Tree& tree, const Binary& binary) {
  if (SameExpression(tree, WithoutParens(tree, binary.lhs), tree, WithoutParens(tree, binary.rhs))) {
    return binary.op == BinaryOp::kEqual || binary.op == BinaryOp::kLessEqual ||
           binary.op == BinaryOp::kGreaterEqual;
  }
  const auto left = BoundsOf(tree, binary.lhs);
  const auto right = BoundsOf(tree, binary.rhs);
  if (!left || !right) return std::nullopt;
  return Compare(*left, binary.op, *right);
}

}  // namespace

void LintComparisons(LintContext& context) {
  Visit(context.tree, [&](NodeId, const Node& node, NodeId) {
    const auto* binary = std::get_if<Binary>(&node.data);
    if (binary == nullptr || !IsComparison(binary->op)) return;
    const auto outcome = Outcome(context.tree, *binary);
    if (!outcome) return;
    context.Report("comparison-constant", binary->op_span,
                   fmt::format("'{}' is {} true here", Text(binary->op), *outcome ? "always" : "never"));
  });
}

}  // namespace fleet::promql
