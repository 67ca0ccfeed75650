// The JSON API for programs that look at the fleet, a cleanup job above all, and the status page for
// people. Read only; on the listener of the scrapes.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "exporter/exposition/snapshot.h"
#include "exporter/fleet/fleet.h"
#include "exporter/web/router.h"
#include "lib/base/clock.h"

namespace fleet {

struct ApiSources {
  const Fleet* fleet = nullptr;
  const Clock* clock = nullptr;
  std::function<std::shared_ptr<const Snapshot>()> collect;  // what a scrape would show
  std::string metric_namespace;
  std::string telemetry_path;
  std::string ingest_address;  // host:port, for the examples of the page
};

// GET /api/v1/status, workers, runners, sandboxes, tasks/summary, queues, and GET / unless the metrics
// are there.
std::vector<Route> ApiRoutes(const ApiSources& sources);

}  // namespace fleet
