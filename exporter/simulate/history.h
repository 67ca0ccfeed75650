// The past of a simulated fleet, as a file of samples: what Prometheus would have scraped, had it watched
// for hours. `promtool tsdb create-blocks-from openmetrics` turns it into blocks.
//
// The same exporter does the work (decoding, fleet, pages), at simulated times and without a network, so
// that hours take seconds. Added is what a simulation has not: sources that are polled, limits of
// control groups, targets of a configuration, a store on disk.
#pragma once

#include <string>

#include "exporter/simulate/simulation.h"
#include "lib/base/clock.h"
#include "lib/base/duration.h"
#include "lib/base/result.h"

namespace fleet::simulate {

struct HistoryOptions {
  std::string file;
  Duration length{};  // a multiple of `interval` is covered
  Duration interval = std::chrono::seconds(30);
  UnixMillis end;
};

// Writes the file anew. Every line carries job="fleet" and an instance, as a scrape would give them.
Result<void> WriteHistory(const SimulationOptions& simulation, const HistoryOptions& options);

}  // namespace fleet::simulate
