#include "rulegen/proof/operand.h"

#include <fmt/format.h>

#include <cmath>
#include <map>
#include <variant>

#include "lib/promql/functions.h"
#include "lib/promql/parser.h"
#include "lib/promql/visit.h"

namespace fleet::rulegen {
namespace {

using promql::AggregateOp;
using promql::BinaryOp;
using promql::NodeId;
using Form = DrivenQuery::Form;

std::vector<std::string> TextsOf(const std::vector<Text>& labels) {
  std::vector<std::string> texts;
  for (const Text& label : labels) texts.push_back(*label);
  return texts;
}

Condition BoundIs(const std::string& le) { return {{"le", {}}, MatchKind::kOneOf, {{le, {}}}}; }

Operand OfMetric(const Query& query, const Vocabulary& vocabulary) {
  Operand operand;
  operand.metric = *query.selector.metric;
  operand.where = query.selector.where;
  const catalog::MetricDef* metric = vocabulary.Find(operand.metric);
  if (metric != nullptr && metric->type == catalog::MetricType::kCounter) {
    operand.each = Operand::Each::kRate;
    operand.window = **query.rate;
  } else if (metric != nullptr && metric->unit == catalog::Unit::kUnixSeconds) {
    operand.each = Operand::Each::kAge;
  }
  return operand;
}

// Reads what PromQL says of one metric. Everything it does not know ends it.
class ExpressionReader {
 public:
  explicit ExpressionReader(const Expression& expression) : ExpressionReader(expression, expression.tree) {}
  // `tree` is the expression's but for what stands in place of $window.
  ExpressionReader(const Expression& expression, const promql::Tree& tree) : tree_(tree) {
    std::size_t next = 0;
    promql::Visit(tree_, [&](NodeId id, const promql::Node& node, NodeId) {
      if (std::holds_alternative<promql::Selector>(node.data) && next < expression.reads.size())
        reads_[id] = &expression.reads[next++];
    });
  }

  Result<Operand> Read(NodeId id) {
    id = promql::WithoutParens(tree_, id);
    const promql::Node& node = tree_[id];
    if (const auto* aggregate = std::get_if<promql::Aggregate>(&node.data)) return OfAggregate(*aggregate);
    if (const auto* binary = std::get_if<promql::Binary>(&node.data)) return OfBinary(*binary);
    if (const auto* call = std::get_if<promql::Call>(&node.data)) return OfCall(*call);
    if (std::holds_alternative<promql::Selector>(node.data)) return OfSelector(id);
    return Fail("the expression has no series");
  }

  // Both sides of a quotient of series; nothing where it is none.
  std::optional<std::pair<NodeId, NodeId>> Quotient() const {
    const auto* binary = As<promql::Binary>(tree_.root);
    if (binary == nullptr || binary->op != BinaryOp::kDiv || IsNumber(binary->rhs)) return std::nullopt;
    if (binary->matching.kind != promql::Matching::Kind::kDefault) return std::nullopt;
    // "> 0" under the line keeps out what a quotient over nothing would be.
    const auto* guard = As<promql::Binary>(binary->rhs);
    const bool is_guarded = guard != nullptr && guard->op == BinaryOp::kGreater && !guard->returns_bool &&
                            NumberAt(guard->rhs) == 0.0;
    return std::pair{binary->lhs, is_guarded ? guard->lhs : binary->rhs};
  }

 private:
  template <typename T>
  const T* As(NodeId id) const {
    return std::get_if<T>(&tree_[promql::WithoutParens(tree_, id)].data);
  }

  std::optional<double> NumberAt(NodeId id) const {
    const auto* number = As<promql::NumberLiteral>(id);
    if (number == nullptr) return std::nullopt;
    return number->value;
  }
  bool IsNumber(NodeId id) const { return NumberAt(id).has_value(); }

