// Rule groups as Prometheus reads them: one file for each RuleFile, one YAML document each, since
// Prometheus reads only the first of a file.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "rulegen/emit/outputs.h"

namespace fleet::rulegen {

// The text of a file without its header.
std::string RenderRuleGroups(std::span<const RuleGroup> groups);

void RenderPrometheusRules(const Policy& policy, const Plan& plan, const Provenance& provenance,
                           std::vector<Output>& outputs);

}  // namespace fleet::rulegen
