// How long a scrape takes when nobody else is there, and while hostile clients of each kind hold a listener.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/fleet_server.h"
#include "tests/support/hostile_clients.h"
#include "tests/support/http.h"

namespace {

using Clock = std::chrono::steady_clock;
using fleet::test::HostileClients;
using Kind = HostileClients::Kind;

// The goal: no worse than this many times the idle p99, and never more than that many milliseconds.
constexpr double kMostTimes = 2, kMostMillis = 1000;

struct Load {
  const char* name;
  std::optional<Kind> kind;
};
constexpr Load kLoads[] = {{"silent", Kind::kSilent},
                           {"half a head", Kind::kHalfHead},
                           {"a byte a second", Kind::kTrickle},
                           {"endless chunked body", Kind::kEndless},
                           {"a quarter of each", {}}};

// The milliseconds of each scrape, sorted. What does not answer 200 counts as one that took a minute.
std::vector<double> Scrape(const std::string& url, int times) {
  std::vector<double> took;
  for (int i = 0; i < times; ++i) {
    const auto begin = Clock::now();
    const bool answered = fleet::test::Get(url).status == 200;
    const double millis = std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
    took.push_back(answered ? millis : 60'000);
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  std::ranges::sort(took);
  return took;
}

double P99(const std::vector<double>& took) { return took[took.size() * 99 / 100]; }

int PortOf(const std::string& url) { return std::stoi(url.substr(url.rfind(':') + 1)); }

// Half of the idle scrapes come before the load, half after it: what else the machine does meanwhile hits
// both.
bool Measure(const std::string& listener, int port, std::size_t count, const Load& load,
             const std::string& url, int times) {
  std::vector<double> idle = Scrape(url, times / 2);
  std::vector<double> loaded;
  {
    const HostileClients hostile(port, count, load.kind);
    std::this_thread::sleep_for(std::chrono::seconds(2));
    loaded = Scrape(url, times);
  }
  std::this_thread::sleep_for(std::chrono::seconds(1));
  const std::vector<double> after = Scrape(url, times / 2);
  idle.insert(idle.end(), after.begin(), after.end());
  std::ranges::sort(idle);
  const double times_idle = P99(loaded) / P99(idle);
  const bool holds = times_idle <= kMostTimes && loaded.back() <= kMostMillis;
  fmt::print("{:<8} {:>5} {:<21} {:>9.2f} {:>9.2f} {:>9.2f} {:>7.2f}  {}\n", listener, count, load.name,
             P99(idle), P99(loaded), loaded.back(), times_idle, holds ? "ok" : "MISSED");
  std::fflush(stdout);
  return holds;
}

}  // namespace

int main(int argc, char** argv) {
  const int times = argc > 1 ? std::atoi(argv[1]) : 1000;
  if (argc > 2 || times < 100) {
    fmt::print(stderr, "Usage: bench_slow_clients [SCRAPES]   of each load, at least 100; default: 1000\n");
    return 2;
  }
  fleet::test::ExporterServer exporter({"--log.level=error"});
  const std::string url = exporter.Url("/metrics");
  Scrape(url, 100);
  fmt::print("{:<8} {:>5} {:<21} {:>9} {:>9} {:>9} {:>7}\n", "listener", "many", "clients", "idle p99",
             "p99, ms", "max, ms", "ratio");
  bool holds = true;
  for (const Load& load : kLoads) {
    holds = Measure("ingest", PortOf(exporter.IngestUrl("")), 2000, load, url, times) && holds;
  }
  for (const Load& load : kLoads) {
    holds = Measure("scrape", PortOf(url.substr(0, url.rfind('/'))), 64, load, url, times) && holds;
  }
  return holds ? 0 : 1;
}
