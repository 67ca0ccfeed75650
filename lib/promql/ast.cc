#include "lib/promql/ast.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <tuple>
#include <utility>

#include "lib/promql/functions.h"
#include "lib/promql/visit.h"

namespace fleet::promql {
namespace {

template <std::size_t N, typename E>
std::string_view Row(const std::array<std::string_view, N>& table, E value) {
  return table[static_cast<std::size_t>(value)];
}

bool SameNumber(double a, double b) {
  return (std::isnan(a) && std::isnan(b)) || (a == b && std::signbit(a) == std::signbit(b));
}

bool SameDuration(const DurationSpec& a, const DurationSpec& b) {
  if (a.terms != b.terms) return false;
  return !a.is_constant() || SameNumber(a.seconds, b.seconds);
}

template <typename T, typename Same>
bool SameOptional(const std::optional<T>& a, const std::optional<T>& b, Same same) {
  return a.has_value() == b.has_value() && (!a || same(*a, *b));
}

bool SameTime(const TimeModifiers& a, const TimeModifiers& b) {
  return SameOptional(a.offset, b.offset, SameDuration) && a.at == b.at;
}

using MatcherKey = std::tuple<std::string_view, MatchOp, std::string_view>;

std::vector<MatcherKey> SortedMatchers(const Selector& selector) {
  std::vector<MatcherKey> keys;
  for (const Matcher& m : selector.matchers) keys.emplace_back(m.label, m.op, m.value);
  std::sort(keys.begin(), keys.end());
  return keys;
}

bool SameLabels(const std::vector<Label>& a, const std::vector<Label>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const Label& x, const Label& y) { return x.value == y.value; });
}

// Nodes without their children, which the walk compares.
struct SameNode {
  bool operator()(const NumberLiteral& a, const NumberLiteral& b) const {
    return a.is_duration == b.is_duration && SameNumber(a.value, b.value);
  }
  bool operator()(const StringLiteral& a, const StringLiteral& b) const { return a.value == b.value; }
  bool operator()(const Selector& a, const Selector& b) const {
    return a.name == b.name && SortedMatchers(a) == SortedMatchers(b) &&
           SameOptional(a.range, b.range, SameDuration) && SameTime(a.time, b.time);
  }
  bool operator()(const Subquery& a, const Subquery& b) const {
    return SameDuration(a.range, b.range) && SameOptional(a.step, b.step, SameDuration) &&
           SameTime(a.time, b.time);
  }
  bool operator()(const Call& a, const Call& b) const { return a.function == b.function; }
  bool operator()(const Aggregate& a, const Aggregate& b) const {
    return a.op == b.op && a.clause == b.clause && SameLabels(a.labels, b.labels);
  }
  bool operator()(const Binary& a, const Binary& b) const {
    return a.op == b.op && a.returns_bool == b.returns_bool && a.matching.kind == b.matching.kind &&
           a.matching.group == b.matching.group && SameLabels(a.matching.labels, b.matching.labels) &&
           SameLabels(a.matching.include, b.matching.include);
  }
  bool operator()(const Unary& a, const Unary& b) const { return a.is_minus == b.is_minus; }
  bool operator()(const Paren&, const Paren&) const { return true; }
  template <typename A, typename B>
  bool operator()(const A&, const B&) const {
    return false;
  }
};

}  // namespace

std::string_view Name(ValueType type) {
  constexpr std::array<std::string_view, 4> kNames = {"scalar", "string", "instant vector", "range vector"};
  return Row(kNames, type);
}

std::string_view Text(MatchOp op) {
  constexpr std::array<std::string_view, 4> kTexts = {"=", "!=", "=~", "!~"};
  return Row(kTexts, op);
}

std::string_view Text(AggregateOp op) {
  constexpr std::array<std::string_view, 12> kTexts = {"sum",  "avg",     "count",        "min",
                                                       "max",  "group",   "stddev",       "stdvar",
                                                       "topk", "bottomk", "count_values", "quantile"};
  return Row(kTexts, op);
}

std::string_view Text(BinaryOp op) {
  constexpr std::array<std::string_view, 18> kTexts = {"or", "and", "unless", "==", "!=",    "<",
                                                       "<=", ">",   ">=",     "</", ">/",    "+",
                                                       "-",  "*",   "/",      "%",  "atan2", "^"};
  return Row(kTexts, op);
}

int Precedence(BinaryOp op) {
  constexpr std::array<int, 18> kLevels = {1, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3, 4, 4, 5, 5, 5, 5, 6};
  return kLevels[static_cast<std::size_t>(op)];
}

bool IsComparison(BinaryOp op) { return op >= BinaryOp::kEqual && op <= BinaryOp::kGreaterEqual; }
bool IsSetOperator(BinaryOp op) { return op <= BinaryOp::kUnless; }

std::string_view Selector::metric() const {
  if (!name.empty()) return name;
  std::string_view found;
  for (const Matcher& m : matchers) {
    if (m.label != kNameLabel) continue;
    if (m.op != MatchOp::kEqual || !found.empty()) return {};
    found = m.value;
  }
  return found;
}

bool SameExpression(const Tree& a, const Tree& b) { return SameExpression(a, a.root, b, b.root); }

bool SameExpression(const Tree& a, NodeId top_a, const Tree& b, NodeId top_b) {
  if (top_a == kNoNode || top_b == kNoNode) return top_a == top_b;
  std::vector<std::pair<NodeId, NodeId>> todo = {{top_a, top_b}};
  while (!todo.empty()) {
    const auto [x, y] = todo.back();
    todo.pop_back();
    if (a[x].type != b[y].type || !std::visit(SameNode{}, a[x].data, b[y].data)) return false;
    const std::vector<NodeId> left = Children(a[x]);
    const std::vector<NodeId> right = Children(b[y]);
    if (left.size() != right.size()) return false;
    for (std::size_t i = 0; i < left.size(); ++i) todo.emplace_back(left[i], right[i]);
  }
  return true;
}

}  // namespace fleet::promql
