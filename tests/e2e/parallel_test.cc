// Pushes, scrapes and reloads at the same time. Under a sanitizer the exporter says what it thinks of it.
#include <fmt/format.h>
#include <signal.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/fleet_server.h"
#include "tests/support/http.h"
#include "tests/support/process.h"

using fleet::test::ExporterServer;
using fleet::test::Fetch;
using fleet::test::Get;
using fleet::test::TemporaryFolder;

TEST_CASE("pushes, scrapes and reloads at the same time disturb nobody") {
  const TemporaryFolder folder;
  const std::string web = folder.Write("web.yaml", "# 0\n");
  const std::string config = folder.Write("exporter.yaml", "workers: {stale_after: 1m}\n");
  ExporterServer exporter({"--config.file=" + config, "--web.config.file=" + web, "--log.level=error"});
  constexpr int kRounds = 100;
  std::atomic<int> refused{0};
  std::vector<std::thread> threads;
  for (int sender = 0; sender < 3; ++sender) {
    threads.emplace_back([&, sender] {
      for (int i = 0; i < kRounds; ++i) {
        const std::string url =
            exporter.IngestUrl(fmt::format("/api/v1/heartbeats/sandbox/w-{}-{}", sender, i % 10));
        if (Fetch("PUT", url).status != 200) ++refused;
      }
    });
  }
  threads.emplace_back([&] {
    for (int i = 0; i < kRounds; ++i) {
      if (Get(exporter.Url("/metrics"), {"Accept-Encoding: gzip"}).status != 200) ++refused;
    }
  });
  threads.emplace_back([&] {
    for (int i = 0; i < kRounds / 10; ++i) {
      folder.Write("exporter.yaml", fmt::format("workers: {{stale_after: {}m}}\n", i % 10 + 1));
      folder.Write("web.yaml.new", fmt::format("# {}\n", i));
      rename((web + ".new").c_str(), web.c_str());
      exporter.process().Signal(SIGHUP);
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  });
  for (std::thread& thread : threads) thread.join();
  CHECK(refused == 0);
  CHECK(Get(exporter.Url("/metrics"))
            .body.find("fleet_workers{worker_type=\"sandbox\",state=\"healthy\"} 30\n") != std::string::npos);
  exporter.process().Signal(SIGTERM);
  CHECK(exporter.process().Wait(std::chrono::seconds(20)) == 0);
  CHECK(exporter.process().Output() == "");
}
