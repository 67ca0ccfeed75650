#include "lib/promql/rewrite.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "lib/base/text.h"
#include "lib/promql/functions.h"
#include "lib/promql/print.h"
#include "lib/promql/visit.h"

namespace fleet::promql {
namespace {

template <typename Use>
void ForEachSelector(Tree& tree, const Pick& pick, Use use) {
  for (const NodeId id : Preorder(tree)) {
    auto* selector = std::get_if<Selector>(&tree[id].data);
    if (selector != nullptr && (!pick || pick(*selector))) use(*selector);
  }
}

// Outside of braces and quotes.
bool CanStandAlone(std::string_view metric) {
  const Parsed parsed = Parse(metric);
  if (!parsed.ok()) return false;
  const auto* selector = std::get_if<Selector>(&parsed.tree[parsed.tree.root].data);
  return selector != nullptr && selector->name == metric;
}

NodeId Add(Tree& tree, ValueType type, decltype(Node::data) data) {
  tree.nodes.push_back({type, {}, std::move(data)});
  return static_cast<NodeId>(tree.nodes.size() - 1);
}

NodeId InParens(Tree& tree, NodeId id) { return Add(tree, tree[id].type, Paren{id}); }

bool IsSigned(const Tree& tree, NodeId id) {
  const auto* number = std::get_if<NumberLiteral>(&tree[id].data);
  return std::holds_alternative<Unary>(tree[id].data) ||
         (number != nullptr && (std::signbit(number->value) || std::isinf(number->value)));
}

// ^ alone joins from the right, and binds more than a sign.
bool NeedsParens(const Tree& tree, NodeId operand, BinaryOp op, bool is_left) {
  if (op == BinaryOp::kPow && IsSigned(tree, operand)) return true;
  const auto* binary = std::get_if<Binary>(&tree[operand].data);
  if (binary == nullptr) return false;
  const bool joins = is_left == (op != BinaryOp::kPow);
  return joins ? Precedence(binary->op) < Precedence(op) : Precedence(binary->op) <= Precedence(op);
}

struct ChildMover {
  NodeId by;

  void operator()(NumberLiteral&) const {}
  void operator()(StringLiteral&) const {}
  void operator()(Selector&) const {}
  void operator()(Subquery& n) const { n.expr += by; }
  void operator()(Call& n) const {
    for (NodeId& arg : n.args) arg += by;
  }
  void operator()(Aggregate& n) const {
    if (n.param != kNoNode) n.param += by;
    n.expr += by;
  }
  void operator()(Binary& n) const {
    n.lhs += by;
    n.rhs += by;
  }
  void operator()(Unary& n) const { n.expr += by; }
  void operator()(Paren& n) const { n.expr += by; }
};

// One problem for each node that Prometheus 2.42 does not read.
class OldReader {
 public:
  explicit OldReader(std::vector<Problem>& problems) : problems_(problems) {}

  void Check(const Node& node) {
    span_ = node.span;
    std::visit(*this, node.data);
  }

  void operator()(const Selector& n) {
    for (const Matcher& m : n.matchers) CheckName(m.label, m.span);
    if (n.name.empty() && !n.metric().empty() && !CanStandAlone(n.metric())) {
      Report(span_, fmt::format("the name '{}'", Printable(n.metric())));
    }
    CheckDuration(n.range);
    CheckDuration(n.time.offset);
  }
  void operator()(const Subquery& n) {
    CheckDuration(n.range);
    CheckDuration(n.step);
    CheckDuration(n.time.offset);
  }
  void operator()(const Call& n) {
    if (n.function->is_new) Report(span_, fmt::format("{}()", n.function->name));
  }
  void operator()(const Aggregate& n) { CheckNames(n.labels); }
  void operator()(const Binary& n) {
    CheckNames(n.matching.labels);
    CheckNames(n.matching.include);
  }
  template <typename Other>
  void operator()(const Other&) {}

