// The parts of the reader, one file each. For reader.cc only.
#pragma once

#include <vector>

#include "lib/yaml/reader.h"
#include "rulegen/policy/policy.h"

namespace fleet::rulegen {

// The tiers of the Google SRE workbook: two that page, two that open tickets.
std::vector<BurnTier> DefaultTiers();
std::vector<BurnTier> ReadTiers(const yaml::Node& node, Diagnostics& diagnostics);

// `tiers` are the policy's, of which an SLO may choose some.
Slo ReadSlo(const yaml::Node& node, const std::vector<BurnTier>& tiers, Diagnostics& diagnostics);
ThresholdAlert ReadThresholdAlert(const yaml::Node& node, Diagnostics& diagnostics);
Notifications ReadNotifications(const yaml::Node& node, Diagnostics& diagnostics);
Dashboard ReadDashboard(const yaml::Node& node, Diagnostics& diagnostics);

}  // namespace fleet::rulegen
