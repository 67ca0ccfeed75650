// The times that shape the rules of an SLO.
//
// The fast group records the exact events of its last step, as the difference of two readings that are
// a step apart. Windows are sums of those records, so everything here is a multiple of the step.
#pragma once

#include <algorithm>

#include "lib/base/duration.h"
#include "rulegen/policy/policy.h"

namespace fleet::rulegen {

// Alerts on windows up to this long stand in the fast group, longer ones in the long group.
inline constexpr Duration kLongestFastWindow = std::chrono::hours(6);
// Interval of the long group, and of its roll-up.
inline constexpr Duration kLongInterval = std::chrono::minutes(1);
// Age a scrape must have to be surely stored; without it a target whose scrapes are in flight at every
// evaluation would lose one increment in every step.
inline constexpr Duration kSettle = std::chrono::seconds(5);
// The period's coverage is counted in hours: independent of any group's interval.
inline constexpr Duration kCoverageStep = std::chrono::hours(1);

struct Timing {
  Duration scrape;
  Duration step;    // 30 s, or 1 m where scrapes are rarer, so that whole minutes are whole steps
  Duration bridge;  // how long scrapes may fail without losing events

  // The range that holds exactly the records of `window` in their own group: a range as long as the
  // window holds one more on Prometheus 2, whose ranges are closed at both ends, than on 3.
  Duration RecordsOf(Duration window) const { return window - step / 2; }
  // Of rates, where $window stands: four scrapes bridge one that failed, and less than a step would not do.
  Duration rate_window() const { return std::max(step, 4 * scrape); }
};

inline Timing TimingFor(Duration scrape_interval) {
  using std::chrono::minutes;
  using std::chrono::seconds;
  return {scrape_interval, scrape_interval <= seconds(30) ? seconds(30) : seconds(60),
          std::max<Duration>(minutes(5), 4 * scrape_interval)};
}

// Periods up to this long are made of the roll-up of the long group, since five minutes matter to them.
inline constexpr Duration kLongestShortPeriod = std::chrono::hours(48);

// Interval of the period group, and of its roll-up: an evaluation reads about 10,000 records at most.
inline Duration PeriodInterval(const Slo& slo) {
  constexpr Duration kLongPeriod = std::chrono::hours(35 * 24);
  const Duration period = *slo.period;
  if (period <= kLongestShortPeriod && !slo.calendar) return kLongInterval;
  return period <= kLongPeriod ? std::chrono::minutes(5) : std::chrono::minutes(15);
}

}  // namespace fleet::rulegen
