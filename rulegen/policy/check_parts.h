// The checks by what they look at, one file each. For checks.cc only, which says which id is whose.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "rulegen/policy/checks.h"

namespace fleet::rulegen {

// Reports the second of two equal names; `what` they are: "tier".
class Uniqueness {
 public:
  Uniqueness(Diagnostics& diagnostics, std::string what)
      : diagnostics_(diagnostics), what_(std::move(what)) {}

  void Add(const Text& name);

 private:
  Diagnostics& diagnostics_;
  std::string what_;
  std::map<std::string, Span> seen_;
};

// check_names.cc
void CheckNames(const CheckContext& context);
void CheckDuplicateNames(const CheckContext& context);
void CheckAlertNames(const CheckContext& context);
void CheckDuplicateAlerts(const CheckContext& context);
void CheckLabelNames(const CheckContext& context);
void CheckReservedLabels(const CheckContext& context);
void CheckUrls(const CheckContext& context);
void CheckReferences(const CheckContext& context);

// check_windows.cc
void CheckScrapeInterval(const CheckContext& context);
void CheckObjectiveFloor(const CheckContext& context);
void CheckPeriods(const CheckContext& context);
void CheckUnreachableTiers(const CheckContext& context);
void CheckTierWindows(const CheckContext& context);
void CheckTierOrder(const CheckContext& context);
void CheckSustainableTiers(const CheckContext& context);
void CheckWindowScrapes(const CheckContext& context);
void CheckWindowSteps(const CheckContext& context);
void CheckHolds(const CheckContext& context);

// check_slo.cc
void CheckSubsets(const CheckContext& context);
void CheckNarrowing(const CheckContext& context);
void CheckMembers(const CheckContext& context);
void CheckTraffic(const CheckContext& context);
void CheckRetention(const CheckContext& context);
void CheckTargetVersion(const CheckContext& context);
void CheckMaintenance(const CheckContext& context);

// Not so where a part was not read, or is no whole minute, which CheckWindowSteps reports.
bool WasRead(const BurnTier& tier);
// Those of the policy, and those that SLOs have of their own.
std::vector<const BurnTier*> AllTiers(const Policy& policy);

// check_thresholds.cc
void CheckThresholdUnits(const CheckContext& context);
void CheckThresholdSigns(const CheckContext& context);
void CheckQuantileAlerts(const CheckContext& context);

// check_templates.cc
void CheckTemplates(const CheckContext& context);
void CheckTemplateLabels(const CheckContext& context);

// check_panels.cc
void CheckPanelWords(const CheckContext& context);
void CheckPanelUnits(const CheckContext& context);
void CheckPanelSizes(const CheckContext& context);
void CheckPanelContents(const CheckContext& context);
void CheckFilters(const CheckContext& context);

}  // namespace fleet::rulegen
