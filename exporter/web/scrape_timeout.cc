#include "exporter/web/scrape_timeout.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string>

namespace fleet {

Duration ReadingTime(std::string_view header, Duration fallback) {
  constexpr Duration kPage = std::chrono::milliseconds(500);
  constexpr double kLongest = 3600;
  const std::string text(header.substr(0, 32));
  char* end = nullptr;
  const double seconds = std::strtod(text.c_str(), &end);
  const bool usable = !text.empty() && *end == '\0' && std::isfinite(seconds) && seconds > 0;
  const Duration timeout =
      usable ? Duration(static_cast<std::int64_t>(std::min(seconds, kLongest) * 1000)) : fallback;
  return timeout - std::min(kPage, timeout / 2);
}

}  // namespace fleet
