// Grafana's variables in PromQL, which is no PromQL until Grafana has put something in their place.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace fleet::rulegen::grafana {

struct VariableUse {
  std::string_view name;
  std::size_t end = 0;  // behind it
};

// The one that begins at text[at] == '$': $x, ${x} or ${x:format}; nothing when none does.
std::optional<VariableUse> VariableAt(std::string_view text, std::size_t at);

// The same text with something of the same length in place of each variable, so that places stay: in brackets
// and behind `offset` an hour; in quotes the variable itself; as a label, a metric or a function its letters;
// else the number 1.
std::string WithoutVariables(std::string_view expr);

}  // namespace fleet::rulegen::grafana
