// The way in for pushed facts: bytes -> events -> store -> fleet -> answer. Knows no HTTP.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/fleet/fleet.h"
#include "exporter/store/event_store.h"
#include "lib/base/clock.h"

namespace fleet {

enum class BodyFormat { kCloudEvent, kCloudEventBatch, kNdjson };

struct IngestLimits {
  std::size_t max_body_bytes = 1U << 20U;    // as sent
  std::size_t max_plain_bytes = 10U << 20U;  // after decompression
  std::size_t max_events = 1000;             // in one request
  std::size_t max_depth = 16;                // of the JSON
  std::size_t max_text_bytes = 128;          // of a label value or id; messages may have 4 KiB
};

struct RejectedEvent {
  std::size_t index = 0;  // place in the batch, from 0; NDJSON counts non-empty lines
  std::string reason;
};

// What the answer says. `error` non-empty: the body as a whole was refused and nothing was applied.
struct IngestReport {
  enum class Outcome { kApplied, kMalformed, kTooLarge, kUnavailable };
  Outcome outcome = Outcome::kApplied;
  std::size_t accepted = 0;
  std::size_t duplicates = 0;
  std::vector<RejectedEvent> rejected;
  std::string error;

  // {"accepted":2,"duplicates":0,"rejected":[{"index":1,"reason":"..."}]} or {"error":"..."}
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

  // `body` is plain (decompressed) JSON.
  IngestReport Accept(BodyFormat format, std::string_view body);

  // PUT /api/v1/heartbeats/{worker_type}/{worker_id}: `body` empty or the fields of worker.heartbeat.
  IngestReport AcceptHeartbeat(std::string_view worker_type, std::string_view worker_id,
                               std::string_view body);

 private:
  Fleet* fleet_;
  EventStore* store_;
  const Clock* clock_;
  IngestLimits limits_;
  IngestObserver* observer_;
};

}  // namespace fleet
