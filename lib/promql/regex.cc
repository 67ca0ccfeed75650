#include "lib/promql/regex.h"

#include <re2/re2.h>

#include <algorithm>

#include "lib/base/text.h"
#include "lib/promql/regex_scan.h"

namespace fleet::promql {
namespace {

constexpr std::string_view kSpecial = "\\.+*?()[]{}^$";

re2::RE2::Options Options() {
  re2::RE2::Options options(re2::RE2::Quiet);
  options.set_dot_nl(true);
  // Go has no such limit; this one bounds what a hostile pattern costs.
  options.set_max_mem(std::int64_t{32} << 20U);
  return options;
}

// Patterns may be a megabyte.
constexpr std::size_t kLongestShown = 80;

// RE2 says what is wrong, and then where, up to the whole pattern.
std::string ErrorOf(const re2::RE2& compiled) {
  std::string text = compiled.error();
  if (text.size() <= kLongestShown) return text;
  std::size_t end = kLongestShown;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U)
    --end;  // a character stays whole
  return text.substr(0, end) + "...";
}

}  // namespace

bool IsPlainPattern(std::string_view pattern) {
  return pattern.find_first_of(kSpecial) == std::string_view::npos;
}

std::size_t RegexCost(std::string_view pattern) {
  constexpr std::size_t kOfOne = 500;  // to compile the smallest takes a tenth of a millisecond
  return IsPlainPattern(pattern) ? 0 : kOfOne + ScanRegex(pattern).cost;
}

std::optional<std::string> RegexError(std::string_view pattern) {
  if (IsPlainPattern(pattern) && IsValidUtf8(pattern)) return std::nullopt;
  RegexScan scan = ScanRegex(pattern);
  if (scan.error) return std::move(scan.error);
  const re2::RE2 compiled(scan.pattern, Options());
  if (compiled.ok()) return std::nullopt;
  return ErrorOf(compiled);
}

bool RegexMatches(std::string_view pattern, std::string_view text) {
  if (pattern == ".*") return true;
  if (pattern == ".+") return !text.empty();
  if (IsPlainPattern(pattern)) {
    const auto parts = Split(pattern, '|');
    return std::find(parts.begin(), parts.end(), text) != parts.end();
  }
  const re2::RE2 compiled(ScanRegex(pattern).pattern, Options());
  return re2::RE2::FullMatch(re2::StringPiece(text.data(), text.size()), compiled);
}

std::string RegexLiteral(std::string_view text) {
  std::string pattern;
  for (const char c : text) {
    if (kSpecial.find(c) != std::string_view::npos || c == '|') pattern += '\\';
    pattern += c;
  }
  return pattern;
}

}  // namespace fleet::promql
