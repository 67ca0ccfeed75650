// An exporter with a configuration, and what its page says, for the tests of sources.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/fleet_server.h"
#include "tests/support/http.h"
#include "tests/support/process.h"

namespace fleet::test {

// Bytes the exporter may hold whatever a source sends. ThreadSanitizer keeps several times what it watches.
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
inline constexpr long kMostMemory = 1'500'000'000;
#else
inline constexpr long kMostMemory = 200'000'000;
#endif

class SourceServer {
 public:
  // Without a store, unless `flag` names one.
  explicit SourceServer(const std::string& config, const std::string& flag = "--storage.mode=memory")
      : exporter_({"--config.file=" + Write(config), flag}) {}

  // One scrape with the time that Prometheus would have; every page must be a 200 within it.
  std::string Page(double timeout_seconds = 10, const std::string& query = {}) const;
  // Scrapes until a line is on the page.
  bool Shows(const std::string& line) const;
  // How often the log says it.
  int CountInLog(const std::string& text);
  // Most memory the exporter has held, in bytes.
  long PeakMemory();

  ExporterServer& exporter() { return exporter_; }

 private:
  std::string Write(const std::string& config) { return folder_.Write("exporter.yaml", config); }

  TemporaryFolder folder_;
  ExporterServer exporter_;
};

bool HasLine(const std::string& page, const std::string& line);

// Prometheus' scrape_timeout, in seconds: it leaves the sources one.
inline constexpr double kScrape = 1.5;

struct ParallelScrapes {
  int answered = 10;           // with 200, in the worst round
  double longest_seconds = 0;  // in the best round
};
// Ten scrapes at the same time, `rounds` times, and a few times more while none was in time: now and then
// a machine is too busy for any deadline.
ParallelScrapes ScrapeInParallel(const SourceServer& server, int rounds = 3);

// Looks every few milliseconds how many connections of this machine to a local port are open or being opened.
class ConnectionWatch {
 public:
  explicit ConnectionWatch(int port);
  ~ConnectionWatch() { Most(); }
  // Stops looking. The most at one moment.
  int Most();

 private:
  std::atomic<bool> stop_ = false;
  std::atomic<int> most_ = 0;
  std::thread thread_;
};

}  // namespace fleet::test
