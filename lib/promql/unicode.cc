#include "lib/promql/unicode.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

namespace fleet::promql {
namespace {

struct RuneRange {
  std::uint32_t first;
  std::uint32_t last;
};

// Outside ASCII: controls, spaces other than U+0020, format and private characters, noncharacters.
constexpr auto kHidden = std::to_array<RuneRange>({
    {0x80, 0xA0},       {0xAD, 0xAD},       {0x600, 0x605},     {0x61C, 0x61C},     {0x6DD, 0x6DD},
    {0x70F, 0x70F},     {0x890, 0x891},     {0x8E2, 0x8E2},     {0x1680, 0x1680},   {0x180E, 0x180E},
    {0x2000, 0x200F},   {0x2028, 0x202F},   {0x205F, 0x206F},   {0x3000, 0x3000},   {0xD800, 0xF8FF},
    {0xFDD0, 0xFDEF},   {0xFEFF, 0xFEFF},   {0xFFF0, 0xFFFB},   {0xFFFE, 0xFFFF},   {0x110BD, 0x110BD},
    {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A}, {0x1FFFE, 0x1FFFF}, {0xE0000, 0xE00FF}, {0xF0000, 0x10FFFF},
});

bool IsShown(std::uint32_t rune) {
  if (rune < 0x80) return rune >= 0x20 && rune != 0x7F;
  const auto after =
      std::upper_bound(kHidden.begin(), kHidden.end(), rune,
                       [](std::uint32_t r, const RuneRange& range) { return r < range.first; });
  return after == kHidden.begin() || rune > std::prev(after)->last;
}

constexpr std::string_view kEscaped = "\a\b\f\n\r\t\v";
constexpr std::string_view kEscapes = "abfnrtv";

void AppendEscaped(std::string& out, const DecodedRune& rune, std::string_view bytes) {
  if (bytes.size() == 1) {
    const std::size_t known = kEscaped.find(bytes[0]);
    if (bytes[0] != '\0' && known != std::string_view::npos) {
      out += '\\';
      out += kEscapes[known];
    } else {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(bytes[0]));
    }
  } else if (rune.value < 0x10000) {
    out += fmt::format("\\u{:04x}", rune.value);
  } else {
    out += fmt::format("\\U{:08x}", rune.value);
  }
}

}  // namespace

DecodedRune DecodeRune(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned first = byte(0);
  if (first < 0x80) return {first, 1};
  const std::size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < size) return {};
  std::uint32_t value = first & (0xFFU >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0U) != 0x80) return {};
    value = value << 6U | (byte(i) & 0x3FU);
  }
  constexpr std::array<std::uint32_t, 5> kLeast = {0, 0, 0x80, 0x800, 0x10000};
  if (value < kLeast[size] || value > kLargestRune || (value >= 0xD800 && value < 0xE000)) return {};
  return {value, size};
}

void AppendRune(std::string& text, std::uint32_t rune) {
  const auto add = [&](std::uint32_t byte) { text += static_cast<char>(byte); };
  const auto rest = [&](unsigned shift) { add(0x80U | ((rune >> shift) & 0x3FU)); };
  if (rune < 0x80) {
    add(rune);
  } else if (rune < 0x800) {
    add(0xC0U | (rune >> 6U));
    rest(0);
  } else if (rune < 0x10000) {
    add(0xE0U | (rune >> 12U));
    rest(6);
    rest(0);
  } else {
    add(0xF0U | (rune >> 18U));
    rest(12);
    rest(6);
    rest(0);
  }
}

std::string Quote(std::string_view text) {
  std::string out = "\"";
  while (!text.empty()) {
    const DecodedRune rune = DecodeRune(text);
    const std::string_view bytes = text.substr(0, rune.size);
    const bool broken = rune.size == 1 && rune.value == kReplacementRune;
    if (bytes == "\"" || bytes == "\\") {
      out += '\\';
      out += bytes;
    } else if (broken || !IsShown(rune.value) || rune.value == kReplacementRune) {
      AppendEscaped(out, rune, bytes);
    } else {
      out += bytes;
    }
    text.remove_prefix(rune.size);
  }
  return out + '"';
}

std::string Unquote(std::string_view quoted) {
  const std::string_view inner = quoted.substr(1, quoted.size() - 2);
  if (quoted[0] == '`' || inner.find('\\') == std::string_view::npos) return std::string(inner);
  std::string out;
  for (std::size_t i = 0; i < inner.size(); ++i) {
    if (inner[i] != '\\') {
      out += inner[i];
      continue;
    }
    const char c = inner[++i];
    const auto digits = [&](std::size_t begin, std::size_t count, int base) {
      i = begin + count - 1;
      return static_cast<std::uint32_t>(std::stoul(std::string(inner.substr(begin, count)), nullptr, base));
    };
    if (const std::size_t known = kEscapes.find(c); known != std::string_view::npos) {
      out += kEscaped[known];
    } else if (c >= '0' && c <= '7') {
      out += static_cast<char>(digits(i, 3, 8));
    } else if (c == 'x') {
      out += static_cast<char>(digits(i + 1, 2, 16));
    } else if (c == 'u' || c == 'U') {
      AppendRune(out, digits(i + 1, c == 'u' ? 4 : 8, 16));
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace fleet::promql
