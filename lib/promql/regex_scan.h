// One pass over a regular expression before RE2 sees it: what Go writes otherwise, what Go bounds and RE2
// does not.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace fleet::promql {

struct RegexScan {
  // In the syntax that RE2 reads. Names of groups are left out: Go takes them without a P and more than once,
  // and they select nothing.
  std::string pattern;
  // Steps of its program, about: a{1000} has a thousand. At most a little above kMaxRegexCost.
  std::size_t cost = 0;
  // Refused by Go for what RE2 would take.
  std::optional<std::string> error;
};

// RE2 takes a minute for a megabyte of Unicode's classes, and Go refuses it. What is accepted takes half a
// second.
inline constexpr std::size_t kMaxRegexCost = 500'000;

// Takes time linear in the pattern, whatever it is.
RegexScan ScanRegex(std::string_view pattern);

}  // namespace fleet::promql
