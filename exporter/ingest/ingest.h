// The way in for pushed facts: bytes -> events -> store -> fleet -> answer. Knows no HTTP.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/fleet/fleet.h"
#include "exporter/ingest/decode.h"
#include "exporter/ingest/ingest_limits.h"
#include "exporter/ingest/sender_scope.h"
#include "exporter/store/event_store.h"
#include "lib/base/clock.h"

namespace fleet {

struct RejectedEvent {
  std::size_t index = 0;  // place in the batch, from 0; NDJSON counts non-empty lines
  std::string reason;
};

// What the answer says. `error` non-empty: the body as a whole was refused and nothing was applied.
// kMalformed without an error: every single event was refused.
struct IngestReport {
  static constexpr std::size_t kMostListed = 100;

  enum class Outcome { kApplied, kMalformed, kTooLarge, kBusy, kUnavailable };
  Outcome outcome = Outcome::kApplied;
  std::size_t accepted = 0;
  std::size_t duplicates = 0;
  std::vector<RejectedEvent> rejected;  // ascending; the first kMostListed
  std::size_t rejected_total = 0;       // all of them
  std::string error;

  // {"accepted":2,"duplicates":0,"rejected":[{"index":1,"reason":"..."}]} or {"error":"..."}; with
  // "rejected_total" where more were rejected than are listed.
  std::string ToJson() const;
};

// Counts for the program's own metrics; the implementation is self_metrics.
class IngestObserver {
 public:
  virtual ~IngestObserver() = default;
  virtual void Received(std::string_view kind, std::size_t events) = 0;  // kind: worker, task, ... other
  virtual void Rejected(std::string_view reason) = 0;
  virtual void Deduplicated(std::size_t events) = 0;
};

// Thread-safe; many requests at once.
class Ingest {
 public:
  Ingest(Fleet& fleet, EventStore& store, const Clock& clock, const IngestLimits& limits,
         IngestObserver& observer);

  // `body` is plain (decompressed) JSON. `scope`: what the sender may speak about, null for anything.
  IngestReport Accept(BodyFormat format, std::string_view body, const SenderScope* scope = nullptr);

  // PUT /api/v1/heartbeats/{worker_type}/{worker_id}: `body` empty or the fields of worker.heartbeat.
  IngestReport AcceptHeartbeat(std::string_view worker_type, std::string_view worker_id,
                               std::string_view body, const SenderScope* scope = nullptr);

 private:
  IngestReport Process(DecodedBody& decoded, UnixMillis now, const SenderScope* scope);
  void Observe(const DecodedBody& decoded);

  Fleet* fleet_;
  EventStore* store_;
  const Clock* clock_;
  IngestLimits limits_;
  IngestObserver* observer_;
};

}  // namespace fleet
