// collect[] and exclude[] of a scrape: which sources it reads and which groups of metrics it shows.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/exposition/snapshot.h"
#include "lib/base/result.h"

namespace fleet {

class CollectorSelection {
 public:
  // `query` as sent. Fails, in words for the one who asked, on a name that is neither a source nor a
  // group of metrics, and when both parameters are there. Other parameters mean nothing.
  static Result<CollectorSelection> Parse(std::string_view query, const std::vector<std::string>& sources);

  bool is_everything() const { return mode_ == Mode::kEverything; }
  bool Reads(std::string_view source) const;
  bool Shows(std::string_view group) const;

  // The families of the groups that are shown.
  Snapshot Filter(const Snapshot& snapshot, std::string_view metric_namespace) const;

 private:
  enum class Mode { kEverything, kCollect, kExclude };
  using Names = std::set<std::string, std::less<>>;

  bool Selects(const Names& names, std::string_view name) const;

  Mode mode_ = Mode::kEverything;
  Names sources_;
  Names groups_;
};

// "workers", "process", or "custom" for what is not in the catalog. `family` has its namespace.
std::string_view GroupOf(std::string_view family, std::string_view metric_namespace);

}  // namespace fleet
