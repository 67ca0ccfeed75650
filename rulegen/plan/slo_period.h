// The figures of the period of one SLO: made in the period group, published in the long group.
#pragma once

#include "rulegen/plan/slo_record.h"

namespace fleet::rulegen {

RuleGroup PlanPeriodGroup(const SloContext& context);

// For the long group: a record made every 5 minutes would blink, since an instant read looks back 5 m
// and no further.
void AddPeriodFigures(const SloContext& context, RuleGroup& group);

}  // namespace fleet::rulegen
