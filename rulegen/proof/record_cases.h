// Proof of the records: every window is as long as its name says and weighted by traffic, idle is 0 and not
// a gap, roll-ups lose no step, the period's figures are the right ones and unknown while too little is
// known.
#pragma once

#include <vector>

#include "rulegen/proof/slice.h"

namespace fleet::rulegen {

std::vector<ProofFile> RecordProofs(const SloRules& rules, const std::string& name, bool closed_ranges);

}  // namespace fleet::rulegen
