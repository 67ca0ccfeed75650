// From a policy's path to its outputs: what build and check share.
#pragma once

#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "rulegen/commands/commands.h"
#include "rulegen/emit/outputs.h"

namespace fleet::rulegen {

struct Compiled {
  ExitCode exit = kSuccess;  // unless it is kSuccess, the reason was printed and nothing follows
  std::vector<Output> outputs;
  std::vector<Change> changes;
};

// The policy of a file, checked; nothing after errors, which were printed. `exit` is set then.
std::optional<Policy> ReadCheckedPolicy(const std::string& path, const Options& options, std::ostream& err,
                                        ExitCode& exit);

// Reads the policy and the output folder; writes nothing. Warnings and errors go to `err`.
Compiled Compile(const Options& options, std::ostream& err);

}  // namespace fleet::rulegen
