// Alertmanager's configuration: receivers, routes by team and severity, what silences what.
#pragma once

#include "rulegen/emit/outputs.h"
#include "rulegen/policy/notifications.h"

namespace fleet::rulegen {

// A folder of its own, since Prometheus is told to load alerts/*.yaml.
inline constexpr char kAlertmanagerFolder[] = "alerts/alertmanager";

// alerts/alertmanager/alertmanager.yaml
Output RenderAlertmanager(const Policy& policy, const Notifications& notifications,
                          const Provenance& provenance);

}  // namespace fleet::rulegen
