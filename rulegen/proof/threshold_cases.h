// Proof of the alerts on numbers that are compared with a fixed bound.
#pragma once

#include <vector>

#include "lib/base/result.h"
#include "rulegen/proof/slice.h"

namespace fleet::rulegen {

// On series made up from the alert's query: silent beside the bound, and on it where that can be written;
// firing just beyond it and far beyond it, at the predicted evaluation and at none before, ending at the
// predicted one; silent for another group, where there is nothing, over a divisor of zero, and while
// `only_if` does not hold. `groups` are the emitted ones. Fails with the reason where nobody knows series
// that drive the query.
Result<ProofFile> ThresholdProof(const Policy& policy, const ThresholdAlert& alert,
                                 const std::vector<RuleGroup>& groups, bool closed_ranges);

}  // namespace fleet::rulegen
