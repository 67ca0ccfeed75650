// The words that a panel's `kind` may be and, for a panel about an SLO, its `show`.
#pragma once

#include <span>
#include <string_view>

namespace fleet::rulegen {

std::span<const std::string_view> PanelKinds();
std::span<const std::string_view> SloShows();

}  // namespace fleet::rulegen
