// Times as the APIs of other people write them.
#pragma once

#include <optional>
#include <string_view>

#include "lib/base/clock.h"

namespace fleet {

// RFC 3339, also with a space for the T and without an offset (then UTC: what Python's isoformat makes of
// a naive time), or a unix time, see FromUnixTime. Nothing before 1970.
std::optional<UnixMillis> ParseLooseTime(std::string_view text);

// Unix seconds; from 1e11 on (the year 5138) milliseconds, from 1e14 on microseconds.
std::optional<UnixMillis> FromUnixTime(double number);

}  // namespace fleet
