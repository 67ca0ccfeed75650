// What will be written, as values: rule groups and dashboards, in the order of the policy. Made of a policy
// without errors, by pure functions; emit/ turns it into bytes.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lib/base/duration.h"
#include "rulegen/emit/grafana/model.h"
#include "rulegen/policy/policy.h"

namespace fleet::rulegen {

using Labels = std::vector<std::pair<std::string, std::string>>;

// A recording rule or an alert; `is_alert` says which, `name` is its record or alert.
struct Rule {
  bool is_alert = false;
  std::string name;
  std::string expr;
  Duration hold{0};         // alerts: `for`
  Duration keep_firing{0};  // alerts: `keep_firing_for`
  Labels labels;
  Labels annotations;  // alerts
};

// Rules of a group are evaluated in order, and see what those before them recorded.
struct RuleGroup {
  std::string name;
  Duration interval{0};
  std::vector<Rule> rules;
};

// One file of groups: "slo", "backpressure".
struct RuleFile {
  std::string name;
  std::vector<RuleGroup> groups;
};

struct Plan {
  std::vector<RuleFile> rule_files;
  std::vector<grafana::Dashboard> dashboards;
};

// REQUIRES: the policy was read and checked without an error.
Plan MakePlan(const Policy& policy);

}  // namespace fleet::rulegen
