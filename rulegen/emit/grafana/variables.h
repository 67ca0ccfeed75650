// Grafana's variables in PromQL, which is no PromQL until Grafana has put something in their place.
#pragma once

#include <string>
#include <string_view>

namespace fleet::rulegen::grafana {

// The same with something of the same length in place of each variable, so that places stay: in brackets and
// behind `offset` an hour; in quotes the variable itself; as a label, a metric or a function its letters;
// else the number 1. The forms are $x, ${x} and ${x:format}.
std::string WithoutVariables(std::string_view expr);

}  // namespace fleet::rulegen::grafana
