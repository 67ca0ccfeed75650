// All proofs of a policy: its SLOs, each distinct one once, and its threshold alerts.
#pragma once

#include <string>
#include <vector>

#include "rulegen/proof/burn_cases.h"
#include "rulegen/proof/slice.h"

namespace fleet::rulegen {

struct ProofPlan {
  std::vector<ProofFile> files;
  std::size_t repeated = 0;  // proofs that are those of another SLO word for word, but for its name
  // What has no generated proof, one line each.
  std::vector<std::string> unproven;
  std::size_t alerts = 0;            // of SLOs, with a proof, as rules, repeated ones included
  std::size_t threshold_alerts = 0;  // with a proof
};

// `groups` are the emitted ones of all files.
ProofPlan PlanProofs(const Policy& policy, const std::vector<RuleGroup>& groups,
                     const BurnProofOptions& options);

// The rules of a proof as a file for Prometheus.
std::string RenderProofRules(const ProofFile& proof);

}  // namespace fleet::rulegen
