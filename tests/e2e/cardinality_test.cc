// A sender that invents a million ids: memory stays under the bound of docs/security.md, and the
// aggregates say what was accepted.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/support/fleet_server.h"
#include "tests/support/http.h"
#include "tests/support/process.h"

using fleet::test::ExporterServer;
using fleet::test::Fetch;
using fleet::test::Get;

namespace {

constexpr int kBatches = 1000;
constexpr int kEach = 500;  // of two kinds
// docs/security.md states it.
constexpr long kMostKilobytes = 256L * 1024;

std::string Batch(int number) {
  std::string body;
  for (int i = number * kEach; i < (number + 1) * kEach; ++i) {
    body += fmt::format(
        R"({{"specversion":"1.0","id":"w{0}","source":"a","type":"fleet.worker.heartbeat","data":{{"worker_id":"worker-{0}","worker_type":"sandbox"}}}})"
        "\n"
        R"({{"specversion":"1.0","id":"q{0}","source":"a","type":"fleet.queue.enqueued","data":{{"queue":"queue-{0}"}}}})"
        "\n",
        i);
  }
  return body;
}

long PeakKilobytes(pid_t pid) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return std::stol(line.substr(6));
  }
  return -1;
}

double Sum(const std::string& page, const std::string& family) {
  double sum = 0;
  for (std::size_t at = page.find("\n" + family + "{"); at != std::string::npos;
       at = page.find("\n" + family + "{", at + 1)) {
    const std::size_t end = page.find('\n', at + 1);
    sum += std::stod(page.substr(page.rfind(' ', end), end));
  }
  return sum;
}

std::size_t Lines(const std::string& page, const std::string& family) {
  std::size_t lines = 0;
  for (std::size_t at = 0; (at = page.find("\n" + family + "{", at)) != std::string::npos; ++at) ++lines;
  return lines;
}

}  // namespace

TEST_CASE("a million distinct ids: bounded memory and series, right aggregates") {
  ExporterServer exporter({"--log.level=error"});
  long accepted = 0;
  for (int number = 0; number < kBatches; ++number) {
    const auto reply = Fetch("POST", exporter.IngestUrl("/api/v1/events"), Batch(number),
                             {"Content-Type: application/x-ndjson"});
    REQUIRE(reply.status == 200);
    accepted += nlohmann::json::parse(reply.body)["accepted"].get<long>();
  }
  const std::string page = Get(exporter.Url("/metrics")).body;
  const double workers = Sum(page, "fleet_workers");
  CHECK(workers == 200'000);  // fleet.max_entities
  CHECK(Sum(page, "fleet_queue_messages_enqueued_total") == kBatches * kEach);
  CHECK(static_cast<double>(accepted) == workers + kBatches * kEach);
  CHECK(Lines(page, "fleet_queue_messages_enqueued_total") <= 101);  // the bound of the label, and other
  CHECK(Lines(page, "fleet_worker_last_heartbeat_timestamp_seconds") <= 500);  // series.workers
  const long peak = PeakKilobytes(exporter.process().pid());
  WARN("resident memory at most " << peak / 1024 << " MiB");
  CHECK(peak < kMostKilobytes);
}
