// Writes proofs to a folder and has promtool judge them.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/result.h"
#include "rulegen/proof/slice.h"

namespace fleet::rulegen {

// `given`, or else PROMTOOL of the environment, or promtool on the PATH. Nothing where there is none.
std::optional<std::string> FindProgram(const std::string& given, const char* variable,
                                       const std::string& name);

// Prometheus 2's ranges are closed at both ends, those of 3 are not.
Result<bool> HasClosedRanges(const std::string& promtool);

Result<void> WriteProofs(const std::string& folder, const std::vector<ProofFile>& proofs);

struct Verdict {
  std::size_t failed = 0;
  std::string output;  // what promtool said about those that failed, by name
};

// Told how many proofs are done; from one thread at a time.
using ProofProgress = std::function<void(std::size_t)>;

// Runs as many promtools at once as there are processors. Their words stay in `folder`.
Result<Verdict> RunProofs(const std::string& promtool, const std::string& folder,
                          const std::vector<ProofFile>& proofs, const ProofProgress& progress);

}  // namespace fleet::rulegen
