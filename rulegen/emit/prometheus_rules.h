// Rule groups as Prometheus reads them: one file for each RuleFile, one YAML document each, since
// Prometheus reads only the first of a file.
#pragma once

#include <vector>

#include "rulegen/emit/outputs.h"

namespace fleet::rulegen {

void RenderPrometheusRules(const Policy& policy, const Plan& plan, const Provenance& provenance,
                           std::vector<Output>& outputs);

}  // namespace fleet::rulegen
