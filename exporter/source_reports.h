// What happens to the sources, told to those who watch the exporter: metrics and log.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <string>

#include "exporter/fleet/fleet.h"
#include "exporter/log.h"
#include "exporter/self_metrics.h"
#include "exporter/sources/source_set.h"
#include "lib/base/clock.h"

namespace fleet {

// A source that fails is one line when it begins to fail, one when it works again; while it fails, the
// reason again when it changes, at most once a minute.
class SourceReports final : public SourceObserver {
 public:
  SourceReports(Fleet& fleet, SelfMetrics& metrics, Logger& logger, const Clock& clock)
      : fleet_(&fleet), metrics_(&metrics), logger_(&logger), clock_(&clock) {}

  void ReadEnded(const std::string& source, const Result<void>& result,
                 std::chrono::nanoseconds duration) override;
  void Unusable(const std::string& source, std::size_t facts, const std::string& example) override;

 private:
  struct State {
    bool failing = false;
    std::string error;
    UnixMillis logged;  // the error
    UnixMillis unusable_logged;
  };

  void LogResult(const std::string& source, const Result<void>& result, UnixMillis now);

  Fleet* fleet_;
  SelfMetrics* metrics_;
  Logger* logger_;
  const Clock* clock_;
  std::mutex mutex_;
  std::map<std::string, State, std::less<>> states_;
};

}  // namespace fleet
