// An exporter with a configuration, and what its page says, for the tests of sources.
#pragma once

#include <memory>
#include <string>
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
  explicit SourceServer(const std::string& config) : exporter_({"--config.file=" + Write(config)}) {}

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

// Ten scrapes at the same time; the longest took so long.
struct ParallelScrapes {
  int answered = 0;  // with 200
  double longest_seconds = 0;
};
ParallelScrapes ScrapeInParallel(const SourceServer& server, double timeout_seconds);

}  // namespace fleet::test
