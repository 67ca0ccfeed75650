// What every source is: something outside that is asked for facts.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "exporter/sources/deadline.h"
#include "exporter/sources/fact.h"
#include "lib/base/clock.h"
#include "lib/base/duration.h"
#include "lib/base/result.h"

namespace fleet {

struct SourceRun {
  const Deadline& deadline;
  const Clock& clock;
  FactSink& facts;
  // When the exporter, before its restart, last knew what the source says; 0: never.
  UnixMillis known_until{};
};

class Source {
 public:
  virtual ~Source() = default;

  // Reports what it finds, and ends at the deadline at the latest. What was reported before an error
  // stays. Called in a thread of the source's own, never twice at the same time.
  virtual Result<void> Read(const SourceRun& run) = 0;

  // Reports what follows from a read that failed or got stuck: down. Called from any thread, also
  // while a read is stuck.
  virtual void ReportDown(FactSink&, UnixMillis) const {}

 protected:
  Source() = default;
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;
};

struct SourceConfig {
  std::string type;
  std::string name;       // unique
  Duration min_interval;  // from start to start of two reads; scrapes in between show what is known
  Duration interval;      // 0, or: read so often, whether anybody scrapes or not
  std::function<std::unique_ptr<Source>()> make;
};

}  // namespace fleet
