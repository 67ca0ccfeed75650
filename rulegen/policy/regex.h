// Regular expressions as Prometheus reads them. The one place that knows RE2.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace fleet::rulegen {

// Why Prometheus would refuse the pattern; nothing when it would not.
std::optional<std::string> RegexError(std::string_view pattern);

// Prometheus anchors patterns at both ends. REQUIRES: a valid pattern.
bool RegexMatches(std::string_view pattern, std::string_view text);

// The pattern that matches this text and no other.
std::string RegexLiteral(std::string_view text);

}  // namespace fleet::rulegen
