// From a policy's path to its outputs: what build and check share.
#pragma once

#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "rulegen/commands/commands.h"
#include "rulegen/emit/outputs.h"
#include "rulegen/policy/notifications.h"

namespace fleet::rulegen {

struct Compiled {
  ExitCode exit = kSuccess;  // unless it is kSuccess, the reason was printed and nothing follows
  std::vector<Output> outputs;
  std::vector<Change> changes;
};

struct Checked {
  Policy policy;
  std::optional<Notifications> notifications;
};

// The policy of a file and who is told, checked; nothing after errors, which were printed. `exit` is set
// then.
std::optional<Checked> ReadChecked(const std::string& path, const Options& options, std::ostream& err,
                                   ExitCode& exit);
// The policy alone.
std::optional<Policy> ReadCheckedPolicy(const std::string& path, const Options& options, std::ostream& err,
                                        ExitCode& exit);

// Reads the policy and the output folder; writes nothing. Warnings and errors go to `err`.
Compiled Compile(const Options& options, std::ostream& err);

}  // namespace fleet::rulegen
