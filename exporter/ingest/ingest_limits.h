// What a sender may send at once.
#pragma once

#include <cstddef>

namespace fleet {

enum class BodyFormat { kCloudEvent, kCloudEventBatch, kNdjson };

struct IngestLimits {
  std::size_t max_body_bytes = 1U << 20U;       // as sent
  std::size_t max_plain_bytes = 10U << 20U;     // after decompression
  std::size_t max_ratio = 100;                  // of plain to compressed bytes, beyond 64 KiB
  std::size_t max_inflight_bytes = 64U << 20U;  // of all bodies being read and decoded
  std::size_t max_events = 1000;                // in one request
  std::size_t max_depth = 16;                   // of the JSON
  std::size_t max_text_bytes = 128;             // of a label value or id; messages may have 4 KiB
};

}  // namespace fleet
