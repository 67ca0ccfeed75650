#include "exporter/simulate/simulate.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "exporter/simulate/curl_transport.h"
#include "exporter/simulate/options.h"
#include "exporter/simulate/progress.h"
#include "exporter/simulate/sender.h"
#include "exporter/simulate/simulation.h"
#include "lib/base/clock.h"

namespace fleet::simulate {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kTick{100};
// After an outage the events of the meantime follow in portions of this much simulated time.
constexpr milliseconds kLongestStep{1000};

std::atomic<bool> stop_requested{false};
static_assert(std::atomic<bool>::is_always_lock_free, "set in a signal handler");

void RequestStop(int /*signal*/) { stop_requested = true; }

std::string MakeRunId() {
  std::random_device device;
  return fmt::format("{:08x}", device());
}

class Run {
 public:
  Run(const SimulateOptions& options, Transport& transport)
      : options_(options),
        start_(clock_.Now()),
        simulation_(options.simulation, start_),
        sender_(
            transport, clock_, [this](milliseconds pause) { return Wait(pause); }, Sender::Options()) {}

  int Execute() {
    const SendOutcome outcome = Loop();
    progress_.Clear();
    if (outcome == SendOutcome::kUnreachable) {
      fmt::print(stderr,
                 "fleet_exporter simulate: error: no exporter answers at {} ({}); start one with: "
                 "fleet_exporter, or name another with --url\n",
                 options_.url, sender_.trouble());
      return 2;
    }
    fmt::print("{}", RenderSummary(Facts(), sender_.reasons()));
    return sender_.counts().rejected > 0 ? 1 : 0;
  }

 private:
  SendOutcome Loop() {
    const UnixMillis end = start_ + options_.duration.value_or(Duration::zero());
    UnixMillis simulated = start_;
    while (true) {
      const UnixMillis now = clock_.Now();
      const UnixMillis due = options_.duration.has_value() ? std::min(now, end) : now;
      simulated = std::max(simulated, std::min(due, simulated + kLongestStep));
      const SendOutcome outcome = Send(simulation_.Step(simulated));
      if (outcome != SendOutcome::kDone) return outcome;
      if (options_.duration.has_value() && simulated >= end) return SendOutcome::kDone;
      if (!Wait(simulated < due ? milliseconds(0) : kTick)) return SendOutcome::kStopped;
    }
  }

  SendOutcome Send(const std::vector<SimulatedEvent>& events) {
    std::vector<std::string> lines;
    lines.reserve(events.size());
    for (const SimulatedEvent& event : events) {
      lines.push_back(ToJsonLine(event, "fleet-simulator",
                                 fmt::format("{}-{}", options_.simulation.run_id, ++event_ids_)));
    }
    return sender_.Send(lines);
  }

  // Sleeps in short pieces: a signal must not wait for the end of a long pause.
  bool Wait(milliseconds pause) {
    const auto until = std::chrono::steady_clock::now() + pause;
    while (!stop_requested) {
      if (progress_.wanted(clock_.Now())) progress_.Show(Facts());
      const auto left = std::chrono::duration_cast<milliseconds>(until - std::chrono::steady_clock::now());
      if (left.count() <= 0) return true;
      std::this_thread::sleep_for(std::min(left, kTick));
    }
    return false;
  }

  ProgressFacts Facts() {
    ProgressFacts facts;
    facts.now = clock_.Now();
    facts.elapsed = facts.now - start_;
    facts.counts = sender_.counts();
    facts.status = simulation_.Status();
    facts.trouble = sender_.trouble();
    const double seconds = ToSeconds(facts.now - last_facts_);
    if (seconds > 0) facts.events_per_second = static_cast<double>(facts.counts.sent - last_sent_) / seconds;
    last_facts_ = facts.now;
    last_sent_ = facts.counts.sent;
    return facts;
  }

  const SimulateOptions& options_;
  SystemClock clock_;
  UnixMillis start_;
  Simulation simulation_;
  Sender sender_;
  ProgressLine progress_;
  UnixMillis last_facts_;
  std::uint64_t last_sent_ = 0;
  std::uint64_t event_ids_ = 0;
};

}  // namespace

int RunSimulate(int argc, const char* const* argv) {
  std::variant<SimulateOptions, EarlyExit> parsed = ParseSimulateOptions(argc, argv);
  if (const auto* early = std::get_if<EarlyExit>(&parsed)) {
    fmt::print(early->code == 0 ? stdout : stderr, "{}", early->text);
    return early->code;
  }
  auto& options = std::get<SimulateOptions>(parsed);
  if (!options.run_id_given) options.simulation.run_id = MakeRunId();
  if (options.history) {
    const Result<void> written = WriteHistory(options.simulation, *options.history);
    if (written) return 0;
    fmt::print(stderr, "fleet_exporter simulate: error: {}\n", written.error().message);
    return 2;
  }
  std::signal(SIGINT, RequestStop);
  std::signal(SIGTERM, RequestStop);
  const Result<std::unique_ptr<Transport>> transport =
      ConnectTransport(options.url, [] { return stop_requested.load(); });
  if (!transport.has_value()) {
    fmt::print(stderr, "fleet_exporter simulate: error: {}\n", transport.error().message);
    return 2;
  }
  return Run(options, **transport).Execute();
}

}  // namespace fleet::simulate
