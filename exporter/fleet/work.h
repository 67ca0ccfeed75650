// The way of a piece of work, a run or a task: pending, assigned, running, ended. Events may come late,
// twice or not at all.
#pragma once

#include <cstdint>
#include <optional>

#include "lib/base/clock.h"

namespace fleet {

struct Work {
  enum class Stage : std::uint8_t { kPending, kAssigned, kRunning, kEnded };

  Stage stage = Stage::kPending;
  bool waited = false;  // the wait from creation to start has been observed
  UnixMillis created;   // these are 0 where unknown
  UnixMillis started;
  UnixMillis changed;  // when it entered its stage
  UnixMillis retried;  // the last time it went back to pending
  UnixMillis newest;   // of any event about it
};

// What an event at the time `at` that says "now in stage `to`" means.
enum class Step {
  kMove,
  kLate,    // something newer is known: it counts, but moves nothing back
  kInvalid  // impossible: ended work does not end or start again
};
Step JudgeStep(const Work& work, Work::Stage to, UnixMillis at);

void EnterStage(Work& work, Work::Stage to, UnixMillis at);

// Seconds from creation to start, once, as soon as both are known.
std::optional<double> TakeWait(Work& work);

// Seconds from start to `ended`, if it is known to have started before.
std::optional<double> DurationUntil(const Work& work, UnixMillis ended);

}  // namespace fleet
