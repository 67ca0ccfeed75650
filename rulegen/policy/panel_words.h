// The words that a panel's `kind` may be and, for a panel about an SLO, its `show`; and where the values
// of a dashboard's filter come from.
#pragma once

#include <span>
#include <string_view>

#include "rulegen/policy/policy.h"
#include "rulegen/policy/vocabulary.h"

namespace fleet::rulegen {

std::span<const std::string_view> PanelKinds();
std::span<const std::string_view> SloShows();

// The first query of the dashboard whose metric has the label: the values of a filter are those of its
// series. Null where there is none.
const Query* FilterSource(const Dashboard& dashboard, std::string_view label, const Vocabulary& vocabulary);

}  // namespace fleet::rulegen
