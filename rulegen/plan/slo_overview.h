// The sections of the list of SLOs: how they stand, alerts, latency.
#pragma once

#include "rulegen/emit/grafana/model.h"
#include "rulegen/plan/slo_view.h"

namespace fleet::rulegen {

// Four numbers, and a table with a row for each SLO that leads to its detail.
void AddSloSummary(const SloView& view, grafana::Dashboard& dashboard);

// What fired when, by SLO.
void AddAlertTimelines(const SloView& view, grafana::Dashboard& dashboard);

// Share of fast events beside the targets, and quantiles beside the bounds; nothing without an SLO
// about latency.
void AddSloLatency(const SloView& view, grafana::Dashboard& dashboard);

}  // namespace fleet::rulegen
