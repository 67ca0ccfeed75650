// The words of PromQL. A token is a kind and a place; its text is the place in the expression.
#pragma once

#include <cstdint>
#include <string_view>

#include "lib/base/source_text.h"

namespace fleet::promql {

enum class TokenKind : std::uint8_t {
  kEnd,
  kError,  // not a token; Lexer::error() says why
  kIdentifier,
  kMetricIdentifier,  // with a colon: names metrics only
  kNumber,            // inf and nan, too
  kDuration,
  kString,
  // punctuation
  kLeftParen,
  kRightParen,
  kLeftBrace,
  kRightBrace,
  kLeftBracket,
  kRightBracket,
  kComma,
  kColon,
  kAt,
  kAssign,         // =
  kRegexMatch,     // =~
  kRegexNotMatch,  // !~
  // operators
  kAdd,
  kSub,
  kMul,
  kDiv,
  kMod,
  kPow,
  kEqual,
  kNotEqual,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
  kTrimUpper,  // </
  kTrimLower,  // >/
  kAnd,
  kOr,
  kUnless,
  kAtan2,
  // words
  kAggregation,  // sum, topk, ...
  kBy,
  kWithout,
  kOn,
  kIgnoring,
  kGroupLeft,
  kGroupRight,
  kBool,
  kOffset,
  kStart,
  kEnd_,  // the word `end`
  kStep,
  kRange,
  kMinOf,
  kMaxOf,
  kFill,      // fill, fill_left, fill_right before a parenthesis
  kExtended,  // anchored, smoothed
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  Span span;
};

// A word that may name a metric although it means something elsewhere.
constexpr bool CanNameMetric(TokenKind kind) {
  switch (kind) {
    case TokenKind::kIdentifier:
    case TokenKind::kMetricIdentifier:
    case TokenKind::kAnd:
    case TokenKind::kOr:
    case TokenKind::kUnless:
    case TokenKind::kAggregation:
    case TokenKind::kBy:
    case TokenKind::kWithout:
    case TokenKind::kOffset:
    case TokenKind::kStart:
    case TokenKind::kEnd_:
    case TokenKind::kStep:
    case TokenKind::kRange:
    case TokenKind::kMinOf:
    case TokenKind::kMaxOf:
    case TokenKind::kExtended:
      return true;
    default:
      return false;
  }
}

// A word that may stand in a list of labels: by (...), on (...), group_left (...).
constexpr bool CanNameLabel(TokenKind kind) {
  switch (kind) {
    case TokenKind::kBool:
    case TokenKind::kOn:
    case TokenKind::kIgnoring:
    case TokenKind::kGroupLeft:
    case TokenKind::kGroupRight:
    case TokenKind::kAtan2:
    case TokenKind::kFill:
      return true;
    case TokenKind::kWithout:
      return false;
    default:
      return CanNameMetric(kind);
  }
}

}  // namespace fleet::promql
