// Proof of the base pair: the exact events of each step from raw series, whatever happens to them.
#pragma once

#include <optional>

#include "rulegen/proof/slice.h"

namespace fleet::rulegen {

// Steady traffic, the step in which errors begin, no series of errors yet, idle, counters that are reset,
// a new target, scrapes that fail, and series that end. Nothing where no raw series can be made up.
std::optional<ProofFile> BaseProof(const SloRules& rules, const std::string& name);

}  // namespace fleet::rulegen
