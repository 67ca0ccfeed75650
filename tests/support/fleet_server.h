// The real exporter, started for one test, and the real Prometheus that scrapes it.
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/support/process.h"

namespace fleet::test {

class ExporterServer {
 public:
  // Waits until it answers; throws std::runtime_error with its output when it does not.
  // With `certificate_authority`, a file, the scrape listener speaks TLS.
  explicit ExporterServer(std::vector<std::string> flags = {}, const std::string& certificate_authority = {});

  std::string Url(const std::string& path) const;        // of the scrape listener
  std::string IngestUrl(const std::string& path) const;  // of the ingest listener
  std::string target() const;                            // host:port for a scrape configuration
  Process& process() { return *process_; }

  // Sends one event of now and returns the answer; `data` is the JSON object of its data.
  nlohmann::json Send(const std::string& type, const nlohmann::json& data);

 private:
  std::string scheme_;
  int scrape_port_;
  int ingest_port_;
  int next_id_ = 0;
  std::unique_ptr<Process> process_;
};

// Prometheus with our committed rules, scraping `target` each second as job fleet.
class PrometheusServer {
 public:
  PrometheusServer(const std::string& target, const std::string& rules_glob);

  // The result of an instant query: [{"metric": {...}, "value": [time, "text"]}, ...].
  nlohmann::json Query(const std::string& expression) const;
  std::string Url(const std::string& path) const;

 private:
  TemporaryFolder folder_;
  int port_;
  std::unique_ptr<Process> process_;
};

}  // namespace fleet::test
