#include <ostream>
#include <utility>

#include "rulegen/commands/commands.h"
#include "rulegen/commands/compile.h"
#include "rulegen/emit/changes_text.h"
#include "rulegen/emit/dashboard_diff.h"
#include "rulegen/proof/notification_diff.h"
#include "rulegen/proof/policy_diff.h"

namespace fleet::rulegen {

ExitCode RunDiff(const Options& options, std::ostream& out, std::ostream& err) {
  ExitCode exit = kSuccess;
  const std::optional<Checked> before = ReadChecked(options.old_policy, options, err, exit);
  if (!before) return exit;
  const std::optional<Checked> after = ReadChecked(options.new_policy, options, err, exit);
  if (!after) return exit;
  auto changes = DescribePolicyChanges(before->policy, after->policy);
  for (DescribedChange& change : DescribeNotificationChanges({before->policy, before->notifications},
                                                             {after->policy, after->notifications})) {
    changes.push_back(std::move(change));
  }
  const auto outputs = [](const Policy& policy) { return RenderAll(policy, MakePlan(policy), Provenance{}); };
  for (DescribedChange& change :
       DescribeDashboardChanges(CompareOutputs(outputs(before->policy), outputs(after->policy)))) {
    changes.push_back(std::move(change));
  }
  out << RenderChanges(changes, options.format);
  return kSuccess;
}

}  // namespace fleet::rulegen
