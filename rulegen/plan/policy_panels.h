// The panels that a policy names in its `dashboards:` section.
//
// A panel says what it shows and, where it wants, how; unit, query, legend, lines and description follow
// from the catalog and the policy, so that a panel and an alert cannot disagree.
#pragma once

#include "rulegen/emit/grafana/model.h"
#include "rulegen/plan/slo_view.h"
#include "rulegen/policy/vocabulary.h"

namespace fleet::rulegen {

// Adds a section for each row. Panels without a width share their line: two of them, four where they
// are small (stat, gauge, bargauge, piechart). REQUIRES: a policy without errors.
void AddPolicyRows(const SloView& view, const Vocabulary& vocabulary, const Dashboard& rows,
                   grafana::Dashboard& dashboard);

}  // namespace fleet::rulegen
