// GET /metrics: one collection for all scrapes that wait at the same time, a page in the format and
// encoding of each.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "exporter/exposition/snapshot.h"
#include "exporter/web/collector_selection.h"
#include "exporter/web/http_server.h"
#include "lib/base/duration.h"

namespace fleet {

// Runs `collect` for one caller and hands the result to all who come while it runs. An exception goes
// to all of them. Thread-safe.
class SharedCollection {
 public:
  using Collect = std::function<std::shared_ptr<const Snapshot>()>;

  explicit SharedCollection(Collect collect) : collect_(std::move(collect)) {}

  std::shared_ptr<const Snapshot> Get();

 private:
  Collect collect_;
  std::mutex mutex_;
  std::shared_future<std::shared_ptr<const Snapshot>> running_;  // valid while a collection runs
};

// What is read before a page is made. `read` returns shortly after the deadline at the latest.
struct ScrapedSources {
  std::vector<std::string> names;
  std::function<void(std::chrono::steady_clock::time_point deadline, const CollectorSelection& selection)>
      read = [](std::chrono::steady_clock::time_point, const CollectorSelection&) {};
  std::function<Duration()> scrape_timeout = [] { return Duration(std::chrono::seconds(10)); };
  std::string metric_namespace = "fleet";
};

class ScrapePage {
 public:
  // More than `max_requests` at a time, from first to last byte, get a 503.
  ScrapePage(SharedCollection::Collect collect, int max_requests, ScrapedSources sources = {});

  HttpResponse Serve(const HttpRequest& request);

 private:
  // Reads the sources, each caller under its own deadline, then collects.
  std::shared_ptr<const Snapshot> Collect(const HttpRequest& request, const CollectorSelection& selection);

  ScrapedSources sources_;
  SharedCollection collection_;
  int max_requests_;
  std::shared_ptr<std::atomic<int>> running_;  // shared with the answers being sent
};

}  // namespace fleet
