#include "lib/promql/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string_view>

#include "lib/base/text.h"
#include "lib/promql/functions.h"
#include "lib/promql/regex.h"
#include "lib/promql/unicode.h"

namespace fleet::promql {
namespace {

using enum ValueType;

bool IsNumeric(ValueType type) { return type == kScalar || type == kInstantVector; }

std::string WithArticle(ValueType type) {
  return fmt::format("{} {}", type == kInstantVector ? "an" : "a", Name(type));
}

// Fills in node.type of one node after the other.
class Checker {
 public:
  Checker(Tree& tree, std::vector<Problem>& problems) : tree_(tree), problems_(problems) {}

  void Check(Node& node) {
    node_ = &node;
    node.type = std::visit(*this, node.data);
  }

  ValueType operator()(NumberLiteral&) const { return kScalar; }
  ValueType operator()(StringLiteral&) const { return kString; }
  ValueType operator()(Paren& paren) const { return TypeOf(paren.expr); }

  ValueType operator()(Selector& selector) {
    const bool has_name = !selector.name.empty();
    bool has_content = has_name;
    for (std::size_t i = has_name ? 1 : 0; i < selector.matchers.size(); ++i) {
      const Matcher& m = selector.matchers[i];
      if (has_name && m.label == kNameLabel) {
        Report(m.span, fmt::format("the metric's name is given twice: '{}' stands before the braces",
                                   Printable(selector.name)));
      }
      has_content = has_content || !MatchesEmpty(m);
    }
    if (!has_content) {
      Report(node_->span, "a selector needs a name, or a matcher that does not match the empty text");
    }
    return selector.range ? kRangeVector : kInstantVector;
  }

  ValueType operator()(Subquery& subquery) {
    const ValueType type = TypeOf(subquery.expr);
    if (type != kInstantVector) {
      Report(SpanOf(subquery.expr), fmt::format("a subquery needs an instant vector, not a {}", Name(type)));
    }
    return kRangeVector;
  }

  ValueType operator()(Call& call) {
    const Function& function = *call.function;
    const int given = static_cast<int>(call.args.size());
    const int least = function.least_args();
    const int most = function.most_args();
    if (given < least || (most >= 0 && given > most)) {
      const std::string_view bound = least == most ? "" : given < least ? "at least " : "at most ";
      const int wanted = given < least ? least : most;
      Report(node_->span, fmt::format("{}() takes {}{} argument{}, not {}", function.name, bound, wanted,
                                      wanted == 1 ? "" : "s", given));
    }
    for (int i = 0; i < given; ++i) {
      if (function.args.empty() || (most >= 0 && i >= most)) break;
      Expect(call.args[static_cast<std::size_t>(i)], function.arg_type(i),
             fmt::format("{}()", function.name));
    }
    return function.returns;
  }

  ValueType operator()(Aggregate& aggregate) {
    if (aggregate.param != kNoNode) {
      const bool wants_text = aggregate.op == AggregateOp::kCountValues;
      Expect(aggregate.param, wants_text ? kString : kScalar,
             fmt::format("the parameter of {}()", Text(aggregate.op)));
    }
    Expect(aggregate.expr, kInstantVector, fmt::format("{}()", Text(aggregate.op)));
    return kInstantVector;
  }

  ValueType operator()(Unary& unary) {
    const ValueType type = TypeOf(unary.expr);
    if (!IsNumeric(type)) {
      Report(SpanOf(unary.expr),
             fmt::format("a sign needs a scalar or an instant vector, not a {}", Name(type)));
    }
    return type;
  }

  ValueType operator()(Binary& binary) {
    const ValueType lhs = TypeOf(binary.lhs);
    const ValueType rhs = TypeOf(binary.rhs);
    if (binary.returns_bool && !IsComparison(binary.op)) {
      Report(binary.op_span, "'bool' goes with comparisons only");
    }
    if (IsComparison(binary.op) && !binary.returns_bool && lhs == kScalar && rhs == kScalar) {
      Report(binary.op_span,
             fmt::format("a comparison of two scalars needs 'bool': {} bool", Text(binary.op)));
    }
    CheckLabelsOnce(binary.matching);
    CheckOperand(binary, binary.lhs, lhs);
    CheckOperand(binary, binary.rhs, rhs);
    CheckMatching(binary, lhs == kInstantVector && rhs == kInstantVector);
    return lhs == kScalar && rhs == kScalar ? kScalar : kInstantVector;
  }

 private:
  ValueType TypeOf(NodeId id) const { return tree_[id].type; }
  Span SpanOf(NodeId id) const { return tree_[id].span; }
  void Report(Span span, std::string text) { problems_.push_back({span, std::move(text)}); }

  void Expect(NodeId id, ValueType wanted, std::string_view where) {
    if (TypeOf(id) == wanted) return;
    Report(SpanOf(id),
           fmt::format("{} wants {}, not {}", where, WithArticle(wanted), WithArticle(TypeOf(id))));
  }

  void CheckOperand(const Binary& binary, NodeId id, ValueType type) {
    if (!IsNumeric(type)) {
      Report(SpanOf(id),
             fmt::format("'{}' needs a scalar or an instant vector, not a {}", Text(binary.op), Name(type)));
    } else if (IsSetOperator(binary.op) && type == kScalar) {
      Report(SpanOf(id),
             fmt::format("'{}' works on instant vectors, not on a scalar; use vector(...)", Text(binary.op)));
    }
  }

  void CheckLabelsOnce(const Matching& matching) {
    if (matching.kind != Matching::Kind::kOn || matching.include.empty()) return;
    std::set<std::string_view> on;
    for (const Label& label : matching.labels) on.insert(label.value);
    for (const Label& label : matching.include) {
      if (!on.contains(label.value)) continue;
      Report(label.span, fmt::format("label '{}' is in 'on' already", Printable(label.value)));
    }
  }

  void CheckMatching(Binary& binary, bool both_vectors) {
    Matching& matching = binary.matching;
    if (!both_vectors) {
      if (!matching.labels.empty()) {
        Report(matching.labels.front().span, "labels are matched only between two instant vectors");
      }
      matching = {};
    } else if (IsSetOperator(binary.op) && matching.group != Matching::Group::kNone) {
      Report(binary.op_span, fmt::format("'{}' takes no group_left or group_right", Text(binary.op)));
    }
    if (matching.kind == Matching::Kind::kIgnoring && matching.labels.empty() &&
        matching.group == Matching::Group::kNone) {
      matching.kind = Matching::Kind::kDefault;
    }
  }

  Tree& tree_;
  std::vector<Problem>& problems_;
  Node* node_ = nullptr;
};

}  // namespace

bool MatchesEmpty(const Matcher& matcher) {
  switch (matcher.op) {
    case MatchOp::kEqual:
      return matcher.value.empty();
    case MatchOp::kNotEqual:
      return !matcher.value.empty();
    case MatchOp::kRegex:
      return RegexMatches(matcher.value, "");
    case MatchOp::kNotRegex:
      return !RegexMatches(matcher.value, "");
  }
  return true;
}

void CheckTypes(Tree& tree, std::vector<Problem>& problems) {
  Checker checker(tree, problems);
  for (Node& node : tree.nodes) checker.Check(node);
}

}  // namespace fleet::promql
