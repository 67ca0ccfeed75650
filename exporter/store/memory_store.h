// The store of an exporter that keeps nothing on disk: it only knows which events it has seen.
#pragma once

#include "exporter/store/event_store.h"

namespace fleet {

class MemoryStore : public EventStore {
 public:
  explicit MemoryStore(std::size_t max_ids = 2'000'000, Duration retention = std::chrono::hours(24))
      : EventStore(max_ids, retention, SeenSeed::Random()) {}

 protected:
  tl::expected<void, StoreFailure> Commit(const Batch& batch) override {
    ApplyAll(batch, [](const Event&) {});
    return {};
  }
};

}  // namespace fleet
