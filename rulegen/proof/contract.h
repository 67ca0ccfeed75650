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
  // What cannot be judged yet, with the reason: families that are declared or that an exporter of this
  // version has, and no series so far; values that the catalog knows, and bad events that nobody has counted.
  std::vector<std::string> unknown;
};

// An exporter tells its build in fleet_exporter_build_info. One of `build`, rulegen's own, has the same
// catalog: a family that it does not show has no series yet, while an exporter of another build may not know
// it.
struct Build {
  std::string version;
  std::string revision;
};

ContractReport CheckContract(const Policy& policy, const std::vector<Output>& outputs,
                             const Exposition& exposed, const Build& build);

}  // namespace fleet::rulegen
