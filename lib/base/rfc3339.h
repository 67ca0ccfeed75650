// Times as RFC 3339 writes them: 2026-01-31T12:00:00.5+01:00.
#pragma once

#include <optional>
#include <string_view>

#include "lib/base/clock.h"

namespace fleet {

// Date, `T` or `t`, time, an optional fraction of any length (cut to milliseconds) and `Z`, `z` or an
// offset; nothing else, from the year 1970 on. A leap second (:60) is the second after it.
std::optional<UnixMillis> ParseRfc3339(std::string_view text);

}  // namespace fleet
