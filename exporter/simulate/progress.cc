#include "exporter/simulate/progress.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <vector>

#include "lib/base/duration.h"
#include "lib/base/text.h"

namespace fleet::simulate {
namespace {

constexpr std::size_t kMostReasons = 5;

std::size_t TerminalWidth() {
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

std::string Whole(std::chrono::milliseconds elapsed) {
  return PrintDuration(std::chrono::duration_cast<std::chrono::seconds>(elapsed));
}

}  // namespace

std::string RenderProgress(const ProgressFacts& facts, std::size_t width) {
  std::string line =
      fmt::format("{}  {} events, {:.0f}/s  {} accepted  {} rejected  {}/{} workers", Whole(facts.elapsed),
                  facts.counts.sent, facts.events_per_second, facts.counts.accepted, facts.counts.rejected,
                  facts.status.workers_alive, facts.status.workers);
  if (facts.status.incident.has_value()) line += fmt::format("  {}", Name(*facts.status.incident));
  if (!facts.trouble.empty()) line += fmt::format("  waiting: {}", facts.trouble);
  return line.substr(0, width);
}

std::string RenderSummary(const ProgressFacts& facts, const std::map<std::string, std::uint64_t>& reasons) {
  const SendCounts& counts = facts.counts;
  std::string text = fmt::format("{} events in {}: {} accepted, {} duplicates, {} rejected", counts.sent,
                                 Whole(facts.elapsed), counts.accepted, counts.duplicates, counts.rejected);
  if (counts.retries > 0) text += fmt::format(", {} requests retried", counts.retries);
  if (counts.unsent > 0) text += fmt::format(", {} not sent", counts.unsent);
  text += '\n';
  std::vector<std::pair<std::uint64_t, std::string>> by_count;
  for (const auto& [reason, events] : reasons) by_count.emplace_back(events, reason);
  std::ranges::sort(by_count, std::greater<>());
  for (std::size_t i = 0; i < std::min(kMostReasons, by_count.size()); ++i) {
    text += fmt::format("  rejected {}: {}\n", by_count[i].first, Printable(by_count[i].second));
  }
  return text;
}

ProgressLine::ProgressLine() : terminal_(isatty(STDOUT_FILENO) == 1) {}

void ProgressLine::Show(const ProgressFacts& facts) {
  if (!terminal_) return;
  shown_ = facts.now;
  fmt::print("\r\033[K{}", RenderProgress(facts, TerminalWidth() - 1));
  std::fflush(stdout);
}

void ProgressLine::Clear() {
  if (terminal_) fmt::print("\r\033[K");
}

}  // namespace fleet::simulate
