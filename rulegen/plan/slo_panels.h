// The panels about SLOs, each for the SLOs that `slos` selects: matchers in braces (SloView).
#pragma once

#include <string>
#include <vector>

#include "rulegen/emit/grafana/model.h"
#include "rulegen/plan/slo_view.h"

namespace fleet::rulegen {

// Enough for a legend of some rows, in units of the grid.
inline constexpr int kSloGraphHeight = 9;

grafana::Panel BudgetPanel(const SloView& view, const std::string& slos);
// The windows of the alerts that look back less than a day, or of the others, and their factors as
// lines. REQUIRES: there are such alerts.
grafana::Panel BurnPanel(const SloView& view, const std::string& slos, bool fast);
// `windows` are those of the SLOs' alerts: no other is recorded.
grafana::Panel ErrorRatioPanel(const SloView& view, const std::string& slos,
                               const std::vector<Duration>& windows);
grafana::Panel EventsPanel(const SloView& view, const std::string& slos);
// Seconds until the budget is empty at the pace of the last hour, by these labels; no series while none
// fails.
std::string TimeToEmpty(const std::string& slos, const std::vector<std::string>& by);
grafana::Panel TimeToEmptyPanel(const SloView& view, const std::string& slos);
// A row for each SLO of the service: quiet, pending, warning, critical.
grafana::Panel AlertsPanel(const SloView& view);
// The same of these SLOs, and a row for each alert of theirs that was pending or fired.
grafana::Panel AlertsOfPanel(const std::string& slos);
// The share of good events of these SLOs, all about latency, and a line for each distinct target.
grafana::Panel FastSharePanel(const SloView& view, const std::vector<const Slo*>& slos);
// Quantiles of the histogram that these SLOs have in common, and a line at each of their bounds.
grafana::Panel QuantilesPanel(const SloView& view, const std::vector<const Slo*>& slos);

}  // namespace fleet::rulegen
