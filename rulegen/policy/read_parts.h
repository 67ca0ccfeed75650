// The parts of the reader, one file each. For reader.cc only.
#pragma once

#include <vector>

#include "lib/yaml/reader.h"
#include "rulegen/policy/policy.h"

namespace fleet::rulegen {

// The tiers of the Google SRE workbook: two that page, two that open tickets.
std::vector<BurnTier> DefaultTiers();
// A list of tiers, or the name of a set.
std::vector<BurnTier> ReadTiers(const yaml::Node& node, Diagnostics& diagnostics);
// The key `burn_rates` of an SLO: those of the policy without it, the name of a set, or a list whose items
// name tiers of the policy, change some of their keys, or are tiers of the SLO's own.
std::vector<BurnTier> ReadTierChoice(yaml::MapReader& slo, const std::vector<BurnTier>& tiers);

inline constexpr yaml::EnumName<int> kWeekdays[] = {{"sunday", 0},    {"monday", 1},   {"tuesday", 2},
                                                    {"wednesday", 3}, {"thursday", 4}, {"friday", 5},
                                                    {"saturday", 6}};
// Since midnight: "02:30", up to "24:00".
std::optional<Duration> ParseTimeOfDay(std::string_view text);
Maintenance ReadMaintenance(const yaml::Node& node, Diagnostics& diagnostics);

// A share of the budget, of the period, of events: above nothing, below all of it.
std::optional<Decimal> ReadShare(const yaml::Node& node, std::string_view name, Diagnostics& diagnostics);

// `tiers` are the policy's, of which an SLO may choose some.
Slo ReadSlo(const yaml::Node& node, const std::vector<BurnTier>& tiers, Diagnostics& diagnostics);
ThresholdAlert ReadThresholdAlert(const yaml::Node& node, Diagnostics& diagnostics);
Dashboard ReadDashboard(const yaml::Node& node, Diagnostics& diagnostics);

}  // namespace fleet::rulegen
