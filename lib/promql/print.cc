#include "lib/promql/print.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/base/text.h"
#include "lib/promql/functions.h"
#include "lib/promql/number.h"
#include "lib/promql/unicode.h"

namespace fleet::promql {
namespace {

using Op = DurationSpec::Op;

bool IsPlainLabel(std::string_view label) {
  const auto is_word = [](char c) { return c == '_' || IsLetter(c) || IsDigit(c); };
  return !label.empty() && !(label[0] >= '0' && label[0] <= '9') &&
         std::all_of(label.begin(), label.end(), is_word);
}

// Words that cannot stand unquoted in a list of labels.
bool IsReservedInLists(std::string_view label) {
  std::string lower(label);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return lower == "without" || lower == "inf" || lower == "nan";
}

std::string PrintLabels(const std::vector<Label>& labels) {
  std::string out;
  for (const Label& label : labels) {
    if (!out.empty()) out += ", ";
    out += PrintLabel(label.value);
  }
  return "(" + out + ")";
}

std::string PrintMatcher(const Matcher& m) {
  return (IsPlainLabel(m.label) ? m.label : Quote(m.label)) + std::string(Text(m.op)) + Quote(m.value);
}

std::string PrintTime(const TimeModifiers& time) {
  std::string out;
  if (time.at) {
    switch (time.at->kind) {
      case AtModifier::Kind::kTimestamp:
        out += fmt::format(" @ {:.3f}", time.at->seconds);
        break;
      case AtModifier::Kind::kStart:
        out += " @ start()";
        break;
      case AtModifier::Kind::kEnd:
        out += " @ end()";
        break;
    }
  }
  if (time.offset) out += " offset " + Print(*time.offset);
  return out;
}

std::string PrintSelector(const Selector& selector) {
  std::vector<std::string> matchers;
  for (std::size_t i = selector.name.empty() ? 0 : 1; i < selector.matchers.size(); ++i) {
    matchers.push_back(PrintMatcher(selector.matchers[i]));
  }
  std::sort(matchers.begin(), matchers.end());
  std::string out = selector.name;
  if (!matchers.empty()) out += fmt::format("{{{}}}", fmt::join(matchers, ","));
  if (selector.range) out += "[" + Print(*selector.range) + "]";
  return out + PrintTime(selector.time);
}

std::string PrintSubquerySuffix(const Subquery& subquery) {
  return fmt::format("[{}:{}]{}", Print(subquery.range), subquery.step ? Print(*subquery.step) : "",
                     PrintTime(subquery.time));
}

std::string PrintOperator(const Binary& binary) {
  std::string out(Text(binary.op));
  if (binary.returns_bool) out += " bool";
  const Matching& matching = binary.matching;
  if (matching.kind != Matching::Kind::kDefault) {
    out += matching.kind == Matching::Kind::kOn ? " on " : " ignoring ";
    out += PrintLabels(matching.labels);
  }
  if (matching.group != Matching::Group::kNone) {
    out += matching.group == Matching::Group::kLeft ? " group_left " : " group_right ";
    out += PrintLabels(matching.include);
  }
  return out;
}

std::string PrintAggregation(const Aggregate& aggregate) {
  std::string out(Text(aggregate.op));
  if (aggregate.clause == Aggregate::Clause::kNone) return out;
  out += aggregate.clause == Aggregate::Clause::kBy ? " by " : " without ";
  return out + PrintLabels(aggregate.labels) + " ";
}

std::string PrintLiteral(const NumberLiteral& number) {
  return number.is_duration ? PrintSeconds(number.value) : PrintNumber(number.value);
}

// Text and nodes still to be printed, the next one last: no recursion, however long the chain.
class Printer {
 public:
  explicit Printer(const Tree& tree) : tree_(tree) {}

  std::string Run(NodeId top) {
    todo_.push_back({top, {}});
    while (!todo_.empty()) {
      const Piece piece = std::move(todo_.back());
      todo_.pop_back();
      if (piece.node == kNoNode) {
        out_ += piece.text;
        continue;
      }
      const std::size_t end = todo_.size();
      std::visit(*this, tree_[piece.node].data);
      std::reverse(todo_.begin() + static_cast<std::ptrdiff_t>(end), todo_.end());
    }
    return std::move(out_);
  }

