// What every program of the Prometheus family says about its process, under the standard names.
// https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics
#pragma once

#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "exporter/exposition/snapshot.h"

namespace fleet {

// How many entries a folder has. To list the thousands of /proc/self/fd takes longer than the rest of a
// scrape, so it is done once in `kAge` at most. Any number of threads may ask.
class FolderCount {
 public:
  static constexpr std::chrono::seconds kAge{5};

  explicit FolderCount(std::string path) : path_(std::move(path)) {}
  // Without `.` and `..`; nothing when the folder cannot be read.
  std::optional<double> Count(std::chrono::steady_clock::time_point now);

 private:
  const std::string path_;
  std::mutex mutex_;
  std::optional<double> count_;
  std::chrono::steady_clock::time_point counted_;
};

// Appends process_*. What the system does not tell is left out.
void CollectProcess(Snapshot& snapshot);

}  // namespace fleet
