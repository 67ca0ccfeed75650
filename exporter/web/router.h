// Which handler answers: a table of method and path. A path matches as a whole, or not at all.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/self_metrics.h"
#include "exporter/web/http_server.h"

namespace fleet {

// The values of a pattern's {names}, in order, percent-decoded.
using PathValues = std::vector<std::string>;

struct Route {
  std::string_view method;   // GET answers HEAD as well
  std::string pattern;       // "/api/v1/heartbeats/{worker_type}/{worker_id}": {} is one segment
  std::string_view handler;  // the label of its metrics
  std::function<HttpResponse(HttpRequest&, const PathValues&)> serve;
};

class Router {
 public:
  Router(std::vector<Route> routes, SelfMetrics& metrics);

  // 404 for an unknown path, 405 with Allow for a known one, 400 for one that cannot be decoded.
  HttpResponse Handle(HttpRequest& request) const;

 private:
  struct Row {
    Route route;
    std::vector<std::string> segments;  // of the pattern; empty for patterns without {}
    HandlerMetrics* metrics;
  };

  static bool Matches(const Row& row, std::string_view path, const std::optional<PathValues>& decoded,
                      PathValues& values);
  static HttpResponse Serve(const Row& row, HttpRequest& request, const PathValues& values);

  std::vector<Row> rows_;
  HandlerMetrics* others_;  // requests that no route takes
};

// "%2F" becomes "/". Nothing when a '%' is not followed by two hexadecimal digits.
std::optional<std::string> PercentDecode(std::string_view text);

}  // namespace fleet
