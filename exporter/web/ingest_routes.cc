#include "exporter/web/ingest_routes.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "exporter/exposition/gzip.h"
#include "exporter/web/body_budget.h"
#include "exporter/web/scrape_routes.h"
#include "exporter/web/sender_tokens.h"
#include "lib/base/text.h"

namespace fleet {
namespace {

constexpr std::string_view kAcceptedTypes =
    "application/cloudevents+json, application/cloudevents-batch+json, application/x-ndjson, "
    "application/json";

HttpResponse JsonError(int status, std::string text) {
  IngestReport report;
  report.error = std::move(text);
  HttpResponse response = HttpResponse::Json(status, report.ToJson() + "\n");
  if (status == 503 || status == 429) response.headers.push_back({"Retry-After", "1"});
  return response;
}

// The media type without its parameters.
std::string_view MediaType(std::string_view content_type) {
  return Trim(content_type.substr(0, content_type.find(';')));
}

struct NamedFormat {
  std::string_view media_type;
  BodyFormat format;
};
constexpr NamedFormat kFormats[] = {
    {"application/cloudevents+json", BodyFormat::kCloudEvent},
    {"application/cloudevents-batch+json", BodyFormat::kCloudEventBatch},
    {"application/x-ndjson", BodyFormat::kNdjson},
};

// The value of the label `format`.
std::string_view Label(BodyFormat format) {
  switch (format) {
    case BodyFormat::kCloudEvent:
      return "cloudevents";
    case BodyFormat::kCloudEventBatch:
      return "cloudevents_batch";
    case BodyFormat::kNdjson:
      return "ndjson";
  }
  return "other";
}

// application/json says only that it is JSON: the first character tells an event from a batch.
std::optional<BodyFormat> FormatOf(std::string_view media_type, std::string_view body) {
  for (const NamedFormat& row : kFormats) {
    if (EqualsIgnoringCase(media_type, row.media_type)) return row.format;
  }
  if (!EqualsIgnoringCase(media_type, "application/json")) return std::nullopt;
  const std::size_t first = body.find_first_not_of(" \t\r\n");
  const bool batch = first != std::string_view::npos && body[first] == '[';
  return batch ? BodyFormat::kCloudEventBatch : BodyFormat::kCloudEvent;
}

// 200 when something was usable or there was nothing to use; duplicates have been used before.
HttpResponse Answer(const IngestReport& report) {
  switch (report.outcome) {
    case IngestReport::Outcome::kApplied:
      return HttpResponse::Json(200, report.ToJson() + "\n");
    case IngestReport::Outcome::kMalformed:
      return HttpResponse::Json(400, report.ToJson() + "\n");
    case IngestReport::Outcome::kTooLarge:
      return HttpResponse::Json(413, report.ToJson() + "\n");
    case IngestReport::Outcome::kBusy:
      return JsonError(429, report.error);
    case IngestReport::Outcome::kUnavailable:
      return JsonError(503, report.error);
  }
  return JsonError(500, "unknown outcome");
}

// One push request: reads the body, hands it on, counts it.
class Push {
 public:
  Push(HttpRequest& request, const IngestLimits& limits, BodyBudget& budget, SelfMetrics& metrics,
       const Readiness& readiness)
      : request_(request), limits_(limits), budget_(budget), metrics_(metrics), readiness_(readiness) {}

  HttpResponse Events(Ingest& ingest) {
    const std::string_view media_type = MediaType(request_.Header("Content-Type"));
    if (!FormatOf(media_type, "")) {
      return Count(JsonError(415, fmt::format("Content-Type '{}' is none of {}",
                                              Printable(media_type.substr(0, 100)), kAcceptedTypes)));
    }
    if (auto refused = ReadBody()) return Count(*std::move(refused));
    const BodyFormat format = *FormatOf(media_type, body_);
    label_ = Label(format);
    return Count(Answer(ingest.Accept(format, body_, Scope())));
  }

  HttpResponse Heartbeat(Ingest& ingest, const PathValues& ids) {
    if (auto refused = ReadBody()) return Count(*std::move(refused));
    return Count(Answer(ingest.AcceptHeartbeat(ids[0], ids[1], body_, Scope())));
  }

