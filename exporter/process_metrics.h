// What every program of the Prometheus family says about its process, under the standard names.
// https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics
#pragma once

#include "exporter/exposition/snapshot.h"

namespace fleet {

// Appends process_*. What the system does not tell is left out.
void CollectProcess(Snapshot& snapshot);

}  // namespace fleet
