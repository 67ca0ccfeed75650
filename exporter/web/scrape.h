// GET /metrics: one collection for all scrapes that wait at the same time, a page in the format and
// encoding of each.
#pragma once

#include <atomic>
#include <functional>
#include <future>
#include <memory>
#include <mutex>

#include "exporter/exposition/snapshot.h"
#include "exporter/web/http_server.h"

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

class ScrapePage {
 public:
  // More than `max_requests` at a time, from first to last byte, get a 503.
  ScrapePage(SharedCollection::Collect collect, int max_requests);

  HttpResponse Serve(const HttpRequest& request);

 private:
  SharedCollection collection_;
  int max_requests_;
  std::shared_ptr<std::atomic<int>> running_;  // shared with the answers being sent
};

}  // namespace fleet
