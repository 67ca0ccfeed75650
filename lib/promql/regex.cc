#include "lib/promql/regex.h"

#include <re2/re2.h>

#include <algorithm>

#include "lib/base/text.h"

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

// Go takes (?<name>...), which this RE2 knows as (?P<name>...) only.
std::string WithOldGroupNames(std::string_view pattern) {
  std::string out(pattern);
  for (std::size_t i = out.find("(?<"); i != std::string::npos; i = out.find("(?<", i + 3)) {
    const bool escaped = i > 0 && out[i - 1] == '\\';
    const bool looks_behind = i + 3 < out.size() && (out[i + 3] == '=' || out[i + 3] == '!');
    if (!escaped && !looks_behind) out.insert(i + 2, "P");
  }
  return out;
}

// \\C is any byte, which Go does not have.
bool HasAnyByteEscape(std::string_view pattern) {
  for (std::size_t i = 0; i + 1 < pattern.size(); ++i) {
    if (pattern[i] != '\\') continue;
    ++i;
    if (pattern[i] == 'C') return true;
    if (pattern[i] != 'Q') continue;
    i = pattern.find("\\E", i);  // quoted text
    if (i == std::string_view::npos) break;
    ++i;
  }
  return false;
}

}  // namespace

bool IsPlainPattern(std::string_view pattern) {
  return pattern.find_first_of(kSpecial) == std::string_view::npos;
}

std::optional<std::string> RegexError(std::string_view pattern) {
  if (IsPlainPattern(pattern) && IsValidUtf8(pattern)) return std::nullopt;
  if (HasAnyByteEscape(pattern)) return "invalid escape sequence: \\C";
  const re2::RE2 compiled(WithOldGroupNames(pattern), Options());
  if (compiled.ok()) return std::nullopt;
  return compiled.error();
}

bool RegexMatches(std::string_view pattern, std::string_view text) {
  if (pattern == ".*") return true;
  if (pattern == ".+") return !text.empty();
  if (IsPlainPattern(pattern)) {
    const auto parts = Split(pattern, '|');
    return std::find(parts.begin(), parts.end(), text) != parts.end();
  }
  const re2::RE2 compiled(WithOldGroupNames(pattern), Options());
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
