// Secrets come from files, one each, and stay out of logs and errors.
#pragma once

#include <string>

#include "lib/base/result.h"

namespace fleet {

// The content without white space at its ends. Errors name the file, never what is in it.
Result<std::string> ReadSecret(const std::string& path);

}  // namespace fleet
