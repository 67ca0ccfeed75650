// The arithmetic of error budgets, exact: shares and factors are decimals and fractions until printed.
//
// Source of the formulas: Google SRE workbook, chapter 5, "Alerting on SLOs". A budget B = 1 - objective
// that is burned f times too fast lasts period / f.
#pragma once

#include "lib/base/decimal.h"
#include "lib/base/duration.h"
#include "rulegen/policy/policy.h"

namespace fleet::rulegen {

// 99.9 -> 0.001.
Decimal ErrorBudget(Decimal objective);

// The factor that was given, or budget * period / long window, e.g. 0.02 * 720h / 1h = 14.4.
// REQUIRES: a tier that was read.
Fraction BurnFactor(const BurnTier& tier, Duration period);

// The error ratio the tier asks for is one or more: not even a total outage reaches it.
bool IsUnreachable(const BurnTier& tier, const Slo& slo);

// How long a full budget lasts at the tier's pace, whole seconds: period / factor.
Duration TimeToExhaustion(const BurnTier& tier, Duration period);

}  // namespace fleet::rulegen
