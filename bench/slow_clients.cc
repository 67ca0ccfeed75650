// How long a scrape takes when nobody else is there, and while hostile clients hold a listener.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/fleet_server.h"
#include "tests/support/hostile_clients.h"
#include "tests/support/http.h"

namespace {

using Clock = std::chrono::steady_clock;

struct Latency {
  double p50 = 0, p99 = 0, most = 0;  // milliseconds
};

Latency Scrape(const std::string& url, int times) {
  std::vector<double> took;
  for (int i = 0; i < times; ++i) {
    const auto begin = Clock::now();
    const int status = fleet::test::Get(url).status;
    if (status != 200) fmt::print("status {}\n", status);
    took.push_back(std::chrono::duration<double, std::milli>(Clock::now() - begin).count());
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  std::ranges::sort(took);
  return {took[took.size() / 2], took[took.size() * 99 / 100], took.back()};
}

void Print(const std::string& name, const Latency& latency) {
  fmt::print("{:<36} p50 {:6.2f} ms   p99 {:6.2f} ms   max {:6.2f} ms\n", name, latency.p50, latency.p99,
             latency.most);
}

int PortOf(const std::string& url) { return std::stoi(url.substr(url.rfind(':') + 1)); }

}  // namespace

int main() {
  constexpr int kTimes = 1000;
  fleet::test::ExporterServer exporter({"--log.level=error"});
  const std::string url = exporter.Url("/metrics");
  Scrape(url, 50);
  Print("idle", Scrape(url, kTimes));
  {
    const fleet::test::HostileClients hostile(PortOf(exporter.IngestUrl("")), 2000);
    Print("2000 hostile clients on ingest", Scrape(url, kTimes));
  }
  Print("idle again", Scrape(url, kTimes));
  {
    const fleet::test::HostileClients hostile(PortOf(exporter.Url("")), 64);
    Print("64 hostile clients on scrape", Scrape(url, kTimes));
  }
  return 0;
}
