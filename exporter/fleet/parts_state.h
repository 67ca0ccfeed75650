// The whole fleet as bytes and back.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "exporter/fleet/parts.h"
#include "lib/base/result.h"

namespace fleet {

// Also with the limits by which the fleet was judged. The same parts give the same bytes.
std::string SaveParts(Parts& parts, UnixMillis advanced);

// What is in front of the parts, and needed to make them.
struct SavedHead {
  FleetLimits limits;
  UnixMillis advanced;
};
Result<SavedHead> LoadHead(std::string_view bytes, const FleetLimits& otherwise);

// REQUIRES: new parts. The names of what could not be restored since it has another form now; an error
// when the bytes are not what SaveParts wrote.
Result<std::vector<std::string>> LoadParts(std::string_view bytes, Parts& parts);

}  // namespace fleet
