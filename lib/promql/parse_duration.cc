// Durations in brackets and behind `offset`: literals, and since Prometheus 3.14 arithmetic.
#include <fmt/format.h>

#include <cmath>

#include "lib/base/duration.h"
#include "lib/base/text.h"
#include "lib/promql/number.h"
#include "lib/promql/parser_impl.h"

namespace fleet::promql {
namespace {

using Op = DurationSpec::Op;

constexpr double kLongest = 9223372036.854775808;  // seconds: 2^63 ns
constexpr int kProduct = 5;

struct Operator {
  Op op;
  int precedence;
};

std::optional<Operator> OperatorOf(TokenKind kind) {
  switch (kind) {
    case TokenKind::kAdd:
      return Operator{Op::kAdd, 4};
    case TokenKind::kSub:
      return Operator{Op::kSub, 4};
    case TokenKind::kMul:
      return Operator{Op::kMul, kProduct};
    case TokenKind::kDiv:
      return Operator{Op::kDiv, kProduct};
    case TokenKind::kMod:
      return Operator{Op::kMod, kProduct};
    case TokenKind::kPow:
      return Operator{Op::kPow, kProduct + 1};
    default:
      return std::nullopt;
  }
}

bool IsLiteral(const DurationSpec::Term& term) { return term.op == Op::kNumber || term.op == Op::kDuration; }

}  // namespace

std::optional<double> Parser::Seconds(bool& is_duration) {
  const std::string_view text = TokenText();
  std::optional<double> value;
  if (At(TokenKind::kNumber)) {
    value = ParseNumber(text);
    if (!value) Report(token_.span, fmt::format("'{}' is no number a computer can hold", Printable(text)));
  } else if (At(TokenKind::kDuration)) {
    is_duration = true;
    if (const auto duration = ParseDuration(text)) value = ToSeconds(*duration);
    if (!value) {
      Report(token_.span,
             fmt::format("'{}' is no duration: whole numbers with units in the order y w d h m s "
                         "ms, each at most once, up to 292 years",
                         Printable(text)));
    }
  } else {
    return std::nullopt;
  }
  Advance();
  return value.value_or(1);
}

DurationSpec Parser::RangeDuration() {
  DurationSpec spec;
  const std::size_t begin = token_.span.begin;
  DurationExpression(spec, 1);
  Finish(spec, begin);
  if (!failed() && spec.is_constant() && !(spec.seconds > 0)) Report(spec.span, "must be above zero");
  return spec;
}

// Without parentheses only a literal belongs to the offset: foo offset 5m - 8 is a difference.
DurationSpec Parser::OffsetDuration() {
  DurationSpec spec;
  const std::size_t begin = token_.span.begin;
  const bool is_minus = At(TokenKind::kSub);
  if (is_minus || At(TokenKind::kAdd)) Advance();
  DurationPrimary(spec);
  if (failed()) return spec;
  if (is_minus && spec.terms.size() == 1 && IsLiteral(spec.terms[0])) {
    spec.terms[0].seconds = -spec.terms[0].seconds;
  } else if (is_minus) {
    spec.terms.push_back({Op::kNegate, 0});
  }
  Finish(spec, begin);
  return spec;
}

// A literal alone is a constant.
void Parser::Finish(DurationSpec& spec, std::size_t begin) {
  spec.span = {begin, last_end_};
  if (spec.terms.size() != 1 || !IsLiteral(spec.terms[0])) return;
  spec.seconds = spec.terms[0].seconds;
  spec.is_bare = spec.terms[0].op == Op::kNumber;
  spec.terms.clear();
  if (!(std::fabs(spec.seconds) <= kLongest)) Report(spec.span, "longer than 292 years");
}

void Parser::DurationExpression(DurationSpec& spec, int least_precedence) {
  if (++depth_ > kMaxDepth) Fail(token_.span, fmt::format("nested more than {} levels deep", kMaxDepth));
  if (At(TokenKind::kAdd) || At(TokenKind::kSub)) {
    const bool is_minus = Advance().kind == TokenKind::kSub;
    const std::size_t operand = spec.terms.size();
    DurationExpression(spec, kProduct + 1);
    if (is_minus && spec.terms.size() == operand + 1 && IsLiteral(spec.terms.back())) {
      spec.terms.back().seconds = -spec.terms.back().seconds;
    } else if (is_minus) {
      spec.terms.push_back({Op::kNegate, 0});
    }
  } else {
    DurationPrimary(spec);
  }
  while (!failed()) {
    const auto op = OperatorOf(token_.kind);
    if (!op || op->precedence < least_precedence) break;
    const Token sign = Advance();
    const std::size_t rhs = spec.terms.size();
    DurationExpression(spec, op->op == Op::kPow ? op->precedence : op->precedence + 1);
    if (!failed()) DurationBinary(spec, sign, rhs);
  }
  --depth_;
}

// `rhs`: where the terms of the right side begin.
void Parser::DurationBinary(DurationSpec& spec, const Token& sign, std::size_t rhs) {
  const Op op = OperatorOf(sign.kind)->op;
  const bool is_zero =
      spec.terms.size() == rhs + 1 && IsLiteral(spec.terms[rhs]) && spec.terms[rhs].seconds == 0;
  if (is_zero && (op == Op::kDiv || op == Op::kMod)) Report(sign.span, "division by zero");
  spec.terms.push_back({op, 0});
}

void Parser::DurationPrimary(DurationSpec& spec) {
  switch (token_.kind) {
    case TokenKind::kNumber:
    case TokenKind::kDuration: {
      const Span span = token_.span;
      bool is_duration = false;
      const double seconds = Seconds(is_duration).value_or(1);
      if (!(std::fabs(seconds) <= kLongest)) Report(span, "longer than 292 years");
      spec.terms.push_back({is_duration ? Op::kDuration : Op::kNumber, seconds});
      return;
    }
    case TokenKind::kStep:
    case TokenKind::kRange:
      spec.terms.push_back({Advance().kind == TokenKind::kStep ? Op::kStep : Op::kRange, 0});
      Expect(TokenKind::kLeftParen, "'()'");
      Expect(TokenKind::kRightParen, "')'");
      return;
    case TokenKind::kMinOf:
    case TokenKind::kMaxOf:
      return DurationCall(spec);
    case TokenKind::kLeftParen: {
      Advance();
      const std::size_t inner = spec.terms.size();
      DurationExpression(spec, 1);
      Expect(TokenKind::kRightParen, "')' or an operator");
      // Parentheses around a literal leave no trace.
      if (spec.terms.size() == inner + 1 && IsLiteral(spec.terms.back())) return;
      spec.terms.push_back({Op::kParens, 0});
      return;
    }
    default:
      Unexpected("a duration");
  }
}

void Parser::DurationCall(DurationSpec& spec) {
  const Op op = Advance().kind == TokenKind::kMinOf ? Op::kMinOf : Op::kMaxOf;
  Expect(TokenKind::kLeftParen, "'('");
  DurationExpression(spec, 1);
  Expect(TokenKind::kComma, "','");
  DurationExpression(spec, 1);
  Expect(TokenKind::kRightParen, "')'");
  spec.terms.push_back({op, 0});
}

}  // namespace fleet::promql
