// Alertmanager's configuration: receivers, routes by team and severity, what silences what.
#pragma once

#include <vector>

#include "rulegen/emit/outputs.h"

namespace fleet::rulegen {

// alerts/alertmanager/alertmanager.yaml, where the policy has notifications. In a folder of its own, since
// Prometheus is told to load alerts/*.yaml.
void RenderAlertmanager(const Policy& policy, const Plan& plan, const Provenance& provenance,
                        std::vector<Output>& outputs);

}  // namespace fleet::rulegen
