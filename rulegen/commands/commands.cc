#include "rulegen/commands/commands.h"

namespace fleet::rulegen {
namespace {

constexpr Command kCommands[] = {
    {"build", "Write rules, alerts and dashboards from the policy",
     "rulegen build --policy slo/policies.yaml --output-dir .", RunBuild},
    {"check", "Check the policy, and that what was generated from it is up to date",
     "rulegen check --policy slo/policies.yaml", RunCheck},
    {"test", "Prove with promtool when each alert fires and ends",
     "rulegen test --policy slo/policies.yaml --output-dir .", RunTest},
    {"simulate", "Say when each alert fires and how long the budget lasts",
     "rulegen simulate --incident 30m@2%,10m@100% --format markdown", RunSimulate},
    {"diff", "Say in words what changes between two policies",
     "rulegen diff <(git show HEAD:slo/policies.yaml) slo/policies.yaml", RunDiff},
    {"promql", "Check a PromQL expression, and print it in its canonical form",
     "rulegen promql --tree 'sum by (job) (rate(requests_total[5m]))'", RunPromql},
};

}  // namespace

std::span<const Command> Commands() { return kCommands; }

}  // namespace fleet::rulegen
