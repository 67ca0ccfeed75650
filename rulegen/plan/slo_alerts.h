// The alerts of one SLO. Each stands in the group of its long window, behind the records it reads.
#pragma once

#include "rulegen/plan/slo_record.h"

namespace fleet::rulegen {

void AddFastAlerts(const SloContext& context, RuleGroup& group);
void AddLongAlerts(const SloContext& context, RuleGroup& group);

}  // namespace fleet::rulegen
