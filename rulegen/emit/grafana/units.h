// The units Grafana knows. It shows an unknown one as text behind the number, without a word.
#pragma once

#include <string_view>

namespace fleet::rulegen::grafana {

bool IsKnownUnit(std::string_view unit);

}  // namespace fleet::rulegen::grafana
