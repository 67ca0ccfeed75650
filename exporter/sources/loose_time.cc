#include "exporter/sources/loose_time.h"

#include <cmath>
#include <cstdlib>
#include <string>

#include "lib/base/rfc3339.h"
#include "lib/base/text.h"

namespace fleet {

std::optional<UnixMillis> FromUnixTime(double number) {
  constexpr double kMillisFrom = 1e11;
  constexpr double kMicrosFrom = 1e14;
  if (!std::isfinite(number) || number <= 0 || number >= kMicrosFrom * 1000) return std::nullopt;
  double millis = number * 1000;
  if (number >= kMicrosFrom) {
    millis = number / 1000;
  } else if (number >= kMillisFrom) {
    millis = number;
  }
  return UnixMillis{static_cast<std::int64_t>(std::llround(millis))};
}

std::optional<UnixMillis> ParseLooseTime(std::string_view text) {
  text = Trim(text);
  constexpr std::size_t kDate = 10;  // 2026-01-31
  std::string written(text);
  if (written.size() > kDate && written[kDate] == ' ') written[kDate] = 'T';
  if (const auto time = ParseRfc3339(written)) return time;
  if (const auto time = ParseRfc3339(written + "Z")) return time;
  char* end = nullptr;
  const double number = std::strtod(written.c_str(), &end);
  if (written.empty() || end != written.c_str() + written.size()) return std::nullopt;
  return FromUnixTime(number);
}

}  // namespace fleet