 private:
  void Report(Span span, std::string_view what) {
    problems_.push_back({span, fmt::format("Prometheus 2.42 does not know {}", what)});
  }
  void CheckName(std::string_view label, Span span) {
    if (PrintLabel(label).starts_with('"')) Report(span, fmt::format("the label '{}'", Printable(label)));
  }
  void CheckNames(const std::vector<Label>& labels) {
    for (const Label& label : labels) CheckName(label.value, label.span);
  }
  void CheckDuration(const std::optional<DurationSpec>& duration) {
    if (!duration) return;
    if (!duration->is_constant()) {
      Report(duration->span, "arithmetic of durations");
    } else if (std::string_view("smhdwy").find(Print(*duration).back()) == std::string_view::npos) {
      Report(duration->span, "durations below a millisecond");
    }
  }

  std::vector<Problem>& problems_;
  Span span_;
};

}  // namespace

void SetMatcher(Tree& tree, const Matcher& matcher, const Pick& pick) {
  ForEachSelector(tree, pick, [&](Selector& selector) {
    std::erase_if(selector.matchers, [&](const Matcher& m) { return m.label == matcher.label; });
    selector.matchers.push_back(matcher);
  });
}

void SetWindow(Tree& tree, double seconds, const Pick& pick) {
  ForEachSelector(tree, pick, [&](Selector& selector) {
    if (!selector.range) return;
    selector.range = DurationSpec();
    selector.range->seconds = seconds;
  });
}

void RenameMetric(Tree& tree, std::string_view from, std::string_view to) {
  const bool stands_alone = CanStandAlone(to);
  ForEachSelector(tree, {}, [&](Selector& selector) {
    if (selector.metric() != from) return;
    if (!selector.name.empty()) selector.name = stands_alone ? std::string(to) : "";
    for (Matcher& m : selector.matchers) {
      if (m.label == kNameLabel) m.value = std::string(to);
    }
  });
}

NodeId Graft(Tree& into, const Tree& from) {
  const auto shift = static_cast<NodeId>(into.nodes.size());
  for (const Node& node : from.nodes) {
    into.nodes.push_back(node);
    std::visit(ChildMover{shift}, into.nodes.back().data);
  }
  return from.root + shift;
}

NodeId AddNumber(Tree& tree, double value) {
  return Add(tree, ValueType::kScalar, NumberLiteral{value, false});
}

NodeId AddCall(Tree& tree, std::string_view function, std::vector<NodeId> args) {
  const Function* found = FindFunction(function);
  return Add(tree, found->returns, Call{found, std::move(args)});
}

NodeId AddAggregate(Tree& tree, AggregateOp op, const std::vector<std::string>& by, NodeId expr) {
  Aggregate aggregate;
  aggregate.op = op;
  aggregate.clause = by.empty() ? Aggregate::Clause::kNone : Aggregate::Clause::kBy;
  for (const std::string& label : by) aggregate.labels.push_back({label, {}});
  aggregate.expr = expr;
  return Add(tree, ValueType::kInstantVector, std::move(aggregate));
}

NodeId AddBinary(Tree& tree, NodeId lhs, BinaryOp op, NodeId rhs, const Matching& matching) {
  Binary binary;
  binary.op = op;
  binary.matching = matching;
  binary.lhs = NeedsParens(tree, lhs, op, true) ? InParens(tree, lhs) : lhs;
  binary.rhs = NeedsParens(tree, rhs, op, false) ? InParens(tree, rhs) : rhs;
  const bool scalars = tree[lhs].type == ValueType::kScalar && tree[rhs].type == ValueType::kScalar;
  binary.returns_bool = scalars && IsComparison(op);  // the only form there is for two of them
  return Add(tree, scalars ? ValueType::kScalar : ValueType::kInstantVector, std::move(binary));
}

std::vector<Problem> NewerThanPrometheus2(const Tree& tree) {
  std::vector<Problem> problems;
  OldReader reader(problems);
  Visit(tree, [&](NodeId, const Node& node, NodeId) { reader.Check(node); });
  return problems;
}

std::string PrintForPrometheus2(const Tree& tree) {
  Tree old = tree;
  for (Node& node : old.nodes) {
    if (auto* number = std::get_if<NumberLiteral>(&node.data)) number->is_duration = false;
  }
  return Print(old);
}

}  // namespace fleet::promql
