#include "lib/base/duration.h"

#include <catch2/catch.hpp>

using fleet::Duration;
using fleet::ParseDuration;
using fleet::PrintDuration;
using namespace std::chrono_literals;

TEST_CASE("durations parse as Prometheus reads them") {
  const std::pair<std::string_view, Duration> cases[] = {
      {"0", 0ms},
      {"5m", 5min},
      {"1h30m", 90min},
      {"1w", 168h},
      {"250ms", 250ms},
      {"1d", 24h},
      {"1y1w1d1h1m1s1ms", 8760h + 168h + 24h + 1h + 1min + 1s + 1ms},
      {"0s", 0ms},
      {"90s", 90s},
  };
  for (const auto& [text, duration] : cases) {
    CAPTURE(text);
    CHECK(ParseDuration(text) == duration);
  }
}

TEST_CASE("what Prometheus refuses as a duration does not parse") {
  for (const std::string_view text : {"", "5", "1.5h", "1h1h", "30m1h", "1M", "1mo", "-5m", "5 m", " 5m",
                                      "5m ", "m", "1hour", "400y", "99999999999999999999s"}) {
    CAPTURE(text);
    CHECK(ParseDuration(text) == std::nullopt);
  }
}

TEST_CASE("durations print in days and smaller, as windows are named") {
  const std::pair<Duration, std::string_view> cases[] = {
      {0ms, "0s"},       {5min, "5m"},    {90min, "1h30m"},        {30 * 24h, "30d"},
      {28 * 24h, "28d"}, {7 * 24h, "7d"}, {59min + 45s, "59m45s"}, {1500ms, "1s500ms"},
  };
  for (const auto& [duration, text] : cases) {
    CHECK(PrintDuration(duration) == text);
    CHECK(ParseDuration(text) == duration);
  }
}
