// From a policy's path to its outputs: what build and check share.
#pragma once

#include <iosfwd>
#include <vector>

#include "rulegen/commands/commands.h"
#include "rulegen/emit/outputs.h"

namespace fleet::rulegen {

struct Compiled {
  ExitCode exit = kSuccess;  // unless it is kSuccess, the reason was printed and nothing follows
  std::vector<Output> outputs;
  std::vector<Change> changes;
};

// Reads the policy and the output folder; writes nothing. Warnings and errors go to `err`.
Compiled Compile(const Options& options, std::ostream& err);

}  // namespace fleet::rulegen
