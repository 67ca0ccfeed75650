#include "lib/promql/number.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <limits>

#include "lib/base/text.h"

namespace fleet::promql {
namespace {

bool IsDigitOf(char c, bool hex) {
  return IsDigit(c) || (hex && ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')));
}

// Underscores stand between digits, or behind the prefix of a base.
bool AreUnderscoresPlaced(std::string_view token, bool hex) {
  bool after_digit = hex;
  bool after_underscore = false;
  for (const char c : token.substr(hex ? 2 : 0)) {
    if (c == '_') {
      if (!after_digit) return false;
      after_digit = false;
      after_underscore = true;
      continue;
    }
    after_digit = IsDigitOf(c, hex);
    if (after_underscore && !after_digit) return false;
    after_underscore = false;
  }
  return !after_underscore;
}

std::optional<double> ParseInteger(std::string_view digits, int base) {
  std::int64_t value = 0;
  const char* end = digits.data() + digits.size();
  const auto [last, error] = std::from_chars(digits.data(), end, value, base);
  if (error != std::errc() || last != end) return std::nullopt;
  return static_cast<double>(value);
}

std::optional<double> ParseDecimal(const std::string& digits) {
  double value = 0;
  const char* end = digits.data() + digits.size();
  const auto [last, error] = std::from_chars(digits.data(), end, value);
  if (last != end || error == std::errc::invalid_argument) return std::nullopt;
  if (error == std::errc()) return value;
  value = std::strtod(digits.c_str(), nullptr);  // too large or too small; only the first is an error
  if (std::isinf(value)) return std::nullopt;
  return value;
}

}  // namespace

std::optional<double> ParseNumber(std::string_view token) {
  if (token.starts_with('i') || token.starts_with('I')) return std::numeric_limits<double>::infinity();
  if (token.starts_with('n') || token.starts_with('N')) return std::numeric_limits<double>::quiet_NaN();
  const bool hex = token.starts_with("0x") || token.starts_with("0X");
  std::string digits(token);
  if (token.find('_') != std::string_view::npos) {
    if (!AreUnderscoresPlaced(token, hex)) return std::nullopt;
    std::erase(digits, '_');
  }
  if (hex) return ParseInteger(std::string_view(digits).substr(2), 16);
  if (digits.size() > 1 && digits[0] == '0') {
    if (const auto octal = ParseInteger(digits, 8)) return octal;
  }
  return ParseDecimal(digits);
}

std::string PrintNumber(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  char buffer[32];
  const auto written =
      std::to_chars(std::begin(buffer), std::end(buffer), std::fabs(value), std::chars_format::scientific);
  const std::string_view text(buffer, static_cast<std::size_t>(written.ptr - buffer));
  const std::size_t e = text.find('e');
  std::string digits(text.substr(0, e));
  std::erase(digits, '.');
  int exponent = 0;
  const std::string_view power = text.substr(e + (text[e + 1] == '+' ? 2 : 1));
  std::from_chars(power.data(), power.data() + power.size(), exponent);
  const int point = exponent + 1;  // digits before the point
  const int size = static_cast<int>(digits.size());
  std::string out = std::signbit(value) ? "-" : "";
  if (point <= 0) {
    out += "0." + std::string(static_cast<std::size_t>(-point), '0') + digits;
  } else if (point >= size) {
    out += digits + std::string(static_cast<std::size_t>(point - size), '0');
  } else {
    out += digits.insert(static_cast<std::size_t>(point), ".");
  }
  return value == 0 ? (std::signbit(value) ? "-0" : "0") : out;
}

std::string PrintSeconds(double seconds) {
  constexpr double kLongest = 9223372036.854;  // 292 years
  const double magnitude = std::fabs(seconds);
  if (!(magnitude <= kLongest)) return PrintNumber(seconds);
  auto ms = static_cast<std::int64_t>(std::llround(magnitude * 1000));
  if (static_cast<double>(ms) / 1000 != magnitude) return PrintNumber(seconds);
  if (ms == 0) return "0s";
  struct Unit {
    std::string_view name;
    std::int64_t ms;
    bool only_whole;
  };
  constexpr Unit kUnits[] = {{"y", 31'536'000'000, true},
                             {"w", 604'800'000, true},
                             {"d", 86'400'000, false},
                             {"h", 3'600'000, false},
                             {"m", 60'000, false},
                             {"s", 1000, false},
                             {"ms", 1, false}};
  std::string out = seconds < 0 ? "-" : "";
  for (const Unit& unit : kUnits) {
    if (unit.only_whole && ms % unit.ms != 0) continue;
    if (ms >= unit.ms) out += fmt::format("{}{}", ms / unit.ms, unit.name);
    ms %= unit.ms;
  }
  return out;
}

}  // namespace fleet::promql
