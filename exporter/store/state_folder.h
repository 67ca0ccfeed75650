// Where the store is when nobody says.
#pragma once

#include <functional>
#include <string>

#include "lib/base/result.h"

namespace fleet {

// `variable` gives the value of an environment variable, or null. $STATE_DIRECTORY (set by systemd, the
// first of several), else fleet_exporter in $XDG_STATE_HOME or in ~/.local/state.
Result<std::string> StateFolder(const std::function<const char*(const char*)>& variable);

}  // namespace fleet
