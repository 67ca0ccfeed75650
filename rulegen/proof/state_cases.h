// Proof of the alerts that are about states: budget low and spent, SLI vanished, no traffic.
#pragma once

#include <vector>

#include "rulegen/proof/slice.h"

namespace fleet::rulegen {

std::vector<ProofFile> StateProofs(const SloRules& rules, const std::string& name);

}  // namespace fleet::rulegen
