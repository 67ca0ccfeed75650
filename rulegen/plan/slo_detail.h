// The page of one SLO, the one that the variable `slo` names.
#pragma once

#include "rulegen/emit/grafana/model.h"
#include "rulegen/plan/slo_view.h"

namespace fleet::rulegen {

// How it stands now; then over time its budget, burn rates beside the line of each tier, the time until the
// budget is empty, errors and events; at last its alerts.
void AddSloDetail(const SloView& view, grafana::Dashboard& dashboard);

}  // namespace fleet::rulegen
