#include "lib/promql/parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "lib/base/text.h"
#include "lib/promql/check.h"
#include "lib/promql/functions.h"
#include "lib/promql/parser_impl.h"
#include "lib/promql/unicode.h"

namespace fleet::promql {
namespace {

constexpr int kLoosest = 1;
constexpr int kTighterThanSign = 6;  // what a sign applies to: only ^ binds tighter than it

std::optional<BinaryOp> BinaryOpOf(TokenKind kind) {
  switch (kind) {
    case TokenKind::kOr:
      return BinaryOp::kOr;
    case TokenKind::kAnd:
      return BinaryOp::kAnd;
    case TokenKind::kUnless:
      return BinaryOp::kUnless;
    case TokenKind::kEqual:
      return BinaryOp::kEqual;
    case TokenKind::kNotEqual:
      return BinaryOp::kNotEqual;
    case TokenKind::kLess:
      return BinaryOp::kLess;
    case TokenKind::kLessEqual:
      return BinaryOp::kLessEqual;
    case TokenKind::kGreater:
      return BinaryOp::kGreater;
    case TokenKind::kGreaterEqual:
      return BinaryOp::kGreaterEqual;
    case TokenKind::kTrimUpper:
      return BinaryOp::kTrimUpper;
    case TokenKind::kTrimLower:
      return BinaryOp::kTrimLower;
    case TokenKind::kAdd:
      return BinaryOp::kAdd;
    case TokenKind::kSub:
      return BinaryOp::kSub;
    case TokenKind::kMul:
      return BinaryOp::kMul;
    case TokenKind::kDiv:
      return BinaryOp::kDiv;
    case TokenKind::kMod:
      return BinaryOp::kMod;
    case TokenKind::kAtan2:
      return BinaryOp::kAtan2;
    case TokenKind::kPow:
      return BinaryOp::kPow;
    default:
      return std::nullopt;
  }
}

// Nothing for limitk and limit_ratio, which need a flag.
std::optional<AggregateOp> AggregateOpOf(std::string_view word) {
  std::string lower(word);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  for (int i = 0; i <= static_cast<int>(AggregateOp::kQuantile); ++i) {
    const auto op = static_cast<AggregateOp>(i);
    if (Text(op) == lower) return op;
  }
  return std::nullopt;
}

bool TakesParameter(AggregateOp op) { return op >= AggregateOp::kTopk; }

std::string ExperimentalText(std::string_view name) {
  return fmt::format("{} is experimental: Prometheus takes it only with a feature flag", name);
}

// After so many problems nobody reads on, and looking for the closest name takes time.
constexpr std::size_t kMostSuggestions = 100;

std::optional<std::string_view> ClosestFunction(std::string_view name) {
  std::vector<std::string_view> names;
  for (const Function& f : Functions()) names.push_back(f.name);
  return ClosestMatch(name, names);
}

}  // namespace

Token Parser::Advance() {
  const Token taken = token_;
  last_end_ = taken.span.end;
  if (failed_) return taken;
  token_ = lexer_.Next();
  if (token_.kind == TokenKind::kError) Fail(token_.span, lexer_.error());
  return taken;
}

bool Parser::Accept(TokenKind kind) {
  if (!At(kind)) return false;
  Advance();
  return true;
}

void Parser::Expect(TokenKind kind, std::string_view expected) {
  if (!Accept(kind)) Unexpected(expected);
}

void Parser::Fail(Span span, std::string text) {
  if (failed_) return;
  failed_ = true;
  token_ = {TokenKind::kEnd, {text_.size(), text_.size()}};
  Report(span, std::move(text));
}

std::string Parser::Describe(const Token& token) const {
  if (token.kind == TokenKind::kEnd) return "the end";
  constexpr std::size_t kLongest = 40;
  const std::string_view text = TextOf(token);
  std::string shown = Printable(text.substr(0, kLongest));
  if (text.size() > kLongest) shown += "...";
  return token.kind == TokenKind::kString ? "the string " + shown : "'" + shown + "'";
}

void Parser::Unexpected(std::string_view expected) {
  Fail(token_.span, fmt::format("expected {}, not {}", expected, Describe(token_)));
}

Parsed Parser::Run() {
  if (At(TokenKind::kEnd) && !failed()) Fail({0, text_.size()}, "there is no expression");
  tree_.root = Expression(kLoosest);
  if (!At(TokenKind::kEnd)) Unexpected("an operator or the end");
  if (!failed()) CheckTypes(tree_, problems_);
  std::stable_sort(problems_.begin(), problems_.end(),
                   [](const Problem& a, const Problem& b) { return a.span.begin < b.span.begin; });
  return {std::move(tree_), std::move(problems_)};
}

NodeId Parser::Expression(int least_precedence) {
  if (++depth_ > kMaxDepth) Fail(token_.span, fmt::format("nested more than {} levels deep", kMaxDepth));
  const std::size_t begin = token_.span.begin;
  const NodeId first = Operand();
  const NodeId whole = failed() ? kNoNode : BinaryTail(begin, first, least_precedence);
  --depth_;
  return whole;
}

NodeId Parser::BinaryTail(std::size_t begin, NodeId lhs, int least_precedence) {
  while (!failed()) {
    const auto op = BinaryOpOf(token_.kind);
    if (!op || Precedence(*op) < least_precedence) break;
    Binary binary;
    binary.op = *op;
    binary.op_span = Advance().span;
    binary.returns_bool = Accept(TokenKind::kBool);
    binary.matching = MatchingClause();
    binary.lhs = lhs;
    binary.rhs = Expression(*op == BinaryOp::kPow ? Precedence(*op) : Precedence(*op) + 1);
    if (failed()) break;
    lhs = Add(begin, std::move(binary));
  }
  return lhs;
}

Matching Parser::MatchingClause() {
  Matching matching;
  if (At(TokenKind::kOn) || At(TokenKind::kIgnoring)) {
    matching.kind = At(TokenKind::kOn) ? Matching::Kind::kOn : Matching::Kind::kIgnoring;
    Advance();
    matching.labels = LabelList();
    if (At(TokenKind::kGroupLeft) || At(TokenKind::kGroupRight)) {
      matching.group = At(TokenKind::kGroupLeft) ? Matching::Group::kLeft : Matching::Group::kRight;
      Advance();
      if (At(TokenKind::kLeftParen)) matching.include = LabelList();
    }
  } else if (At(TokenKind::kGroupLeft) || At(TokenKind::kGroupRight)) {
    Unexpected("'on' or 'ignoring' before it");
  }
  if (At(TokenKind::kFill)) Fail(token_.span, ExperimentalText(TokenText()));
  return matching;
}

NodeId Parser::Operand() {
  if (At(TokenKind::kAdd) || At(TokenKind::kSub)) return Signed();
  return Postfix(Primary());
}

// A sign before a number literal belongs to the number.
NodeId Parser::Signed() {
  const Token sign = Advance();
  const bool is_minus = sign.kind == TokenKind::kSub;
  const NodeId operand = Expression(kTighterThanSign);
  if (failed()) return kNoNode;
  if (auto* number = std::get_if<NumberLiteral>(&tree_[operand].data)) {
    if (is_minus) number->value = -number->value;
    tree_[operand].span.begin = sign.span.begin;
    return operand;
  }
  return Add(sign.span.begin, Unary{is_minus, operand});
}

NodeId Parser::Primary() {
  switch (token_.kind) {
    case TokenKind::kNumber:
    case TokenKind::kDuration:
      return Number();
    case TokenKind::kString:
      return Text();
    case TokenKind::kLeftParen:
      return Parenthesised();
    case TokenKind::kLeftBrace:
      return VectorSelector(std::nullopt);
    case TokenKind::kFill:
      Fail(token_.span, ExperimentalText(TokenText()));
      return kNoNode;
    default:
      if (CanNameMetric(token_.kind)) return Word();
      Unexpected("an expression");
      return kNoNode;
  }
}

NodeId Parser::Word() {
  const Token word = Advance();
  const bool has_parens = At(TokenKind::kLeftParen);
  switch (word.kind) {
    case TokenKind::kAggregation:
      if (has_parens || At(TokenKind::kBy) || At(TokenKind::kWithout)) return Aggregation(word);
      break;
    case TokenKind::kIdentifier:
    case TokenKind::kStart:
    case TokenKind::kEnd_:
    case TokenKind::kStep:
    case TokenKind::kRange:
    case TokenKind::kMinOf:
    case TokenKind::kMaxOf:
      if (has_parens) return FunctionCall(word);
      break;
    default:
      break;
  }
  return VectorSelector(word);
}

NodeId Parser::Parenthesised() {
  const Token open = Advance();
  const NodeId inner = Expression(kLoosest);
  Expect(TokenKind::kRightParen, "')' or an operator");
  return failed() ? kNoNode : Add(open.span.begin, Paren{inner});
}

NodeId Parser::Number() {
  const std::size_t begin = token_.span.begin;
  NumberLiteral number;
  if (const auto value = Seconds(number.is_duration)) number.value = *value;
  return Add(begin, number);
}

NodeId Parser::Text() {
  const std::string value = Unquote(TokenText());
  const Token token = Advance();
  return Add(token.span.begin, StringLiteral{value});
}

NodeId Parser::FunctionCall(const Token& name) {
  const std::string_view text = TextOf(name);
  Call call;
  call.function = FindFunction(text);
  if (call.function == nullptr) {
    const auto closest = problems_.size() < kMostSuggestions ? ClosestFunction(text) : std::nullopt;
    Report(name.span, fmt::format("there is no function '{}'{}", text,
                                  closest ? fmt::format("; did you mean '{}'?", *closest) : ""));
    call.function = FindFunction("vector");  // the tree is not handed out
  } else if (call.function->is_experimental) {
    Report(name.span, ExperimentalText(fmt::format("{}()", text)));
  }
  const bool is_unknown = call.function->name != text;
  call.args = Arguments();
  if (failed()) return kNoNode;
  // An unknown function has no types to check; leave something that fits everywhere it can.
  if (is_unknown) return Add(name.span.begin, Selector{std::string(text), {}, {}, {}});
  return Add(name.span.begin, std::move(call));
}

std::vector<NodeId> Parser::Arguments() {
  std::vector<NodeId> args;
  Expect(TokenKind::kLeftParen, "'('");
  if (Accept(TokenKind::kRightParen)) return args;
  while (!failed()) {
    args.push_back(Expression(kLoosest));
    if (Accept(TokenKind::kRightParen)) break;
    Expect(TokenKind::kComma, "',' or ')'");
    if (At(TokenKind::kRightParen)) Unexpected("another argument after the comma");
  }
  return args;
}

bool Parser::Clause(Aggregate& aggregate) {
  if (!At(TokenKind::kBy) && !At(TokenKind::kWithout)) return false;
  const bool is_by = Advance().kind == TokenKind::kBy;
  aggregate.labels = LabelList();
  const bool is_nothing = is_by && aggregate.labels.empty();
  aggregate.clause = is_nothing ? Aggregate::Clause::kNone
                     : is_by    ? Aggregate::Clause::kBy
                                : Aggregate::Clause::kWithout;
  return true;
}

NodeId Parser::Aggregation(const Token& name) {
  const std::string_view text = TextOf(name);
  Aggregate aggregate;
  const bool has_clause = Clause(aggregate);
  const std::vector<NodeId> args = Arguments();
  if (!has_clause) Clause(aggregate);
  if (failed()) return kNoNode;
  const Span span = {name.span.begin, last_end_};
  const auto op = AggregateOpOf(text);
  if (!op) {
    Fail(span, ExperimentalText(fmt::format("{}()", text)));
    return kNoNode;
  }
  aggregate.op = *op;
  const std::size_t wanted = TakesParameter(*op) ? 2 : 1;
  if (args.size() != wanted) {
    Fail(span, fmt::format("{}() takes {} argument{}, not {}", promql::Text(*op), wanted,
                           wanted == 1 ? "" : "s", args.size()));
    return kNoNode;
  }
  if (wanted == 2) aggregate.param = args[0];
  aggregate.expr = args.back();
  return Add(name.span.begin, std::move(aggregate));
}

Parsed Parse(std::string_view text) {
  if (text.size() > kMaxLength) {
    return {{}, {{{0, 0}, fmt::format("the expression is longer than {} bytes", kMaxLength)}}};
  }
  return Parser(text).Run();
}

}  // namespace fleet::promql
