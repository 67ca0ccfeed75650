// From a file of the store to the fleet it describes.
#pragma once

#include <vector>

#include "exporter/fleet/fleet.h"
#include "exporter/store/seen_ids.h"
#include "exporter/store/store_file.h"

namespace fleet {

struct Replayed {
  std::size_t entries = 0;
  std::size_t events = 0;
  std::size_t unknown_events = 0;
  std::size_t ids = 0;
  std::vector<std::string> lost;
  std::vector<KeptId> recent;  // ids of the events in the journal
};

// Reads everything without applying it: whether it is whole.
Result<void> Verify(StoreFile& file);

// REQUIRES: nothing has been applied to `fleet`.
Result<Replayed> Replay(StoreFile& file, Fleet& fleet, SeenIds& seen);

}  // namespace fleet
