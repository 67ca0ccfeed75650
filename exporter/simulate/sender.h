// Sends events in portions until the exporter has taken them, and counts what became of each one.
//
// Retried are what OpenTelemetry's protocol retries: 429, 502, 503, 504 and broken connections; an
// event that was applied before the answer got lost is recognised by its id and counted as duplicate.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "exporter/simulate/random.h"
#include "lib/base/clock.h"

namespace fleet::simulate {

struct HttpAnswer {
  int status = 0;  // 0: no answer; then `error` says why
  std::string body;
  std::string error;
  std::optional<std::chrono::milliseconds> retry_after;
};

// The port to HTTP.
class Transport {
 public:
  virtual ~Transport() = default;
  virtual HttpAnswer Post(const std::string& body) = 0;
};

struct SendCounts {
  std::uint64_t sent = 0;  // events the exporter has answered: accepted + duplicates + rejected
  std::uint64_t accepted = 0;
  std::uint64_t duplicates = 0;
  std::uint64_t rejected = 0;
  std::uint64_t unsent = 0;   // given up when the simulation was stopped
  std::uint64_t retries = 0;  // requests sent again
};

enum class SendOutcome { kDone, kStopped, kUnreachable };

class Sender {
 public:
  // Waits; false when the simulation is to stop.
  using Wait = std::function<bool(std::chrono::milliseconds)>;

  struct Options {
    std::size_t max_events = 500;         // in a request; the exporter takes 1000
    std::size_t max_bytes = 512U << 10U;  // and 1 MiB
    std::chrono::milliseconds first_pause{250};
    std::chrono::milliseconds longest_pause{5000};
    // An exporter that has never answered is given up after this time.
    std::chrono::milliseconds patience{10'000};
  };

  Sender(Transport& transport, const Clock& clock, Wait wait, const Options& options);

  // Each line is an event. Returns when all of them have been answered, or why not.
  SendOutcome Send(std::span<const std::string> lines);

  const SendCounts& counts() const { return counts_; }
  // Why events were rejected, each reason with how often.
  const std::map<std::string, std::uint64_t>& reasons() const { return reasons_; }
  // Why the last request was not answered; empty when it was.
  const std::string& trouble() const { return trouble_; }

 private:
  SendOutcome Deliver(std::span<const std::string> lines);
  void Take(const HttpAnswer& answer, std::size_t events);
  void Reject(const std::string& reason, std::uint64_t events);

  Transport* transport_;
  const Clock* clock_;
  Wait wait_;
  Options options_;
  Random random_;
  UnixMillis start_;
  bool reached_ = false;
  SendCounts counts_;
  std::map<std::string, std::uint64_t> reasons_;
  std::string trouble_;
};

}  // namespace fleet::simulate
