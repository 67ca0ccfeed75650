// Some of the rules of one SLO, cut out so that a test feeds them what the others record.
//
// Rules see each other only through the names of records. So a chain of rules is proven link by link: the
// base pair on raw series, then windows and alerts on a base pair written down, then the period's figures.
// Each link is cheap; the whole chain over three days and 100 SLOs would not be.
#pragma once

#include <functional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "rulegen/plan/plan.h"
#include "rulegen/policy/policy.h"
#include "rulegen/proof/promtool_file.h"

namespace fleet::rulegen {

// One file of rules and one of tests, which names it. `about` is what failures are reported under.
struct ProofFile {
  std::string name;  // without endings
  std::string about;
  std::vector<RuleGroup> groups;
  PromtoolFile tests;
};

// The groups of one SLO as they were emitted, in the order of evaluation.
struct SloRules {
  const Policy& policy;
  const Slo& slo;
  std::vector<RuleGroup> groups;

  std::string id() const { return SloId(policy, slo); }
};

using RulePredicate = std::function<bool(const Rule&)>;

// The rules that `is_wanted`, and those whose records they read, directly or not; never those of `inputs`.
// Groups without any are left out.
std::vector<RuleGroup> Cut(std::span<const RuleGroup> groups, const RulePredicate& is_wanted,
                           const std::set<std::string>& inputs);

// slo_tier, or "" for rules without.
std::string TierOf(const Rule& rule);

// The test's file with names of groups filled in.
ProofFile MakeProof(std::string name, std::string about, std::vector<RuleGroup> groups, Duration interval);

// slo:sli_total:rate{slo_id="s/a",...}, with `extra` as "case=\"x\"".
std::string RecordSeries(const SloRules& rules, const std::string& record, const std::string& extra);

}  // namespace fleet::rulegen
