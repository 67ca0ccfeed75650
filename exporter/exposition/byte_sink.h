// Where text goes piece by piece, so that no page is ever held in memory as a whole.
#pragma once

#include <cstddef>
#include <functional>
#include <string_view>

namespace fleet {

// Takes the next bytes; false when the receiver is gone and the rest can be saved. The bytes belong to
// the caller and are valid during the call only.
using ByteSink = std::function<bool(std::string_view)>;

// What is handed to a sink at a time, about: large enough that the calls cost nothing.
inline constexpr std::size_t kChunkBytes = 128U << 10U;

}  // namespace fleet