  void operator()(const NumberLiteral& number) { out_ += PrintLiteral(number); }
  void operator()(const StringLiteral& text) { out_ += Quote(text.value); }
  void operator()(const Selector& selector) { out_ += PrintSelector(selector); }
  void operator()(const Subquery& subquery) {
    Later(subquery.expr);
    Later(PrintSubquerySuffix(subquery));
  }
  void operator()(const Call& call) {
    out_ += call.function->name;
    out_ += '(';
    for (std::size_t i = 0; i < call.args.size(); ++i) {
      if (i > 0) Later(", ");
      Later(call.args[i]);
    }
    Later(")");
  }
  void operator()(const Aggregate& aggregate) {
    out_ += PrintAggregation(aggregate) + "(";
    if (aggregate.param != kNoNode) {
      Later(aggregate.param);
      Later(", ");
    }
    Later(aggregate.expr);
    Later(")");
  }
  void operator()(const Binary& binary) {
    const auto* number = std::get_if<NumberLiteral>(&tree_[binary.lhs].data);
    if (binary.op == BinaryOp::kPow && number != nullptr && std::isinf(number->value) && number->value > 0) {
      Later("Inf");  // with a sign it would be read as +(Inf ^ ...)
    } else {
      Later(binary.lhs);
    }
    Later(" " + PrintOperator(binary) + " ");
    Later(binary.rhs);
  }
  void operator()(const Unary& unary) {
    out_ += unary.is_minus ? '-' : '+';
    Later(unary.expr);
  }
  void operator()(const Paren& paren) {
    out_ += '(';
    Later(paren.expr);
    Later(")");
  }

 private:
  struct Piece {
    NodeId node = kNoNode;
    std::string text;
  };

  void Later(NodeId id) { todo_.push_back({id, {}}); }
  void Later(std::string text) { todo_.push_back({kNoNode, std::move(text)}); }
  void Later(const char* text) { Later(std::string(text)); }

  const Tree& tree_;
  std::string out_;
  std::vector<Piece> todo_;
};

struct ShortPrinter {
  std::string operator()(const NumberLiteral& number) const { return PrintLiteral(number); }
  std::string operator()(const StringLiteral& text) const { return Quote(text.value); }
  std::string operator()(const Selector& selector) const { return PrintSelector(selector); }
  std::string operator()(const Subquery& subquery) const { return PrintSubquerySuffix(subquery); }
  std::string operator()(const Call& call) const { return std::string(call.function->name) + "()"; }
  std::string operator()(const Aggregate& aggregate) const {
    std::string out = PrintAggregation(aggregate);
    if (out.ends_with(' ')) out.pop_back();
    return out;
  }
  std::string operator()(const Binary& binary) const { return PrintOperator(binary); }
  std::string operator()(const Unary& unary) const { return unary.is_minus ? "-" : "+"; }
  std::string operator()(const Paren&) const { return "( )"; }
};

std::string_view OperatorText(Op op) {
  switch (op) {
    case Op::kAdd:
      return " + ";
    case Op::kSub:
      return " - ";
    case Op::kMul:
      return " * ";
    case Op::kDiv:
      return " / ";
    case Op::kMod:
      return " % ";
    default:
      return " ^ ";
  }
}

}  // namespace

std::string Print(const DurationSpec& duration) {
  if (duration.is_constant()) return PrintSeconds(duration.seconds);
  std::vector<std::string> stack;
  const auto pop = [&] {
    std::string top = std::move(stack.back());
    stack.pop_back();
    return top;
  };
  for (const DurationSpec::Term& term : duration.terms) {
    switch (term.op) {
      case Op::kNumber:
        stack.push_back(PrintNumber(term.seconds));
        break;
      case Op::kDuration:
        stack.push_back(PrintSeconds(term.seconds));
        break;
      case Op::kStep:
        stack.emplace_back("step()");
        break;
      case Op::kRange:
        stack.emplace_back("range()");
        break;
      case Op::kNegate:
        stack.push_back("-" + pop());
        break;
      case Op::kParens:
        stack.push_back("(" + pop() + ")");
        break;
      case Op::kMinOf:
      case Op::kMaxOf: {
        const std::string last = pop();
        const std::string first = pop();
        stack.push_back(fmt::format("{}({}, {})", term.op == Op::kMinOf ? "min_of" : "max_of", first, last));
        break;
      }
      default: {
        const std::string rhs = pop();
        stack.back() += std::string(OperatorText(term.op)) + rhs;
        break;
      }
    }
  }
  return stack.empty() ? "" : stack.back();
}

std::string PrintLabel(std::string_view label) {
  const bool is_plain = IsPlainLabel(label) && !IsReservedInLists(label);
  return is_plain ? std::string(label) : Quote(label);
}

std::string Print(const Tree& tree, NodeId top) { return Printer(tree).Run(top); }
std::string Print(const Tree& tree) { return Print(tree, tree.root); }

std::string PrintShort(const Tree& tree, NodeId id) { return std::visit(ShortPrinter{}, tree[id].data); }

}  // namespace fleet::promql
