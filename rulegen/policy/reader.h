// YAML to Policy. Says what is wrong with the form; what is wrong with the meaning is for checks.h.
#pragma once

#include "lib/base/diagnostics.h"
#include "lib/base/source_text.h"
#include "rulegen/policy/policy.h"

namespace fleet::rulegen {

// Always a policy, so that the checks can add what they find. Where something could not be read stands a
// value that no check complains about; do not use the policy further while `diagnostics` has errors.
Policy ReadPolicy(const SourceText& source, Diagnostics& diagnostics);

}  // namespace fleet::rulegen