 private:
  // An answer when there is no body to hand on.
  std::optional<HttpResponse> ReadBody() {
    if (!readiness_.ready()) return JsonError(503, std::string(readiness_.Reason()));
    const std::string_view encoding = request_.Header("Content-Encoding");
    const bool gzip = EqualsIgnoringCase(encoding, "gzip") || EqualsIgnoringCase(encoding, "x-gzip");
    if (!gzip && !encoding.empty() && !EqualsIgnoringCase(encoding, "identity")) {
      HttpResponse response = JsonError(
          415, fmt::format("Content-Encoding '{}' is not gzip", Printable(encoding.substr(0, 100))));
      response.headers.push_back({"Accept-Encoding", "gzip"});
      return response;
    }
    if (!share_.Grow(budget_, AnnouncedBytes())) return NoMemory();
    auto body = request_.ReadBody(limits_.max_body_bytes);
    if (!body) return JsonError(body.error().status, body.error().text);
    received_bytes_ = body->size();
    if (!gzip) {
      body_ = *std::move(body);
      return std::nullopt;
    }
    return Expand(*body);
  }

  std::optional<HttpResponse> Expand(std::string_view compressed) {
    // What is small may be as dense as it likes.
    constexpr std::size_t kSmall = 64U << 10U;
    const std::size_t most =
        std::min(limits_.max_plain_bytes, std::max(kSmall, compressed.size() * limits_.max_ratio));
    if (!share_.Grow(budget_, most)) return NoMemory();
    Gunzipped expanded = Gunzip(compressed, most);
    if (expanded.error == GunzipError::kTooLarge) {
      return JsonError(413, fmt::format("body expands to more than {} bytes", most));
    }
    if (expanded.error) return JsonError(400, "body is not gzip");
    body_ = std::move(expanded.text);
    return std::nullopt;
  }

  const SenderScope* Scope() const { return request_.sender == nullptr ? nullptr : &request_.sender->scope; }

  // What reading the body may take; a body without a length may be as large as any.
  std::size_t AnnouncedBytes() const {
    const std::string_view length = request_.Header("Content-Length");
    const bool chunked = !request_.Header("Transfer-Encoding").empty();
    if (length.empty()) return chunked ? limits_.max_body_bytes : 0;
    std::size_t bytes = 0;
    std::from_chars(length.data(), length.data() + length.size(), bytes);
    return std::min(bytes, limits_.max_body_bytes);
  }

  static HttpResponse NoMemory() {
    return JsonError(429, "too many bodies at the same time, try again later");
  }

  HttpResponse Count(HttpResponse response) {
    const auto duration = std::chrono::steady_clock::now() - begin_;
    metrics_.IngestRequest(label_, response.status, received_bytes_, duration);
    return response;
  }

  HttpRequest& request_;
  const IngestLimits& limits_;
  BodyBudget& budget_;
  BodyBudget::Share share_;
  SelfMetrics& metrics_;
  const Readiness& readiness_;
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  std::string_view label_ = "other";
  std::size_t received_bytes_ = 0;
  std::string body_;
};

}  // namespace

std::vector<Route> IngestRoutes(Ingest& ingest, const IngestLimits& limits, SelfMetrics& metrics,
                                const Readiness& readiness) {
  const auto budget = std::make_shared<BodyBudget>(limits.max_inflight_bytes);
  std::vector<Route> routes = HealthRoutes(readiness);
  routes.push_back({"POST", "/api/v1/events", "events", [&, budget](HttpRequest& request, const PathValues&) {
                      return Push(request, limits, *budget, metrics, readiness).Events(ingest);
                    }});
  routes.push_back({"PUT", "/api/v1/heartbeats/{worker_type}/{worker_id}", "heartbeats",
                    [&, budget](HttpRequest& request, const PathValues& ids) {
                      return Push(request, limits, *budget, metrics, readiness).Heartbeat(ingest, ids);
                    }});
  return routes;
}

}  // namespace fleet
