#include "rulegen/plan/panel_alerts.h"

#include <algorithm>
#include <string_view>

namespace fleet::rulegen {
namespace {

bool Draws(const Dashboard& dashboard, const std::string& alert) {
  return std::ranges::any_of(dashboard.rows, [&](const DashboardRow& row) {
    return std::ranges::any_of(row.panels, [&](const Panel& panel) {
      return std::ranges::any_of(panel.alerts, [&](const Text& name) { return *name == alert; });
    });
  });
}

}  // namespace

const ThresholdAlert* FindAlert(const Policy& policy, const std::string& name) {
  const auto found =
      std::ranges::find_if(policy.alerts, [&](const ThresholdAlert& a) { return *a.alert == name; });
  return found == policy.alerts.end() ? nullptr : &*found;
}

std::string DashboardOf(const Policy& policy, const ThresholdAlert& alert) {
  if (alert.dashboard) return **alert.dashboard;
  const auto drawn =
      std::ranges::find_if(policy.dashboards, [&](const Dashboard& d) { return Draws(d, *alert.alert); });
  if (drawn != policy.dashboards.end()) return *drawn->name;
  return policy.dashboards.empty() ? "" : *policy.dashboards.front().name;
}

std::vector<const ThresholdAlert*> AlertsOf(const Policy& policy, const std::string& dashboard) {
  std::vector<const ThresholdAlert*> alerts;
  for (const ThresholdAlert& alert : policy.alerts) {
    const bool drawn = std::ranges::any_of(policy.dashboards, [&](const Dashboard& d) {
      return *d.name == dashboard && Draws(d, *alert.alert);
    });
    if (drawn || DashboardOf(policy, alert) == dashboard) alerts.push_back(&alert);
  }
  return alerts;
}

std::string RunbookUrl(const Policy& policy, const std::string& runbook) {
  constexpr std::string_view kPlace = "{runbook}";
  std::string url = *policy.runbook_url;
  for (std::size_t at = url.find(kPlace); at != std::string::npos; at = url.find(kPlace, at)) {
    url.replace(at, kPlace.size(), runbook);
    at += runbook.size();
  }
  return url;
}

}  // namespace fleet::rulegen
