// UTF-8 as PromQL needs it: decoding, encoding, and which characters Prometheus prints unescaped.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace fleet::promql {

inline constexpr std::uint32_t kReplacementRune = 0xFFFD;
inline constexpr std::uint32_t kLargestRune = 0x10FFFF;

struct DecodedRune {
  std::uint32_t value = kReplacementRune;
  std::size_t size = 1;  // 1 for a byte that begins no valid character
};

// The first character. REQUIRES: not empty.
DecodedRune DecodeRune(std::string_view text);

void AppendRune(std::string& text, std::uint32_t rune);

// As a PromQL string in double quotes. Bytes that are no UTF-8 become \x escapes, characters that do not
// show \u escapes.
std::string Quote(std::string_view text);

// The value of a quoted string the lexer accepted.
std::string Unquote(std::string_view quoted);

}  // namespace fleet::promql
