// Bodies of push requests to events. All of a body is read before anything is made of it: a body that is
// not JSON changes nothing. The one adapter of simdjson.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/fleet/event.h"
#include "exporter/fleet/refusal.h"
#include "exporter/ingest/event_builder.h"
#include "exporter/ingest/ingest_limits.h"
#include "lib/base/clock.h"

namespace fleet {

struct RefusedElement {
  std::size_t index = 0;  // place in the batch; NDJSON counts non-empty lines
  std::string_view kind;  // "worker", ..., or "other"
  Refusal refusal;
};

struct DecodedBody {
  enum class Failure { kNone, kMalformed, kTooLarge };
  Failure failure = Failure::kNone;
  std::string error;  // why there are no events at all

  std::vector<Event> events;
  std::vector<std::size_t> places;  // of each event, as RefusedElement::index
  std::vector<RefusedElement> refused;
};

// Keeps its buffers between bodies. Not thread-safe: one for each thread.
class Decoder {
 public:
  Decoder();
  ~Decoder();
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  // The body decoded, and all texts in it, live until the next call. `now` is the time of events that
  // have none.
  DecodedBody& Decode(BodyFormat format, std::string_view body, const IngestLimits& limits, UnixMillis now);

  // An event of `type` without an envelope: the body is empty or an object with its fields.
  DecodedBody& DecodeData(const EventType& type, std::span<const GivenText> given, std::string_view body,
                          const IngestLimits& limits, UnixMillis now);

  // Gives back what a body of unusual size has taken; the decoded body is gone then.
  void ReleaseLargeBuffers();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace fleet
