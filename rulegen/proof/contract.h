// The contract between what is asked for and what a target exposes: every metric, its type, and every
// label, value of a label and bucket bound that rules and dashboards name.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rulegen/emit/outputs.h"
#include "rulegen/proof/exposition.h"

namespace fleet::rulegen {

struct UsedMatcher {
  std::string label;
  std::string op;  // = != =~ !~
  std::string value;
};

// One selector of an exporter's metric in an expression.
struct UsedSeries {
  std::string metric;
  std::vector<UsedMatcher> matchers;
};

// Selectors of metrics that begin with `prefix` (fleet_) in a PromQL expression; it may hold Grafana's
// variables.
std::vector<UsedSeries> FindUses(std::string_view expr, std::string_view prefix);

struct ContractReport {
  std::size_t metrics = 0;  // asked for, and there
  std::vector<std::string> broken;
  // Families that are declared and have no series yet: what they are asked for cannot be judged.
  std::vector<std::string> unknown;
};

ContractReport CheckContract(const Policy& policy, const std::vector<Output>& outputs,
                             const Exposition& exposed);

}  // namespace fleet::rulegen
