#include "exporter/fleet/work.h"

#include <algorithm>

#include "lib/base/duration.h"

namespace fleet {

Step JudgeStep(const Work& work, Work::Stage to, UnixMillis at) {
  using enum Work::Stage;
  if (to == kEnded) {
    if (work.stage == kEnded) return Step::kInvalid;
    // The clocks of two senders differ: an end holds even if it is older than the start, but not if
    // the work was retried since.
    return at < work.retried ? Step::kLate : Step::kMove;
  }
  if (at < work.changed || (at == work.changed && to < work.stage)) return Step::kLate;
  const bool again = to == work.stage && to == kRunning;
  return to < work.stage || again ? Step::kInvalid : Step::kMove;
}

void EnterStage(Work& work, Work::Stage to, UnixMillis at) {
  work.stage = to;
  work.changed = std::max(work.changed, at);
}

std::optional<double> TakeWait(Work& work) {
  if (work.waited || work.created.value == 0 || work.started.value == 0) return std::nullopt;
  work.waited = true;
  return std::max(0.0, ToSeconds(work.started - work.created));
}

std::optional<double> DurationUntil(const Work& work, UnixMillis ended) {
  if (work.started.value == 0 || ended < work.started) return std::nullopt;
  return ToSeconds(ended - work.started);
}

}  // namespace fleet