  Result<Operand> OfSelector(NodeId id) const {
    const auto& selector = std::get<promql::Selector>(tree_[id].data);
    if (selector.metric().empty()) return Fail("a selector names no metric");
    if (selector.time.offset || selector.time.at) return Fail("a selector looks at another time");
    const Selector& read = *reads_.at(id);
    Operand operand;
    operand.metric = *read.metric;
    operand.where = read.where;
    if (selector.range) operand.window = Duration(std::llround(selector.range->seconds * 1000));
    return operand;
  }

  Result<Operand> OfCall(const promql::Call& call) {
    const bool is_increase = call.function->name == "increase";
    if (!is_increase && call.function->name != "rate")
      return Fail(fmt::format("nobody can invert {}()", call.function->name));
    const NodeId argument = promql::WithoutParens(tree_, call.args.front());
    if (!std::holds_alternative<promql::Selector>(tree_[argument].data))
      return Fail("a rate of a subquery cannot be driven");
    auto operand = OfSelector(argument);
    if (!operand) return operand;
    operand->each = Operand::Each::kRate;
    if (is_increase) operand->scale = ToSeconds(operand->window);
    return operand;
  }

  Result<Operand> OfAggregate(const promql::Aggregate& aggregate) {
    static const std::map<AggregateOp, Aggregation> kKnown = {{AggregateOp::kSum, Aggregation::kSum},
                                                              {AggregateOp::kMax, Aggregation::kMax},
                                                              {AggregateOp::kMin, Aggregation::kMin},
                                                              {AggregateOp::kAvg, Aggregation::kAverage},
                                                              {AggregateOp::kCount, Aggregation::kCount}};
    const auto known = kKnown.find(aggregate.op);
    if (known == kKnown.end()) return Fail(fmt::format("nobody can invert {}()", promql::Text(aggregate.op)));
    if (aggregate.clause == promql::Aggregate::Clause::kWithout) return Fail("without() is not driven");
    auto operand = Read(aggregate.expr);
    if (!operand) return operand;
    if (operand->aggregation) return Fail("an aggregation of aggregations is not driven");
    if (operand->scale != 1 && known->second == Aggregation::kCount)
      return Fail("a count of products is not driven");
    operand->aggregation = known->second;
    operand->by = TextsOf(aggregate.labels);
    return operand;
  }

  Result<Operand> OfBinary(const promql::Binary& binary) {
    const auto right = NumberAt(binary.rhs);
    const auto left = NumberAt(binary.lhs);
    if (binary.op == BinaryOp::kMul && (right || left)) {
      return Scaled(right ? binary.lhs : binary.rhs, right ? *right : *left);
    }
    if (binary.op == BinaryOp::kDiv && right) return Scaled(binary.lhs, 1 / *right);
    const auto* time = As<promql::Call>(binary.lhs);
    if (binary.op == BinaryOp::kSub && time != nullptr && time->function->name == "time") {
      auto operand = Read(binary.rhs);
      if (operand && (operand->aggregation || operand->each != Operand::Each::kValue || operand->scale != 1))
        return Fail("an age of what was computed is not driven");
      if (operand) operand->each = Operand::Each::kAge;
      return operand;
    }
    return Fail(fmt::format("nobody can invert '{}'", promql::Text(binary.op)));
  }

  Result<Operand> Scaled(NodeId id, double factor) {
    auto operand = Read(id);
    if (!(factor > 0) || !std::isfinite(factor)) return Fail("a product without a positive factor");
    if (operand) operand->scale *= factor;
    return operand;
  }

