#include "exporter/web/scrape.h"

#include <fmt/format.h>

#include "exporter/exposition/gzip.h"
#include "exporter/exposition/negotiate.h"
#include "exporter/exposition/openmetrics.h"
#include "exporter/exposition/text_format.h"
#include "exporter/web/scrape_timeout.h"

namespace fleet {
namespace {

bool Render(const Snapshot& snapshot, PageFormat format, const ByteSink& sink) {
  return format == PageFormat::kText ? RenderText(snapshot, sink) : RenderOpenMetrics(snapshot, sink);
}

void RenderCompressed(const Snapshot& snapshot, PageFormat format, const ByteSink& write) {
  GzipStream gzip(write);
  if (Render(snapshot, format, [&](std::string_view bytes) { return gzip.Write(bytes); })) gzip.Finish();
}

}  // namespace

std::shared_ptr<const Snapshot> SharedCollection::Get() {
  std::packaged_task<std::shared_ptr<const Snapshot>()> task;
  std::shared_future<std::shared_ptr<const Snapshot>> result;
  {
    const std::lock_guard lock(mutex_);
    if (!running_.valid()) {
      task = std::packaged_task<std::shared_ptr<const Snapshot>()>(collect_);
      running_ = task.get_future().share();
    }
    result = running_;
  }
  if (task.valid()) {
    task();
    const std::lock_guard lock(mutex_);
    running_ = {};
  }
  return result.get();
}

ScrapePage::ScrapePage(SharedCollection::Collect collect, int max_requests, ScrapedSources sources)
    : sources_(std::move(sources)),
      collection_(std::move(collect)),
      max_requests_(max_requests),
      running_(std::make_shared<std::atomic<int>>(0)) {}

std::shared_ptr<const Snapshot> ScrapePage::Collect(const HttpRequest& request,
                                                    const CollectorSelection& selection) {
  const Duration time =
      ReadingTime(request.Header("X-Prometheus-Scrape-Timeout-Seconds"), sources_.scrape_timeout());
  sources_.read(std::chrono::steady_clock::now() + time, selection);
  auto snapshot = collection_.Get();
  if (selection.is_everything()) return snapshot;
  return std::make_shared<Snapshot>(selection.Filter(*snapshot, sources_.metric_namespace));
}

HttpResponse ScrapePage::Serve(const HttpRequest& request) {
  // Counted until the answer, which shares it, has been sent.
  const std::shared_ptr<void> slot(nullptr, [running = running_](void*) { --*running; });
  if (++*running_ > max_requests_) {
    return HttpResponse::Text(
        503, fmt::format("Limit of concurrent requests reached ({}), try again later.\n", max_requests_));
  }
  const auto selection = CollectorSelection::Parse(request.query, sources_.names);
  if (!selection) return HttpResponse::Text(400, selection.error().message + "\n");
  const PageType type = NegotiateType(request.Header("Accept"));
  const bool gzip = NegotiateGzip(request.Header("Accept-Encoding"));
  HttpResponse response;
  response.content_type = type.content_type;
  response.headers.push_back({"Vary", "Accept, Accept-Encoding"});
  if (gzip) response.headers.push_back({"Content-Encoding", "gzip"});
  const auto snapshot = request.method == "HEAD" ? nullptr : Collect(request, *selection);
  response.stream = [snapshot, type, gzip, slot](const ByteSink& write) {
    if (gzip) {
      RenderCompressed(*snapshot, type.format, write);
    } else {
      Render(*snapshot, type.format, write);
    }
  };
  return response;
}

}  // namespace fleet
