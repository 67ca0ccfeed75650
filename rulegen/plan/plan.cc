#include "rulegen/plan/plan.h"

#include <algorithm>

#include "rulegen/plan/dashboards.h"
#include "rulegen/plan/legacy_rules.h"
#include "rulegen/plan/slo_rules.h"
#include "rulegen/plan/threshold_rules.h"
#include "rulegen/policy/timing.h"

namespace fleet::rulegen {
namespace {

// The file of a group, made at its first alert.
RuleFile& FileFor(const std::string& name, const Policy& policy, std::vector<RuleFile>& files) {
  const auto found =
      std::find_if(files.begin(), files.end(), [&](const RuleFile& file) { return file.name == name; });
  if (found != files.end()) return *found;
  const Duration interval = TimingFor(*policy.scrape_interval).step;
  return files.emplace_back(RuleFile{name, {{*policy.service + ":" + name, interval, {}}}});
}

}  // namespace

Plan MakePlan(const Policy& policy) {
  Plan plan;
  if (!policy.slos.empty()) {
    RuleFile& file = plan.rule_files.emplace_back(RuleFile{"slo", {}});
    for (const Slo& slo : policy.slos) {
      for (RuleGroup& group : PlanSlo(policy, slo)) file.groups.push_back(std::move(group));
    }
  }
  for (const ThresholdAlert& alert : policy.alerts) {
    RuleFile& file = FileFor(*alert.group, policy, plan.rule_files);
    file.groups.front().rules.push_back(PlanThresholdAlert(policy, alert));
  }
  if (policy.legacy_names) plan.rule_files.push_back({"legacy", {PlanLegacyRules(policy)}});
  plan.dashboards = PlanDashboards(policy);
  return plan;
}

}  // namespace fleet::rulegen
