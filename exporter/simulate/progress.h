// The one line that a terminal shows while the simulation runs, and the summary at its end.
#pragma once

#include <chrono>
#include <map>
#include <string>

#include "exporter/simulate/sender.h"
#include "exporter/simulate/simulation.h"
#include "lib/base/clock.h"

namespace fleet::simulate {

struct ProgressFacts {
  UnixMillis now;
  std::chrono::milliseconds elapsed{};
  double events_per_second = 0;
  SendCounts counts;
  SimulationStatus status;
  std::string trouble;  // with the connection, empty when there is none
};

// Not wider than `width` columns, without a newline.
std::string RenderProgress(const ProgressFacts& facts, std::size_t width);

// Several lines: what was sent, what became of it, and why events were rejected.
std::string RenderSummary(const ProgressFacts& facts, const std::map<std::string, std::uint64_t>& reasons);

// Shows `facts` at most once a second where standard output is a terminal, else nothing.
class ProgressLine {
 public:
  ProgressLine();
  bool wanted(UnixMillis now) const { return terminal_ && now - shown_ >= std::chrono::seconds(1); }
  void Show(const ProgressFacts& facts);
  void Clear();

 private:
  bool terminal_;
  UnixMillis shown_;
};

}  // namespace fleet::simulate
