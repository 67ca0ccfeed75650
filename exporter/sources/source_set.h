// The sources at work: each in its own thread, read when somebody scrapes, all at the same time, one
// read of each at a time, and nobody waits for one longer than his deadline.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/fleet/fleet.h"
#include "exporter/sources/source.h"
#include "lib/base/clock.h"

namespace fleet {

// Told in the thread that noticed; thread-safe.
class SourceObserver {
 public:
  virtual ~SourceObserver() = default;
  virtual void ReadEnded(const std::string& source, const Result<void>& result,
                         std::chrono::nanoseconds duration) = 0;
  // Facts of one read that could not be used, and what was wrong with the first.
  virtual void Unusable(const std::string& source, std::size_t facts, const std::string& example) = 0;
};

class SourceSet {
 public:
  using Time = Deadline::Clock::time_point;
  using Selected = std::function<bool(std::string_view source)>;

  // All references must outlive this.
  SourceSet(const std::vector<SourceConfig>& configs, Fleet& fleet, const Clock& clock,
            SourceObserver& observer);
  // Cancels what runs. A source that does not listen is left behind after a moment.
  ~SourceSet();
  SourceSet(const SourceSet&) = delete;
  SourceSet& operator=(const SourceSet&) = delete;

  std::vector<std::string> names() const;

  // Reads the selected sources that are due and joins the reads that are under way. Returns when all
  // have ended, or shortly after the deadline, by which they are cancelled. A source that is stuck
  // since an earlier deadline is not waited for. Thread-safe.
  void Read(Time deadline, const Selected& selected);

 private:
  class Runner;
  std::vector<std::shared_ptr<Runner>> runners_;
};

}  // namespace fleet
