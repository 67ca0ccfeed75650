// What a change of a policy, or of its rules, means: in words, as somebody would ask in a review.
#pragma once

#include <string>
#include <vector>

#include "rulegen/plan/plan.h"
#include "rulegen/policy/policy.h"

namespace fleet::rulegen {

struct DescribedChange {
  std::string subject;  // an SLO's id, an alert, "rules"
  std::string text;     // "FastBurnRateHigh fires after 2m36s instead of 52s when all events fail"

  friend bool operator==(const DescribedChange&, const DescribedChange&) = default;
};

// SLOs, then alerts, then rules; empty when nothing changes.
std::vector<DescribedChange> DescribePolicyChanges(const Policy& before, const Policy& after);

// Alerts one by one, records by their number. Annotations count as nothing.
std::vector<DescribedChange> DescribeRuleChanges(const std::vector<RuleGroup>& before,
                                                 const std::vector<RuleGroup>& after);

}  // namespace fleet::rulegen
