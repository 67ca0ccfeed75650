// Proof of the base pair: the exact events of each step from raw series, whatever happens to them.
#pragma once

#include <string>

#include "lib/base/result.h"
#include "rulegen/proof/slice.h"

namespace fleet::rulegen {

// Of kinds that count events: steady traffic, the step in which errors begin, no series of errors yet, idle,
// counters that are reset, a new target, scrapes that fail, and series that end; of the others what
// base_kinds.h says. With maintenance it is the pair before the windows are taken out. Fails with the reason
// where no raw series can be made up.
Result<ProofFile> BaseProof(const SloRules& rules, const std::string& name, bool closed_ranges);

}  // namespace fleet::rulegen
