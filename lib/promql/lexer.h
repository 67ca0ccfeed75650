// Bytes to tokens, one at a time, in linear time. What a word means depends on the brackets around it,
// so the lexer remembers them: in {} every word is a label, in [] only words of durations exist.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "lib/promql/token.h"

namespace fleet::promql {

class Lexer {
 public:
  // `text` must outlive the lexer.
  explicit Lexer(std::string_view text) : text_(text) {}

  // After kEnd or kError the same token comes for ever.
  Token Next();

  // Why the last token is kError: "unexpected character '$'".
  const std::string& error() const { return error_; }

 private:
  bool SkipBlanks();
  Token Make(TokenKind kind, std::size_t begin) const { return {kind, {begin, at_}}; }
  Token Fail(std::size_t begin, std::string why);
  Token InBraces();
  Token Outside();
  Token Operator(std::size_t begin);
  Token Word();
  Token BracketWord();
  Token NumberOrDuration();
  Token String(char quote);
  bool Escape(char quote);
  bool EscapeDigits(int count, unsigned base, unsigned largest);
  bool ScanNumber();
  bool ScanNumberLoop(bool hex);
  bool ScanDuration();
  bool Accept(std::string_view set);
  bool AtAny(std::string_view set) const;
  void AcceptRun(std::string_view set);
  bool AtWordCharacter() const;
  bool FollowedByParen() const;
  // The character at `at`, quoted for a message.
  std::string CharacterAt(std::size_t at) const;

  std::string_view text_;
  std::size_t at_ = 0;
  bool in_braces_ = false;
  bool in_brackets_ = false;
  bool bracket_has_number_ = false;  // comments are allowed in [] only after it
  std::string error_;
  Token last_;
};

}  // namespace fleet::promql
