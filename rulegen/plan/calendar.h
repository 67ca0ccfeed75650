// Calendar periods in PromQL: which one is running, how much of it is over, how long it is. All in UTC,
// and without day_of_year(), which Prometheus has since 2.41 only.
#pragma once

#include "rulegen/plan/expr.h"

namespace fleet::rulegen {

// The label that says to which period a roll-up belongs.
inline constexpr char kPeriodLabel[] = "slo_period";

// One series whose label kPeriodLabel is the running period: {slo_period="202611"}.
Expr RunningPeriod(Calendar calendar);
// 0 to 1, without labels.
Expr ElapsedShare(Calendar calendar);
// Days of the running period, without labels.
Expr LengthInDays(Calendar calendar);

}  // namespace fleet::rulegen
