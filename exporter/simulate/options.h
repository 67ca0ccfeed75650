// The command line of `fleet_exporter simulate`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "exporter/simulate/history.h"
#include "exporter/simulate/simulation.h"
#include "lib/base/duration.h"

namespace fleet::simulate {

struct SimulateOptions {
  std::string url = "http://127.0.0.1:10941";  // of the ingest API, without a path
  std::optional<Duration> duration;            // none: until a signal
  std::optional<HistoryOptions> history;       // write this in place of sending anything
  SimulationOptions simulation;
  bool run_id_given = false;  // else a new one is made at the start
};

// The command line asks for help (0) or is wrong (2); `text` says the rest.
struct EarlyExit {
  int code = 0;
  std::string text;
};

std::variant<SimulateOptions, EarlyExit> ParseSimulateOptions(int argc, const char* const* argv);

}  // namespace fleet::simulate
