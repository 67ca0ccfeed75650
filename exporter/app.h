// The running exporter: its parts, wired, from start to drain.
#pragma once

#include "exporter/options.h"

namespace fleet {

// Defaults, file and flags together; or what is wrong, as text and exit code (house: 1 for the user's
// file, 2 for flags and the world).
std::variant<Config, EarlyExit> LoadConfig(const Options& options);

// Serves until SIGTERM or SIGINT; the exit code of the process. Call it before any thread is started:
// the signals it waits for must be blocked in all of them.
int RunApp(const Options& options, const Config& config);

}  // namespace fleet
