// The exporter among clients that want to stop it. The figures are measured by bench/slow_clients; here
// it must go on answering.
#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>

#include "tests/support/fleet_server.h"
#include "tests/support/hostile_clients.h"
#include "tests/support/http.h"
#include "tests/support/process.h"

using fleet::test::ExporterServer;
using fleet::test::Get;
using fleet::test::HostileClients;
using fleet::test::WaitFor;

namespace {

int PortOf(const std::string& url) { return std::stoi(url.substr(url.rfind(':') + 1)); }

std::ptrdiff_t OpenFiles(const ExporterServer& exporter) {
  return std::distance(
      std::filesystem::directory_iterator(
          "/proc/" + std::to_string(const_cast<ExporterServer&>(exporter).process().pid()) + "/fd"),
      {});
}

}  // namespace

TEST_CASE("scrapes and events go on while 2000 hostile clients hold the ingest listener") {
  ExporterServer exporter;
  const auto before = OpenFiles(exporter);
  {
    const HostileClients hostile(PortOf(exporter.IngestUrl("")), 2000);
    REQUIRE(WaitFor(std::chrono::seconds(60), [&] { return OpenFiles(exporter) > 1000; }));
    for (int i = 0; i < 50; ++i) REQUIRE(Get(exporter.Url("/metrics")).status == 200);
    // Bodies without end are cut short while threads are scarce: a sender that comes back gets in.
    REQUIRE(WaitFor(std::chrono::seconds(60), [&] {
      return fleet::test::Fetch("PUT", exporter.IngestUrl("/api/v1/heartbeats/sandbox/w-1")).status == 200;
    }));
  }
  CHECK(WaitFor(std::chrono::seconds(60), [&] { return OpenFiles(exporter) <= before + 1; }));
}

TEST_CASE("scrapes go on while 64 hostile clients hold the scrape listener") {
  ExporterServer exporter;
  const HostileClients hostile(PortOf(exporter.Url("")), 64);
  for (int i = 0; i < 50; ++i) REQUIRE(Get(exporter.Url("/metrics")).status == 200);
}

// A client that finds no place in the queue of a listener is silent for a second before it tries again.
TEST_CASE("a thousand clients that come while the exporter does something else need not come twice") {
  std::size_t longest = 0;  // that the system allows
  std::ifstream("/proc/sys/net/core/somaxconn") >> longest;
  const std::size_t count = std::min<std::size_t>(1000, longest);
  ExporterServer exporter;
  exporter.process().Signal(SIGSTOP);
  const HostileClients clients(PortOf(exporter.IngestUrl("")), count, HostileClients::Kind::kSilent);
  exporter.process().Signal(SIGCONT);
  CHECK(WaitFor(fleet::test::kPatience,
                [&] { return OpenFiles(exporter) > static_cast<std::ptrdiff_t>(count); }));
}
