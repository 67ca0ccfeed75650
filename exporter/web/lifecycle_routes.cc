#include "exporter/web/lifecycle_routes.h"

#include <fmt/format.h>

namespace fleet {

std::vector<Route> LifecycleRoutes(const ReloadFunction& reload) {
  const auto serve = [reload](HttpRequest&, const PathValues&) {
    if (!reload) {
      return HttpResponse::Text(
          403, "Lifecycle API is not enabled; start with --web.enable-lifecycle, or send SIGHUP.\n");
    }
    if (const auto error = reload()) {
      return HttpResponse::Text(500, fmt::format("not reloaded, the old configuration stays: {}\n", *error));
    }
    return HttpResponse::Text(200, "reloaded\n");
  };
  std::vector<Route> routes;
  for (const char* const method : {"POST", "PUT"}) routes.push_back({method, "/-/reload", "reload", serve});
  return routes;
}

}  // namespace fleet
