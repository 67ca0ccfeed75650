// Where a body stops being UTF-8: for the message that refuses it.
#pragma once

#include <cstddef>
#include <string_view>

#include "lib/base/text.h"

namespace fleet {

// REQUIRES: not valid UTF-8.
inline std::size_t FirstInvalidByte(std::string_view text) {
  std::size_t i = 0;
  while (i < text.size()) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const std::size_t size = byte < 0x80 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
    if (!IsValidUtf8(text.substr(i, size))) return i;
    i += size;
  }
  return i;
}

}  // namespace fleet
