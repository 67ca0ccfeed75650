// Says in the log what limits refused, at most once a minute for each: the counters say how often, this
// says it to whoever reads logs. It reads the counters, so no part of the fleet needs to know of it.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/exposition/snapshot.h"
#include "lib/base/clock.h"

namespace fleet {

struct RefusalLine {
  std::string_view message;
  std::string_view label;  // "group", "label" or "reason"
  std::string value;
  std::int64_t refused = 0;  // since the last line about it

  friend bool operator==(const RefusalLine&, const RefusalLine&) = default;
};

// Thread-safe.
class RefusalLog {
 public:
  explicit RefusalLog(std::string_view metric_namespace) : namespace_(metric_namespace) {}

  // What to log now.
  std::vector<RefusalLine> Look(const Snapshot& snapshot, UnixMillis now);

 private:
  struct Said {
    double total = 0;
    UnixMillis at;  // 0: never
  };

  std::string namespace_;
  std::mutex mutex_;
  std::map<std::string, Said> said_;  // by metric and label value
};

}  // namespace fleet
