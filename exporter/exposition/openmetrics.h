// OpenMetrics 1.0 text: what Prometheus asks for first.
// https://github.com/prometheus/OpenMetrics/blob/main/specification/OpenMetrics.md
#pragma once

#include "exporter/exposition/byte_sink.h"
#include "exporter/exposition/snapshot.h"

namespace fleet {

// Families without series are left out. False when the receiver went away.
bool RenderOpenMetrics(const Snapshot& snapshot, const ByteSink& sink);

}  // namespace fleet
