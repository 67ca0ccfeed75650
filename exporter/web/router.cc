#include "exporter/web/router.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <utility>

#include "lib/base/text.h"

namespace fleet {
namespace {

// Segments of a path, each decoded: "%2F" in one is part of it and separates nothing.
std::optional<PathValues> DecodeSegments(std::string_view path) {
  PathValues segments;
  for (const std::string_view segment : Split(path, '/')) {
    auto decoded = PercentDecode(segment);
    if (!decoded) return std::nullopt;
    segments.push_back(*std::move(decoded));
  }
  return segments;
}

bool IsPlaceholder(std::string_view segment) { return segment.starts_with('{'); }

bool Allows(const Route& route, std::string_view method) {
  return method == route.method || (method == "HEAD" && route.method == "GET");
}

// Counts a request as running until the last byte of its stream has been sent.
class RunningStream {
 public:
  RunningStream(HandlerMetrics& metrics, int status) : metrics_(&metrics), status_(status) {}
  ~RunningStream() { metrics_->Finished(status_); }
  RunningStream(const RunningStream&) = delete;
  RunningStream& operator=(const RunningStream&) = delete;

 private:
  HandlerMetrics* metrics_;
  int status_;
};

}  // namespace

std::optional<std::string> PercentDecode(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    unsigned value = 0;
    const char* digits = text.data() + i + 1;
    if (i + 2 >= text.size() || std::from_chars(digits, digits + 2, value, 16).ptr != digits + 2) {
      return std::nullopt;
    }
    decoded += static_cast<char>(value);
    i += 2;
  }
  return decoded;
}

Router::Router(std::vector<Route> routes, SelfMetrics& metrics) : others_(&metrics.Handler("other")) {
  for (Route& route : routes) {
    Row row{std::move(route), {}, nullptr};
    row.metrics = &metrics.Handler(row.route.handler);
    for (const std::string_view segment : Split(row.route.pattern, '/')) row.segments.emplace_back(segment);
    rows_.push_back(std::move(row));
  }
}

bool Router::Matches(const Row& row, std::string_view path, const std::optional<PathValues>& decoded,
                     PathValues& values) {
  if (path == row.route.pattern) return true;
  if (!decoded || decoded->size() != row.segments.size()) return false;
  values.clear();
  for (std::size_t i = 0; i < row.segments.size(); ++i) {
    const std::string& segment = (*decoded)[i];
    if (IsPlaceholder(row.segments[i])) {
      if (segment.empty()) return false;
      values.push_back(segment);
    } else if (segment != row.segments[i]) {
      return false;
    }
  }
  return true;
}

HttpResponse Router::Handle(HttpRequest& request) const {
  PathValues values;
  std::vector<std::string_view> allowed;
  // Most requests name a route as it is written: only the others need decoding.
  const bool literal =
      std::ranges::any_of(rows_, [&](const Row& row) { return row.route.pattern == request.path; });
  const std::optional<PathValues> decoded = literal ? PathValues{} : DecodeSegments(request.path);
  for (const Row& row : rows_) {
    if (!Matches(row, request.path, decoded, values)) continue;
    if (Allows(row.route, request.method)) return Serve(row, request, values);
    allowed.push_back(row.route.method);
    if (row.route.method == "GET") allowed.push_back("HEAD");
  }
  HttpResponse response = HttpResponse::Text(404, "not found\n");
  if (!decoded) response = HttpResponse::Text(400, "malformed escape in the path\n");
  if (!allowed.empty()) {
    const std::string methods = fmt::format("{}", fmt::join(allowed, ", "));
    response = HttpResponse::Text(405, fmt::format("only {} here\n", methods));
    response.headers.push_back({"Allow", methods});
  }
  others_->Started();
  others_->Finished(response.status);
  return response;
}

HttpResponse Router::Serve(const Row& row, HttpRequest& request, const PathValues& values) {
  row.metrics->Started();
  try {
    HttpResponse response = row.route.serve(request, values);
    if (!response.stream) {
      row.metrics->Finished(response.status);
      return response;
    }
    auto running = std::make_shared<RunningStream>(*row.metrics, response.status);
    response.stream = [stream = std::move(response.stream), running](const ByteSink& write) {
      stream(write);
    };
    return response;
  } catch (...) {
    row.metrics->Finished(500);
    throw;
  }
}

}  // namespace fleet
