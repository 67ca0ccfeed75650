// Regular expressions as Prometheus reads them. The one place of lib/promql that knows RE2.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace fleet::promql {

// Why Prometheus would refuse the pattern; nothing when it would not.
std::optional<std::string> RegexError(std::string_view pattern);

// About as many steps as its program has, which is what it costs to compile it; nothing where it need not be.
std::size_t RegexCost(std::string_view pattern);

// Anchored at both ends, dot matches line feeds. REQUIRES: a valid pattern.
bool RegexMatches(std::string_view pattern, std::string_view text);

// The pattern that matches this text and no other.
std::string RegexLiteral(std::string_view text);

// Without characters that mean something in a pattern, `|` aside.
bool IsPlainPattern(std::string_view pattern);

}  // namespace fleet::promql
