#include "exporter/web/scrape_routes.h"

#include <fmt/format.h>

namespace fleet {
namespace {

HttpResponse Healthy(HttpRequest&, const PathValues&) {
  return HttpResponse::Text(200, "fleet_exporter is Healthy.\n");
}

}  // namespace

std::vector<Route> HealthRoutes(const Readiness& readiness) {
  const auto ready = [&readiness](HttpRequest&, const PathValues&) {
    if (readiness.ready()) {
      const std::string note = readiness.note().empty() ? "" : fmt::format("Note: {}.\n", readiness.note());
      return HttpResponse::Text(200, "fleet_exporter is Ready.\n" + note);
    }
    return HttpResponse::Text(503, fmt::format("fleet_exporter is not ready: {}.\n", readiness.Reason()));
  };
  return {{"GET", "/-/healthy", "health", Healthy},
          {"GET", "/healthz", "health", Healthy},
          {"GET", "/-/ready", "ready", ready}};
}

std::vector<Route> ScrapeRoutes(const std::string& telemetry_path, ScrapePage& page,
                                const Readiness& readiness) {
  std::vector<Route> routes = HealthRoutes(readiness);
  routes.push_back({"GET", telemetry_path, "metrics",
                    [&page](HttpRequest& request, const PathValues&) { return page.Serve(request); }});
  return routes;
}

}  // namespace fleet
