// The text format 0.0.4 of Prometheus.
// https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
#pragma once

#include "exporter/exposition/byte_sink.h"
#include "exporter/exposition/snapshot.h"

namespace fleet {

// Families without series are left out. False when the receiver went away.
bool RenderText(const Snapshot& snapshot, const ByteSink& sink);

}  // namespace fleet
