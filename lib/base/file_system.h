// Files, whole: read, or written so that nobody ever sees half of one.
#pragma once

#include <string>
#include <string_view>

#include "lib/base/result.h"

namespace fleet {

// Refuses directories and files over `limit` bytes (a wrong path must not fill the memory).
Result<std::string> ReadFile(const std::string& path, std::size_t limit = 64U << 20U);

// Writes beside the target, fsyncs file and folder, renames. On any failure the target is as it was.
// Creates missing parent folders.
Result<void> WriteFileAtomically(const std::string& path, std::string_view bytes);

}  // namespace fleet
