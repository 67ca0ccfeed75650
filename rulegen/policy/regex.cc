#include "rulegen/policy/regex.h"

#include <re2/re2.h>

namespace fleet::rulegen {

std::optional<std::string> RegexError(std::string_view pattern) {
  // Go's regexp, which Prometheus uses, has the syntax of RE2 without \C (any byte).
  if (pattern.find("\\C") != std::string_view::npos) return "invalid escape sequence: \\C";
  const re2::RE2 compiled(re2::StringPiece(pattern.data(), pattern.size()), re2::RE2::Quiet);
  if (compiled.ok()) return std::nullopt;
  return compiled.error();
}

bool RegexMatches(std::string_view pattern, std::string_view text) {
  const re2::RE2 compiled(re2::StringPiece(pattern.data(), pattern.size()), re2::RE2::Quiet);
  return re2::RE2::FullMatch(re2::StringPiece(text.data(), text.size()), compiled);
}

std::string RegexLiteral(std::string_view text) {
  constexpr std::string_view kSpecial = "\\.+*?()|[]{}^$";
  std::string pattern;
  for (const char c : text) {
    if (kSpecial.find(c) != std::string_view::npos) pattern += '\\';
    pattern += c;
  }
  return pattern;
}

}  // namespace fleet::rulegen
