// The rules of one SLO: three ordered groups.
//
//   fast    every step (30 s): the exact events of the step, and windows up to 6 h as sums of them
//   long    every minute: a roll-up of that, windows above 6 h, and the figures of the period
//   period  every 5 or 15 minutes: a coarser roll-up and its average over the period (every minute, of the
//           long group's roll-up, where the period is two days or less)
//
// Every ratio is a quotient of sums of the same records. So it is weighted by traffic, is 0 when idle and
// absent without data, and costs the same however many series the service has: the raw series are read
// once per step, over the bridge, and nowhere else. A record of another group is read with an offset of
// kSettle, since groups run at different phases and the newest record may not be written yet.
#pragma once

#include <vector>

#include "rulegen/plan/plan.h"

namespace fleet::rulegen {

std::vector<RuleGroup> PlanSlo(const Policy& policy, const Slo& slo);

}  // namespace fleet::rulegen
