// The file of a store, for people: is it whole, what does it hold.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/fleet/fleet.h"
#include "exporter/store/store_file.h"

namespace fleet {

// "/var/lib/fleet_exporter/fleet.db"
std::string StoreFileIn(const std::string& folder);

struct StoreReport {
  std::vector<std::string> problems;  // empty: it is whole
  bool opened = false;                // else the rest is unknown
  std::uint64_t size_bytes = 0;
  std::size_t snapshot_bytes = 0;
  std::size_t journal_bytes = 0;
  std::size_t entries = 0;
  std::size_t events = 0;
  std::size_t ids = 0;

  std::string Print(std::string_view path) const;
};

// Looks at every page and every row, also while an exporter writes to it.
tl::expected<StoreReport, FileFailure> CheckStore(const std::string& path);

// The fleet as the file describes it, into `fleet`, to which nothing has been applied.
Result<void> LoadStore(const std::string& path, Fleet& fleet);

// Each event in the journal as a CloudEvent, one line of JSON, which can be sent again.
Result<void> ListEvents(const std::string& path, const std::function<void(std::string_view line)>& write);

}  // namespace fleet
