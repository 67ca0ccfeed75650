#include "lib/base/duration.h"

#include <fmt/format.h>

#include <array>
#include <cassert>
#include <charconv>
#include <cstdint>
#include <iterator>
#include <limits>

namespace fleet {
namespace {

struct UnitOf {
  std::string_view name;
  std::int64_t millis;
};

constexpr std::int64_t kSecond = 1000;
constexpr std::int64_t kDay = 24 * 3600 * kSecond;
constexpr std::array<UnitOf, 7> kUnits{{{"y", 365 * kDay},
                                        {"w", 7 * kDay},
                                        {"d", kDay},
                                        {"h", 3600 * kSecond},
                                        {"m", 60 * kSecond},
                                        {"s", kSecond},
                                        {"ms", 1}}};
// time.Duration of Go counts nanoseconds in 64 bits; Prometheus refuses what does not fit.
constexpr std::int64_t kLongest = std::numeric_limits<std::int64_t>::max() / 1'000'000;

}  // namespace

std::optional<Duration> ParseDuration(std::string_view text) {
  if (text == "0") return Duration{0};
  std::int64_t total = 0;
  std::size_t next_unit = 0;
  bool any = false;
  while (!text.empty()) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || number < 0 || text.front() == '-') return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    const std::string_view unit = text.substr(0, text.find_first_of("0123456789"));
    while (next_unit < kUnits.size() && kUnits[next_unit].name != unit) ++next_unit;
    if (next_unit == kUnits.size()) return std::nullopt;
    const std::int64_t millis = kUnits[next_unit++].millis;
    if (number > kLongest / millis || number * millis > kLongest - total) return std::nullopt;
    total += number * millis;
    text.remove_prefix(unit.size());
    any = true;
  }
  if (!any) return std::nullopt;
  return Duration{total};
}

std::string PrintDuration(Duration d) {
  assert(d.count() >= 0);
  if (d.count() == 0) return "0s";
  std::string out;
  std::int64_t rest = d.count();
  for (std::size_t i = 2; i < kUnits.size(); ++i) {
    const std::int64_t count = rest / kUnits[i].millis;
    if (count == 0) continue;
    rest -= count * kUnits[i].millis;
    fmt::format_to(std::back_inserter(out), "{}{}", count, kUnits[i].name);
  }
  return out;
}

}  // namespace fleet
