#include "exporter/web/scrape_routes.h"

#include <fmt/format.h>

#include "build_info.h"

namespace fleet {
namespace {

std::string EscapeHtml(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

constexpr char kLandingPage[] = R"html(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>fleet_exporter</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 44rem; margin: 3rem auto; padding: 0 1rem; }}
pre {{ padding: .8rem 1rem; overflow-x: auto; border: 1px solid #8886; border-radius: 6px; }}
footer {{ opacity: .7; font-size: 14px; }}
</style>
</head>
<body>
<h1>fleet_exporter</h1>
<p>Shows a fleet of workers, runners, queues, tasks, sandboxes and agents to Prometheus.</p>
<ul>
<li><a href="{path}">Metrics</a></li>
<li><a href="/-/healthy">Health</a></li>
<li><a href="/-/ready">Readiness</a></li>
</ul>
<h2>Report a heartbeat</h2>
<pre>curl -X PUT http://{ingest}/api/v1/heartbeats/sandbox/worker-7</pre>
<h2>Report an event</h2>
<pre>curl http://{ingest}/api/v1/events \
  -H 'Content-Type: application/cloudevents+json' -d '{{
    "specversion": "1.0", "id": "42", "source": "builder", "type": "fleet.queue.processed",
    "data": {{"queue": "builds", "outcome": "succeeded", "duration_seconds": 3.2}}}}'</pre>
<footer>Version {version}, revision {revision}</footer>
</body>
</html>
)html";

HttpResponse LandingPage(const std::string& telemetry_path, const std::string& ingest_address) {
  HttpResponse response;
  response.content_type = "text/html; charset=utf-8";
  response.headers.push_back({"Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'"});
  response.headers.push_back({"X-Content-Type-Options", "nosniff"});
  response.body = fmt::format(kLandingPage, fmt::arg("path", EscapeHtml(telemetry_path)),
                              fmt::arg("ingest", EscapeHtml(ingest_address)), fmt::arg("version", kVersion),
                              fmt::arg("revision", kRevision));
  return response;
}

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

std::vector<Route> ScrapeRoutes(const std::string& telemetry_path, const std::string& ingest_address,
                                ScrapePage& page, const Readiness& readiness) {
  std::vector<Route> routes = HealthRoutes(readiness);
  routes.push_back({"GET", telemetry_path, "metrics",
                    [&page](HttpRequest& request, const PathValues&) { return page.Serve(request); }});
  if (telemetry_path != "/") {
    routes.push_back({"GET", "/", "landing", [=](HttpRequest&, const PathValues&) {
                        return LandingPage(telemetry_path, ingest_address);
                      }});
  }
  return routes;
}

}  // namespace fleet
