// Which alerts belong to which page, so that an alert links to where its number is drawn, and a page
// knows its alerts and their runbooks.
#pragma once

#include <string>
#include <vector>

#include "rulegen/policy/policy.h"

namespace fleet::rulegen {

// Null where no entry of `alerts` is called so.
const ThresholdAlert* FindAlert(const Policy& policy, const std::string& name);

// The dashboard that the alert names, else the first that draws its bound, else the policy's first;
// empty where there is none.
std::string DashboardOf(const Policy& policy, const ThresholdAlert& alert);

// Those that link to the dashboard or are drawn there, in the order of the policy.
std::vector<const ThresholdAlert*> AlertsOf(const Policy& policy, const std::string& dashboard);

// The page of a runbook.
std::string RunbookUrl(const Policy& policy, const std::string& runbook);

}  // namespace fleet::rulegen
