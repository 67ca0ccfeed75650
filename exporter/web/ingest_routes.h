// What the ingest listener answers: HTTP around exporter/ingest.
#pragma once

#include <vector>

#include "exporter/ingest/ingest.h"
#include "exporter/self_metrics.h"
#include "exporter/web/readiness.h"
#include "exporter/web/router.h"

namespace fleet {

// POST /api/v1/events, PUT /api/v1/heartbeats/{worker_type}/{worker_id}, and the health routes. All
// references must outlive the routes.
std::vector<Route> IngestRoutes(Ingest& ingest, const IngestLimits& limits, SelfMetrics& metrics,
                                const Readiness& readiness);

}  // namespace fleet
