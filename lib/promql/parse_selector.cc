// Selectors, lists of labels, and what may stand behind a selector or subquery.
#include <fmt/format.h>

#include <cmath>

#include "lib/base/text.h"
#include "lib/promql/parser_impl.h"
#include "lib/promql/regex.h"
#include "lib/promql/regex_scan.h"
#include "lib/promql/unicode.h"

namespace fleet::promql {

NodeId Parser::VectorSelector(std::optional<Token> name) {
  const std::size_t begin = name ? name->span.begin : token_.span.begin;
  Selector selector;
  if (name) {
    selector.name = TextOf(*name);
    selector.matchers.push_back({std::string(kNameLabel), MatchOp::kEqual, selector.name, name->span});
  }
  if (At(TokenKind::kLeftBrace)) Braces(selector);
  return failed() ? kNoNode : Add(begin, std::move(selector));
}

void Parser::Braces(Selector& selector) {
  Advance();
  if (Accept(TokenKind::kRightBrace)) return;
  while (!failed()) {
    OneMatcher(selector);
    if (Accept(TokenKind::kRightBrace)) return;
    Expect(TokenKind::kComma, "',' or '}'");
    if (Accept(TokenKind::kRightBrace)) return;
  }
}

void Parser::OneMatcher(Selector& selector) {
  const bool is_quoted = At(TokenKind::kString);
  if (!is_quoted && !At(TokenKind::kIdentifier)) return Unexpected("a label");
  Matcher matcher;
  matcher.label = is_quoted ? Unquote(TokenText()) : std::string(TokenText());
  matcher.span = Advance().span;
  switch (token_.kind) {
    case TokenKind::kAssign:
      matcher.op = MatchOp::kEqual;
      break;
    case TokenKind::kNotEqual:
      matcher.op = MatchOp::kNotEqual;
      break;
    case TokenKind::kRegexMatch:
      matcher.op = MatchOp::kRegex;
      break;
    case TokenKind::kRegexNotMatch:
      matcher.op = MatchOp::kNotRegex;
      break;
    default:
      if (!is_quoted) return Unexpected("one of = != =~ !~ behind the label");
      matcher.value = std::move(matcher.label);  // {"name"}
      matcher.label = kNameLabel;
      selector.matchers.push_back(std::move(matcher));
      return;
  }
  Advance();
  if (!At(TokenKind::kString)) return Unexpected("a quoted value");
  matcher.value = Unquote(TokenText());
  const Span value = Advance().span;
  matcher.span.end = value.end;
  if (matcher.op == MatchOp::kRegex || matcher.op == MatchOp::kNotRegex) {
    pattern_cost_ += RegexCost(matcher.value);
    if (pattern_cost_ > kMaxRegexCost) return Fail(value, "the regular expressions are too large");
    if (const auto error = RegexError(matcher.value)) {
      // Not fatal, but the pattern cannot be asked what it matches.
      Report(value, fmt::format("not a regular expression: {}", *error));
      matcher.op = MatchOp::kEqual;
      matcher.value = "broken";
    }
  }
  selector.matchers.push_back(std::move(matcher));
}

std::vector<Label> Parser::LabelList() {
  std::vector<Label> labels;
  Expect(TokenKind::kLeftParen, "'(' and labels");
  if (Accept(TokenKind::kRightParen)) return labels;
  while (!failed()) {
    if (auto label = OneLabel()) labels.push_back(*std::move(label));
    if (Accept(TokenKind::kRightParen)) break;
    Expect(TokenKind::kComma, "',' or ')'");
    if (Accept(TokenKind::kRightParen)) break;
  }
  return labels;
}

std::optional<Label> Parser::OneLabel() {
  Label label;
  if (At(TokenKind::kString)) {
    label.value = Unquote(TokenText());
    if (label.value.empty() || !IsValidUtf8(label.value)) {
      Report(token_.span, "a label needs a name, in UTF-8");
    }
  } else if (CanNameLabel(token_.kind)) {
    label.value = TokenText();
  } else {
    Unexpected("a label");
    return std::nullopt;
  }
  label.span = Advance().span;
  return label;
}

NodeId Parser::Postfix(NodeId id) {
  while (!failed()) {
    if (At(TokenKind::kLeftBracket)) {
      id = Brackets(id);
    } else if (At(TokenKind::kOffset)) {
      Offset(id);
    } else if (At(TokenKind::kAt)) {
      AtTime(id);
    } else if (At(TokenKind::kExtended)) {
      Fail(token_.span,
           fmt::format("'{}' is experimental: Prometheus takes it only with a feature flag", TokenText()));
    } else {
      break;
    }
  }
  return id;
}

NodeId Parser::Brackets(NodeId id) {
  const std::size_t begin = tree_[id].span.begin;
  const std::size_t open = Advance().span.begin;
  DurationSpec range = RangeDuration();
  if (Accept(TokenKind::kColon)) {
    Subquery subquery{id, std::move(range), {}, {}};
    if (!At(TokenKind::kRightBracket)) subquery.step = RangeDuration();
    Expect(TokenKind::kRightBracket, "']'");
    return failed() ? kNoNode : Add(begin, std::move(subquery));
  }
  Expect(TokenKind::kRightBracket, "':' or ']'");
  if (failed()) return kNoNode;
  const Span brackets = {open, last_end_};
  auto* selector = std::get_if<Selector>(&tree_[id].data);
  if (selector == nullptr || selector->range) {
    Fail(brackets, "a range goes right behind a selector; of other expressions make a subquery, [5m:]");
  } else if (selector->time.offset) {
    Fail(brackets, "the range goes before 'offset'");
  } else if (selector->time.at) {
    Fail(brackets, "the range goes before '@'");
  } else {
    selector->range = std::move(range);
    tree_[id].span.end = last_end_;
  }
  return id;
}

TimeModifiers* Parser::TimeOf(NodeId id, Span modifier, std::string_view name) {
  if (auto* selector = std::get_if<Selector>(&tree_[id].data)) return &selector->time;
  if (auto* subquery = std::get_if<Subquery>(&tree_[id].data)) return &subquery->time;
  Fail(modifier, fmt::format("'{}' goes right behind a selector or a subquery", name));
  return nullptr;
}

void Parser::Offset(NodeId id) {
  const Span word = Advance().span;
  DurationSpec offset = OffsetDuration();
  if (failed()) return;
  TimeModifiers* time = TimeOf(id, word, "offset");
  if (time == nullptr) return;
  if (time->offset) return Fail({word.begin, last_end_}, "'offset' is given twice");
  // Prometheus forgets an offset of zero.
  if (!offset.is_constant() || std::llround(offset.seconds * 1e9) != 0) time->offset = std::move(offset);
  tree_[id].span.end = last_end_;
}

void Parser::AtTime(NodeId id) {
  const Span sign = Advance().span;
  const auto at = ReadAtTime();
  if (failed() || !at) return;
  TimeModifiers* time = TimeOf(id, sign, "@");
  if (time == nullptr) return;
  if (time->at) return Fail({sign.begin, last_end_}, "'@' is given twice");
  time->at = at;
  tree_[id].span.end = last_end_;
}

std::optional<AtModifier> Parser::ReadAtTime() {
  constexpr std::string_view kExpected = "a unix time, start() or end()";
  if (At(TokenKind::kStart) || At(TokenKind::kEnd_)) {
    const auto kind = Advance().kind == TokenKind::kStart ? AtModifier::Kind::kStart : AtModifier::Kind::kEnd;
    Expect(TokenKind::kLeftParen, "'()'");
    Expect(TokenKind::kRightParen, "')'");
    return AtModifier{kind, 0};
  }
  const std::size_t begin = token_.span.begin;
  const bool is_minus = At(TokenKind::kSub);
  if (is_minus || At(TokenKind::kAdd)) Advance();
  bool is_duration = false;
  const auto value = Seconds(is_duration);
  if (!value) {
    Unexpected(kExpected);
    return std::nullopt;
  }
  const double seconds = is_minus ? -*value : *value;
  constexpr double kBeyond = 9223372036854775808.0;
  if (!(std::fabs(seconds) < kBeyond)) {
    Report({begin, last_end_}, "no such time");
    return AtModifier{};
  }
  // Rounded to milliseconds, where a double still has them.
  constexpr double kFine = 8796093022208.0;
  return AtModifier{AtModifier::Kind::kTimestamp,
                    std::fabs(seconds) < kFine ? std::round(seconds * 1000) / 1000 : seconds};
}

}  // namespace fleet::promql
