// PromQL as text that knows how tightly it binds, so that parentheses stand where they are needed and
// nowhere else. A builder, not a parser: what it is given must be valid.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/decimal.h"
#include "lib/base/duration.h"
#include "rulegen/policy/policy.h"

namespace fleet::rulegen {

// Loosest first (PromQL, "Binary operator precedence").
enum class Binding { kOr, kAnd, kCompare, kAdd, kMultiply, kAtom };

struct Expr {
  std::string text;
  Binding binding = Binding::kAtom;
};

// Where the operator stands: `a > b`, on a line of its own, or on the next line, indented.
enum class Layout { kInline, kOwnLine, kHanging };

Expr Number(Decimal value);
Expr Number(std::int64_t value);

// name{label="value", ...}; the conditions of a policy, then `extra` matchers, written already.
Expr Series(std::string_view name, const std::vector<Condition>& where,
            std::initializer_list<std::string> extra = {});
Expr Series(std::string_view name, std::string_view matchers);

// series[range] offset offset; no offset when it is zero. REQUIRES: `series` is a plain selector.
Expr Range(const Expr& series, Duration range, Duration offset = Duration{0});
// series[range:step]
Expr Subquery(const Expr& series, Duration range, Duration step);

// ">", "<", "==".
std::string_view OperatorOf(Comparison comparison);

Expr Call(std::string_view function, std::initializer_list<Expr> arguments);
// "avg" for kAverage.
std::string_view FunctionOf(Aggregation aggregation);
// sum by (a, b) (x); over several lines when x has several.
Expr Aggregate(std::string_view function, const std::vector<Text>& by, const Expr& argument);

// `modifier` is what follows the operator: "on (tier)". All operators are left-associative.
Expr Binary(const Expr& left, std::string_view op, const Expr& right, Layout layout = Layout::kInline,
            std::string_view modifier = {});

// Two blanks before every line.
std::string Indented(std::string_view text);
// "a" written as a PromQL string, quotes included.
std::string Quoted(std::string_view text);
// label="value"
std::string Matcher(std::string_view label, std::string_view value);
// "on (a, b)"
std::string On(const std::vector<Text>& labels);

}  // namespace fleet::rulegen
