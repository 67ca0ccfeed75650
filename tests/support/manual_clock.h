// A clock that stands still until a test sets it.
#pragma once

#include "lib/base/clock.h"

namespace fleet::test {

class ManualClock final : public Clock {
 public:
  explicit ManualClock(UnixMillis at) : now(at) {}
  UnixMillis Now() const override { return now; }

  UnixMillis now;
};

}  // namespace fleet::test
