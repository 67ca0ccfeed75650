// What the scrape listener answers.
#pragma once

#include <string>
#include <vector>

#include "exporter/web/readiness.h"
#include "exporter/web/router.h"
#include "exporter/web/scrape.h"

namespace fleet {

// /-/healthy, /healthz and /-/ready. Healthy is who answers: no source is asked, or an outage of theirs
// would restart us.
std::vector<Route> HealthRoutes(const Readiness& readiness);

// All references must outlive the routes.
std::vector<Route> ScrapeRoutes(const std::string& telemetry_path, ScrapePage& page,
                                const Readiness& readiness);

}  // namespace fleet
