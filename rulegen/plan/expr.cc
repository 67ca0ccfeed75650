#include "rulegen/plan/expr.h"

#include <fmt/format.h>

#include "lib/promql/regex.h"

namespace fleet::rulegen {
namespace {

Binding BindingOf(std::string_view op) {
  if (op == "or") return Binding::kOr;
  if (op == "and" || op == "unless") return Binding::kAnd;
  if (op == "+" || op == "-") return Binding::kAdd;
  if (op == "*" || op == "/") return Binding::kMultiply;
  return Binding::kCompare;
}

std::string Parenthesised(const Expr& expr) {
  if (expr.text.find('\n') == std::string::npos) return "(" + expr.text + ")";
  return "(\n" + Indented(expr.text) + "\n)";
}

std::string LabelList(const std::vector<Text>& labels) {
  std::string out = "(";
  for (const Text& label : labels) out += (out.size() > 1 ? ", " : "") + *label;
  return out + ")";
}

std::string MatcherOf(const Condition& condition) {
  const bool negative = condition.kind == MatchKind::kNoneOf || condition.kind == MatchKind::kExcludes;
  const bool regex = condition.kind == MatchKind::kMatches || condition.kind == MatchKind::kExcludes;
  if (!regex && condition.values.size() > 1) {
    std::string pattern;
    for (const Text& value : condition.values) {
      pattern += (pattern.empty() ? "" : "|") + promql::RegexLiteral(*value);
    }
    return *condition.label + (negative ? "!~" : "=~") + Quoted(pattern);
  }
  const std::string_view op = regex ? (negative ? "!~" : "=~") : (negative ? "!=" : "=");
  return *condition.label + std::string(op) + Quoted(*condition.values.front());
}

}  // namespace

std::string Indented(std::string_view text) {
  std::string out = "  ";
  for (const char c : text) {
    out += c;
    if (c == '\n') out += "  ";
  }
  return out;
}

Expr Number(Decimal value) { return {value.ToString()}; }
Expr Number(std::int64_t value) { return {std::to_string(value)}; }

Expr Series(std::string_view name, const std::vector<Condition>& where,
            std::initializer_list<std::string> extra) {
  std::string matchers;
  for (const Condition& condition : where) matchers += (matchers.empty() ? "" : ",") + MatcherOf(condition);
  for (const std::string& matcher : extra) matchers += (matchers.empty() ? "" : ",") + matcher;
  return Series(name, matchers);
}

Expr Series(std::string_view name, std::string_view matchers) {
  return {matchers.empty() ? std::string(name) : fmt::format("{}{{{}}}", name, matchers)};
}

Expr Range(const Expr& series, Duration range, Duration offset) {
  std::string text = fmt::format("{}[{}]", series.text, PrintDuration(range));
  if (offset.count() != 0) text += " offset " + PrintDuration(offset);
  return {std::move(text)};
}

Expr Subquery(const Expr& series, Duration range, Duration step) {
  return {fmt::format("{}[{}:{}]", series.text, PrintDuration(range), PrintDuration(step))};
}

std::string_view OperatorOf(Comparison comparison) {
  switch (comparison) {
    case Comparison::kAbove:
      return ">";
    case Comparison::kBelow:
      return "<";
    case Comparison::kEquals:
      return "==";
  }
  return {};
}

Expr Call(std::string_view function, std::initializer_list<Expr> arguments) {
  std::string text(function);
  text += '(';
  for (const Expr& argument : arguments) {
    if (text.back() != '(') text += ", ";
    text += argument.text;
  }
  return {text + ")"};
}

std::string_view FunctionOf(Aggregation aggregation) {
  switch (aggregation) {
    case Aggregation::kSum:
      return "sum";
    case Aggregation::kMax:
      return "max";
    case Aggregation::kMin:
      return "min";
    case Aggregation::kAverage:
      return "avg";
    case Aggregation::kCount:
      return "count";
  }
  return {};
}

Expr Aggregate(std::string_view function, const std::vector<Text>& by, const Expr& argument) {
  const std::string grouping = by.empty() ? "" : fmt::format("by {} ", LabelList(by));
  return {fmt::format("{} {}{}", function, grouping, Parenthesised(argument))};
}

Expr Binary(const Expr& left, std::string_view op, const Expr& right, Layout layout,
            std::string_view modifier) {
  const Binding binding = BindingOf(op);
  const std::string left_text = left.binding < binding ? Parenthesised(left) : left.text;
  const std::string right_text = right.binding <= binding ? Parenthesised(right) : right.text;
  const std::string middle = modifier.empty() ? std::string(op) : fmt::format("{} {}", op, modifier);
  switch (layout) {
    case Layout::kInline:
      return {fmt::format("{} {} {}", left_text, middle, right_text), binding};
    case Layout::kOwnLine:
      return {fmt::format("{}\n{}\n{}", left_text, middle, right_text), binding};
    case Layout::kHanging:
      return {fmt::format("{}\n  {} {}", left_text, middle, right_text), binding};
  }
  return {};
}

std::string Quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
  return out + "\"";
}

std::string Matcher(std::string_view label, std::string_view value) {
  return std::string(label) + "=" + Quoted(value);
}

std::string On(const std::vector<Text>& labels) { return "on " + LabelList(labels); }

}  // namespace fleet::rulegen
