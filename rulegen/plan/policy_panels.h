// The panels that a policy names in its `dashboards:` section.
//
// A panel says what it shows and, where it wants, how; unit, query, legend, lines and description follow
// from the catalog and the policy, so that a panel and an alert cannot disagree.
#pragma once

#include <span>
#include <string_view>

#include "rulegen/emit/grafana/model.h"
#include "rulegen/plan/slo_view.h"
#include "rulegen/policy/vocabulary.h"

namespace fleet::rulegen {

// The words that a panel's `kind` and, for a panel about SLOs, `show` may be.
std::span<const std::string_view> PanelKinds();
std::span<const std::string_view> SloShows();

// Adds a section for each row. Panels without a width share their line: two of them, four where they
// are small (stat, gauge). REQUIRES: a policy without errors.
void AddPolicyRows(const SloView& view, const Vocabulary& vocabulary, const Dashboard& rows,
                   grafana::Dashboard& dashboard);

}  // namespace fleet::rulegen
