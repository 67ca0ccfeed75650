#include "tests/e2e/source_server.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <fstream>
#include <mutex>
#include <stdexcept>
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

ParallelScrapes ScrapeInParallel(const SourceServer& server, double timeout_seconds) {
  constexpr int kScrapes = 10;
  ParallelScrapes result;
  std::mutex mutex;
  std::vector<std::thread> threads;
  for (int i = 0; i < kScrapes; ++i) {
    threads.emplace_back([&] {
      const auto begin = std::chrono::steady_clock::now();
      const bool answered = !server.Page(timeout_seconds).empty();
      const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
      const std::lock_guard lock(mutex);
      result.answered += answered ? 1 : 0;
      result.longest_seconds = std::max(result.longest_seconds, seconds);
    });
  }
  for (std::thread& thread : threads) thread.join();
  return result;
}

}  // namespace fleet::test