  const promql::Tree& tree_;
  std::map<NodeId, const Selector*> reads_;  // by the place of the selector in the tree
};

// The aggregation that the policy's keys put around an expression.
Result<Operand> Aggregated(Operand operand, const Query& query, const std::vector<Text>& by,
                           bool must_aggregate, bool is_age) {
  if (!must_aggregate && by.empty() && !query.aggregate) return operand;
  const Aggregation by_default = is_age ? Aggregation::kMax : Aggregation::kSum;
  const Aggregation outer = query.aggregate ? **query.aggregate : by_default;
  // One group of the inner one is all that the outer one sees, as only one is driven then.
  if (operand.aggregation) {
    if (outer == Aggregation::kCount) return Fail("a count of groups is not driven");
    if (operand.by != TextsOf(by)) return Fail("an aggregation of other groups is not driven");
    return operand;
  }
  if (operand.scale != 1 && outer == Aggregation::kCount) return Fail("a count of products is not driven");
  operand.aggregation = outer;
  operand.by = TextsOf(by);
  return operand;
}

Result<Operand> OfSide(const Query& query, const std::vector<Text>& by, bool must_aggregate,
                       const Vocabulary& vocabulary) {
  if (query.expression) {
    auto operand = ExpressionReader(*query.expression).Read(query.expression->tree.root);
    if (!operand) return operand;
    return Aggregated(*std::move(operand), query, by, must_aggregate, false);
  }
  const Operand operand = OfMetric(query, vocabulary);
  return Aggregated(operand, query, by, must_aggregate, operand.each == Operand::Each::kAge);
}

Result<DrivenQuery> SlowShareOf(const Query& query, const Quantity& bound) {
  Operand fast;
  fast.each = Operand::Each::kRate;
  fast.metric = *query.selector.metric + "_bucket";
  fast.where = query.selector.where;
  fast.window = **query.rate;
  fast.aggregation = Aggregation::kSum;
  fast.by = TextsOf(query.by);
  Operand all = fast;
  all.metric = *query.selector.metric + "_count";
  fast.where.push_back(BoundIs(catalog::FormatBound(bound.value.ToDouble())));
  return DrivenQuery{Form::kSlowShare, fast, all, false};
}

// Of an expression that is a quotient itself.
Result<DrivenQuery> WrittenQuotient(const Query& query, NodeId dividend, NodeId divisor) {
  ExpressionReader reader(*query.expression);
  auto above = reader.Read(dividend);
  if (!above) return tl::make_unexpected(above.error());
  auto below = reader.Read(divisor);
  if (!below) return tl::make_unexpected(below.error());
  if (above->aggregation.has_value() != below->aggregation.has_value() || above->by != below->by)
    return Fail("the sides of the quotient have other labels");
  if (!above->aggregation) return Fail("a quotient of single series is not driven");
  return DrivenQuery{Form::kQuotient, *std::move(above), *std::move(below), false};
}

}  // namespace

Result<Operand> TakeApart(const Expression& expression, Duration window, const std::vector<Text>& by) {
  const promql::Tree tree = promql::Parse(WithWindow(*expression.text, PrintDuration(window))).tree;
  auto operand = ExpressionReader(expression, tree).Read(tree.root);
  if (!operand) return operand;
  return Aggregated(*std::move(operand), Query{}, by, true, false);
}

Result<DrivenQuery> TakeApart(const Query& query, const Quantity& bound, const Vocabulary& vocabulary) {
  if (!query.quantiles.empty()) return SlowShareOf(query, bound);
  const bool is_ratio = !query.over.empty();
  const bool or_zero = query.missing_as_zero && **query.missing_as_zero;
  if (query.expression) {
    const auto sides = ExpressionReader(*query.expression).Quotient();
    if (sides && (is_ratio || or_zero || !query.by.empty() || query.aggregate))
      return Fail("more is computed of a quotient");
    if (sides) return WrittenQuotient(query, sides->first, sides->second);
  }
  auto operand = OfSide(query, query.by, is_ratio || or_zero, vocabulary);
  if (!operand) return tl::make_unexpected(operand.error());
  DrivenQuery driven{Form::kOperand, *std::move(operand), std::nullopt, or_zero};
  if (!is_ratio) return driven;
  auto over = OfSide(query.over.front(), query.by, true, vocabulary);
  if (!over) return tl::make_unexpected(over.error());
  driven.form = Form::kQuotient;
  driven.over = *std::move(over);
  return driven;
}

}  // namespace fleet::rulegen
