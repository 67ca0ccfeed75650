#include "exporter/simulate/sender.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "exporter/simulate/ingest_answer.h"

namespace fleet::simulate {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kMostReasons = 20;

bool WorthRetrying(int status) {
  return status == 0 || status == 429 || status == 502 || status == 503 || status == 504;
}

// The first lines that fit into one request; at least one.
std::size_t Portion(std::span<const std::string> lines, const Sender::Options& options) {
  std::size_t events = 0;
  std::size_t bytes = 0;
  while (events < lines.size() && events < options.max_events) {
    bytes += lines[events].size();
    if (events > 0 && bytes > options.max_bytes) break;
    ++events;
  }
  return events;
}

}  // namespace

Sender::Sender(Transport& transport, const Clock& clock, Wait wait, const Options& options)
    : transport_(&transport),
      clock_(&clock),
      wait_(std::move(wait)),
      options_(options),
      random_(static_cast<std::uint64_t>(clock.Now().value)),
      start_(clock.Now()) {}

SendOutcome Sender::Send(std::span<const std::string> lines) {
  while (!lines.empty()) {
    const std::size_t events = Portion(lines, options_);
    const SendOutcome outcome = Deliver(lines.first(events));
    if (outcome != SendOutcome::kDone) {
      counts_.unsent += lines.size() - events;
      return outcome;
    }
    lines = lines.subspan(events);
  }
  return SendOutcome::kDone;
}

SendOutcome Sender::Deliver(std::span<const std::string> lines) {
  std::string body;
  for (const std::string& line : lines) body += line;
  milliseconds pause = options_.first_pause;
  while (true) {
    const HttpAnswer answer = transport_->Post(body);
    reached_ = reached_ || answer.status != 0;
    if (!WorthRetrying(answer.status)) {
      trouble_.clear();
      Take(answer, lines.size());
      return SendOutcome::kDone;
    }
    trouble_ = answer.status == 0 ? answer.error : fmt::format("HTTP {}", answer.status);
    if (!reached_ && clock_->Now() - start_ >= options_.patience) {
      counts_.unsent += lines.size();
      return SendOutcome::kUnreachable;
    }
    // Half of the pause is random, so that senders that failed together do not come back together.
    const auto jittered = milliseconds(
        static_cast<milliseconds::rep>(static_cast<double>(pause.count()) * random_.Between(0.5, 1.0)));
    if (!wait_(std::max(jittered, answer.retry_after.value_or(milliseconds(0))))) {
      counts_.unsent += lines.size();
      return SendOutcome::kStopped;
    }
    pause = std::min(2 * pause, options_.longest_pause);
    ++counts_.retries;
  }
}

void Sender::Take(const HttpAnswer& answer, std::size_t events) {
  counts_.sent += events;
  const IngestAnswer answered = ParseIngestAnswer(answer.body);
  // 400 is also the answer to a body of which every single event was rejected, each with its reason.
  const bool each = answer.status == 200 || (answer.status == 400 && !answered.rejected.empty());
  if (!each) {
    const std::string& detail = answered.error.empty() ? answer.body : answered.error;
    Reject(fmt::format("HTTP {}: {}", answer.status, detail.substr(0, 200)), events);
    return;
  }
  counts_.accepted += answered.accepted;
  counts_.duplicates += answered.duplicates;
  for (const std::string& reason : answered.rejected) Reject(reason, 1);
  if (answered.rejected_total > answered.rejected.size()) {
    Reject("(not listed in the answer)", answered.rejected_total - answered.rejected.size());
  }
  const std::uint64_t told = answered.accepted + answered.duplicates + answered.rejected_total;
  if (told < events) Reject("the answer did not tell what became of the event", events - told);
}

void Sender::Reject(const std::string& reason, std::uint64_t events) {
  counts_.rejected += events;
  const bool known = reasons_.contains(reason);
  if (known || reasons_.size() < kMostReasons) reasons_[reason] += events;
}

}  // namespace fleet::simulate
