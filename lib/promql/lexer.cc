#include "lib/promql/lexer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "lib/base/text.h"
#include "lib/promql/unicode.h"

namespace fleet::promql {
namespace {

constexpr std::string_view kDigits = "0123456789";
constexpr std::string_view kHexDigits = "0123456789abcdefABCDEF";

constexpr bool IsAlpha(char c) { return c == '_' || IsLetter(c); }
constexpr char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

struct Keyword {
  std::string_view word;
  TokenKind kind;
};

// Sorted, for the binary search.
constexpr auto kKeywords = std::to_array<Keyword>({
    {"anchored", TokenKind::kExtended},
    {"and", TokenKind::kAnd},
    {"atan2", TokenKind::kAtan2},
    {"avg", TokenKind::kAggregation},
    {"bool", TokenKind::kBool},
    {"bottomk", TokenKind::kAggregation},
    {"by", TokenKind::kBy},
    {"count", TokenKind::kAggregation},
    {"count_values", TokenKind::kAggregation},
    {"end", TokenKind::kEnd_},
    {"fill", TokenKind::kFill},
    {"fill_left", TokenKind::kFill},
    {"fill_right", TokenKind::kFill},
    {"group", TokenKind::kAggregation},
    {"group_left", TokenKind::kGroupLeft},
    {"group_right", TokenKind::kGroupRight},
    {"ignoring", TokenKind::kIgnoring},
    {"inf", TokenKind::kNumber},
    {"limit_ratio", TokenKind::kAggregation},
    {"limitk", TokenKind::kAggregation},
    {"max", TokenKind::kAggregation},
    {"max_of", TokenKind::kMaxOf},
    {"min", TokenKind::kAggregation},
    {"min_of", TokenKind::kMinOf},
    {"nan", TokenKind::kNumber},
    {"offset", TokenKind::kOffset},
    {"on", TokenKind::kOn},
    {"or", TokenKind::kOr},
    {"quantile", TokenKind::kAggregation},
    {"range", TokenKind::kRange},
    {"smoothed", TokenKind::kExtended},
    {"start", TokenKind::kStart},
    {"stddev", TokenKind::kAggregation},
    {"stdvar", TokenKind::kAggregation},
    {"step", TokenKind::kStep},
    {"sum", TokenKind::kAggregation},
    {"topk", TokenKind::kAggregation},
    {"unless", TokenKind::kUnless},
    {"without", TokenKind::kWithout},
});
constexpr std::size_t kLongestKeyword = 12;

// kIdentifier when the word is no keyword. Case does not matter.
TokenKind KeywordOf(std::string_view word) {
  if (word.size() < 2 || word.size() > kLongestKeyword) return TokenKind::kIdentifier;
  std::array<char, kLongestKeyword> lower{};
  std::transform(word.begin(), word.end(), lower.begin(), Lower);
  const std::string_view key(lower.data(), word.size());
  const auto found = std::lower_bound(kKeywords.begin(), kKeywords.end(), key,
                                      [](const Keyword& k, std::string_view w) { return k.word < w; });
  return found != kKeywords.end() && found->word == key ? found->kind : TokenKind::kIdentifier;
}

}  // namespace

std::string Lexer::CharacterAt(std::size_t at) const {
  if (at >= text_.size()) return "the end";
  const DecodedRune rune = DecodeRune(text_.substr(at));
  return "'" + Printable(text_.substr(at, rune.size)) + "'";
}

Token Lexer::Fail(std::size_t begin, std::string why) {
  error_ = std::move(why);
  return {TokenKind::kError, {begin, std::max(at_, begin)}};
}

// False after a comment that may not stand here.
bool Lexer::SkipBlanks() {
  for (;;) {
    while (at_ < text_.size() && IsSpace(text_[at_])) ++at_;
    if (at_ >= text_.size() || text_[at_] != '#') return true;
    if (in_brackets_ && !bracket_has_number_) return false;
    while (at_ < text_.size() && text_[at_] != '\n' && text_[at_] != '\r') ++at_;
  }
}

Token Lexer::Next() {
  if (last_.kind == TokenKind::kError) return last_;
  if (!SkipBlanks()) {
    last_ = Fail(at_, "a comment cannot stand before the duration");
    return last_;
  }
  last_ = in_braces_ ? InBraces() : Outside();
  return last_;
}

Token Lexer::InBraces() {
  const std::size_t begin = at_;
  if (at_ >= text_.size()) return Fail(begin, "'{' is not closed");
  const char c = text_[at_++];
  const char next = at_ < text_.size() ? text_[at_] : '\0';
  switch (c) {
    case ',':
      return Make(TokenKind::kComma, begin);
    case '}':
      in_braces_ = false;
      return Make(TokenKind::kRightBrace, begin);
    case '"':
    case '\'':
    case '`':
      return String(c);
    case '=':
      if (next != '~') return Make(TokenKind::kAssign, begin);
      ++at_;
      return Make(TokenKind::kRegexMatch, begin);
    case '!':
      if (next != '~' && next != '=') break;
      ++at_;
      return Make(next == '~' ? TokenKind::kRegexNotMatch : TokenKind::kNotEqual, begin);
    default:
      if (!IsAlpha(c)) break;
      while (AtWordCharacter()) ++at_;
      return Make(TokenKind::kIdentifier, begin);
  }
  at_ = begin + DecodeRune(text_.substr(begin)).size;
  return Fail(begin, fmt::format("unexpected {} inside braces", CharacterAt(begin)));
}

Token Lexer::Outside() {
  const std::size_t begin = at_;
  if (at_ >= text_.size()) return Make(TokenKind::kEnd, begin);
  const char c = text_[at_];
  const char next = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
  if (IsDigit(c) || (c == '.' && IsDigit(next))) return NumberOrDuration();
  if (IsAlpha(c) || c == ':') return in_brackets_ ? BracketWord() : Word();
  ++at_;
  switch (c) {
    case '"':
    case '\'':
    case '`':
      return String(c);
    case '{':
      in_braces_ = true;
      return Make(TokenKind::kLeftBrace, begin);
    case '[':
      if (in_brackets_) return Fail(begin, "unexpected '[' inside brackets");
      in_brackets_ = true;
      bracket_has_number_ = false;
      return Make(TokenKind::kLeftBracket, begin);
    case ']':
      if (!in_brackets_) return Fail(begin, "unexpected ']'");
      in_brackets_ = false;
      return Make(TokenKind::kRightBracket, begin);
    default:
      return Operator(begin);
  }
}

Token Lexer::Operator(std::size_t begin) {
  struct Row {
    char c;
    TokenKind kind;
    TokenKind with_equals;  // kError: none
  };
  constexpr TokenKind kNone = TokenKind::kError;
  constexpr Row kRows[] = {
      {'(', TokenKind::kLeftParen, kNone},
      {')', TokenKind::kRightParen, kNone},
      {',', TokenKind::kComma, kNone},
      {'@', TokenKind::kAt, kNone},
      {'+', TokenKind::kAdd, kNone},
      {'-', TokenKind::kSub, kNone},
      {'*', TokenKind::kMul, kNone},
      {'/', TokenKind::kDiv, kNone},
      {'%', TokenKind::kMod, kNone},
      {'^', TokenKind::kPow, kNone},
      {'<', TokenKind::kLess, TokenKind::kLessEqual},
      {'>', TokenKind::kGreater, TokenKind::kGreaterEqual},
      {'=', TokenKind::kAssign, TokenKind::kEqual},
      {'!', kNone, TokenKind::kNotEqual},
  };
  const char c = text_[begin];
  const char next = at_ < text_.size() ? text_[at_] : '\0';
  for (const Row& row : kRows) {
    if (row.c != c) continue;
    if (row.with_equals != kNone && next == '=') {
      ++at_;
      return Make(row.with_equals, begin);
    }
    if ((c == '<' || c == '>') && next == '/') {
      ++at_;
      return Make(c == '<' ? TokenKind::kTrimUpper : TokenKind::kTrimLower, begin);
    }
    if ((c == '=' || c == '!') && next == '~') {
      ++at_;
      return Fail(begin, fmt::format("'{}~' compares labels, and only inside braces", c));
    }
    if (row.kind == kNone) break;
    return Make(row.kind, begin);
  }
  at_ = begin + DecodeRune(text_.substr(begin)).size;
  return Fail(begin, fmt::format("unexpected character {}", CharacterAt(begin)));
}

bool Lexer::AtWordCharacter() const {
  return at_ < text_.size() && (IsAlpha(text_[at_]) || IsDigit(text_[at_]));
}

bool Lexer::FollowedByParen() const {
  std::size_t i = at_;
  while (i < text_.size() && IsSpace(text_[i])) ++i;
  return i < text_.size() && text_[i] == '(';
}

Token Lexer::Word() {
  const std::size_t begin = at_;
  bool has_colon = false;
  while (AtWordCharacter() || (at_ < text_.size() && text_[at_] == ':')) {
    has_colon |= text_[at_] == ':';
    ++at_;
  }
  if (has_colon) return Make(TokenKind::kMetricIdentifier, begin);
  TokenKind kind = KeywordOf(text_.substr(begin, at_ - begin));
  if (kind == TokenKind::kFill && !FollowedByParen()) kind = TokenKind::kIdentifier;
  return Make(kind, begin);
}

Token Lexer::BracketWord() {
  const std::size_t begin = at_;
  if (text_[at_] == ':') {
    ++at_;
    return Make(TokenKind::kColon, begin);
  }
  while (AtWordCharacter()) ++at_;
  const std::string_view word = text_.substr(begin, at_ - begin);
  const TokenKind kind = KeywordOf(word);
  switch (kind) {
    case TokenKind::kStep:
    case TokenKind::kRange:
    case TokenKind::kMinOf:
    case TokenKind::kMaxOf:
      return Make(kind, begin);
    default:
      return Fail(begin, fmt::format("unexpected '{}' in a duration", word));
  }
}

bool Lexer::AtAny(std::string_view set) const {
  return at_ < text_.size() && set.find(text_[at_]) != std::string_view::npos;
}

bool Lexer::Accept(std::string_view set) {
  if (!AtAny(set)) return false;
  ++at_;
  return true;
}

void Lexer::AcceptRun(std::string_view set) {
  while (Accept(set)) {
  }
}

Token Lexer::NumberOrDuration() {
  const std::size_t begin = at_;
  bracket_has_number_ = true;
  if (ScanNumber()) return Make(TokenKind::kNumber, begin);
  if (ScanDuration()) return Make(TokenKind::kDuration, begin);
  while (AtWordCharacter()) ++at_;
  return Fail(begin, fmt::format("'{}' is neither a number nor a duration",
                                 Printable(text_.substr(begin, at_ - begin))));
}

bool Lexer::ScanNumber() {
  bool hex = false;
  if (Accept("0") && Accept("xX")) {
    Accept("_");
    hex = true;
  }
  Accept(".");
  Accept(hex ? kHexDigits : kDigits);
  return ScanNumberLoop(hex) && !AtWordCharacter();
}

// The rest of a number. That an `e` right behind the first hexadecimal digit counts as an exponent, so
// that 0x1ee is no number, is what Prometheus 3 does.
bool Lexer::ScanNumberLoop(bool hex) {
  const std::string_view digits = hex ? kHexDigits : kDigits;
  bool has_point = false;
  bool has_exponent = false;
  while (AtAny(digits) || AtAny("._eE")) {
    if (AtAny(".") && has_point) return false;
    if (AtAny("eE") && has_exponent) return false;
    if (Accept(".")) {
      has_point = true;
      if (hex || AtAny("_.")) return false;
    } else if (Accept("eE")) {
      has_exponent = true;
      Accept("+-");
      if (AtAny("._eE") || at_ >= text_.size()) return false;
    } else if (Accept("_")) {
      if (AtAny("._eE") || at_ >= text_.size()) return false;
    } else {
      AcceptRun(digits);
    }
  }
  return true;
}

// The digits before the first unit were taken by ScanNumber. Order and repetition of the units are the
// parser's business.
bool Lexer::ScanDuration() {
  if (!Accept("smhdwy")) return false;
  Accept("s");
  while (Accept(kDigits)) {
    AcceptRun(kDigits);
    if (!Accept("smhdw")) return false;
    Accept("s");
  }
  return !AtWordCharacter();
}

Token Lexer::String(char quote) {
  const std::size_t begin = at_ - 1;
  while (at_ < text_.size()) {
    const char c = text_[at_];
    if (static_cast<unsigned char>(c) >= 0x80) {
      const DecodedRune rune = DecodeRune(text_.substr(at_));
      // Also the replacement character itself, which Prometheus cannot tell from a broken one.
      if (rune.value == kReplacementRune) return Fail(at_, "text must be UTF-8 without U+FFFD");
      at_ += rune.size;
      continue;
    }
    if (c == quote) {
      ++at_;
      return Make(TokenKind::kString, begin);
    }
    if (quote != '`' && c == '\n') break;
    ++at_;
    if (quote != '`' && c == '\\' && !Escape(quote)) return last_;
  }
  return Fail(begin, "the string is not closed");
}

bool Lexer::Escape(char quote) {
  const std::size_t begin = at_ - 1;
  const char c = at_ < text_.size() ? text_[at_] : '\0';
  bool good = true;
  if (c != '\0' && (std::string_view("abfnrtv\\").find(c) != std::string_view::npos || c == quote)) {
    ++at_;
  } else if (c >= '0' && c <= '7') {
    good = EscapeDigits(3, 8, 255);
  } else if (c == 'x' || c == 'u' || c == 'U') {
    ++at_;
    good = EscapeDigits(c == 'x' ? 2 : c == 'u' ? 4 : 8, 16, c == 'x' ? 255 : kLargestRune);
  } else {
    good = false;
    if (at_ < text_.size()) at_ += DecodeRune(text_.substr(at_)).size;
  }
  if (!good) {
    last_ = Fail(begin, fmt::format("no escape sequence '{}'", Printable(text_.substr(begin, at_ - begin))));
  }
  return good;
}

bool Lexer::EscapeDigits(int count, unsigned base, unsigned largest) {
  std::uint64_t value = 0;
  for (int i = 0; i < count; ++i) {
    if (at_ >= text_.size()) return false;
    const std::size_t digit = std::string_view("0123456789abcdef").find(Lower(text_[at_]));
    if (digit >= base) return false;
    value = value * base + digit;
    ++at_;
  }
  return value <= largest && (value < 0xD800 || value >= 0xE000);
}

}  // namespace fleet::promql
