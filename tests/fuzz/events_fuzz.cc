// Bodies of every format, from the decoder to the page. What is refused must leave the fleet usable.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "exporter/exposition/snapshot.h"
#include "exporter/fleet/fleet.h"
#include "exporter/ingest/ingest.h"
#include "exporter/store/memory_store.h"
#include "lib/base/clock.h"

namespace {

class Nobody final : public fleet::IngestObserver {
 public:
  void Received(std::string_view, std::size_t) override {}
  void Rejected(std::string_view) override {}
  void Deduplicated(std::size_t) override {}
};

class StandingClock final : public fleet::Clock {
 public:
  fleet::UnixMillis Now() const override { return {1'790'000'000'000}; }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  const StandingClock clock;
  Nobody observer;
  for (const auto format :
       {fleet::BodyFormat::kCloudEvent, fleet::BodyFormat::kCloudEventBatch, fleet::BodyFormat::kNdjson}) {
    fleet::Fleet fleet("fleet", {});
    fleet::MemoryStore store(1000);
    fleet::Ingest ingest(fleet, store, clock, {}, observer);
    const fleet::IngestReport report = ingest.Accept(format, body);
    fleet::Snapshot snapshot;
    fleet.Collect(clock.Now(), snapshot);
    if (report.ToJson().empty() || snapshot.families.empty()) std::abort();
  }
  return 0;
}
