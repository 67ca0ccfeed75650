// A policy's query -> the queries of a panel.
//
// Rates span $__rate_interval, so that a panel is right at every zoom; alerts on the same query span
// the window that the policy names. Everything else follows from the catalog: a counter is shown as a
// rate, a histogram as quantiles, a point in time as an age.
#pragma once

#include <string>
#include <vector>

#include "lib/catalog/catalog.h"
#include "rulegen/emit/grafana/model.h"
#include "rulegen/policy/policy.h"
#include "rulegen/policy/vocabulary.h"

namespace fleet::rulegen {

// One target; one for each quantile where the query names several. A histogram without quantiles
// becomes events per second. REQUIRES: metrics that the vocabulary knows.
std::vector<grafana::Target> PlanTargets(const Query& query, const Vocabulary& vocabulary);

// Buckets over time. REQUIRES: a histogram.
grafana::Target PlanHeatmapTarget(const Query& query);

// The Grafana unit of what PlanTargets shows.
std::string UnitOf(const Query& query, const Vocabulary& vocabulary);

// 0.95 -> "p95".
std::string QuantileName(Decimal quantile);

// "fleet_queue_oldest_message_timestamp_seconds" -> "Queue oldest message".
std::string HumanName(std::string_view metric, std::string_view metric_namespace);

}  // namespace fleet::rulegen
