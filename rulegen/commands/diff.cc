#include <ostream>

#include "rulegen/commands/commands.h"
#include "rulegen/commands/compile.h"
#include "rulegen/emit/changes_text.h"
#include "rulegen/proof/policy_diff.h"

namespace fleet::rulegen {

ExitCode RunDiff(const Options& options, std::ostream& out, std::ostream& err) {
  ExitCode exit = kSuccess;
  const std::optional<Policy> before = ReadCheckedPolicy(options.old_policy, options, err, exit);
  if (!before) return exit;
  const std::optional<Policy> after = ReadCheckedPolicy(options.new_policy, options, err, exit);
  if (!after) return exit;
  out << RenderChanges(DescribePolicyChanges(*before, *after), options.format);
  return kSuccess;
}

}  // namespace fleet::rulegen
