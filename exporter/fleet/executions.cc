// What runners and sandboxes executed, the pool of sandboxes and its cleanup.
#include "exporter/fleet/parts.h"

namespace fleet {

using enum Field;

void RunExecuted(Parts& parts, const Event& event, UnixMillis) {
  parts.series.Count<"runs_executed_total">(event.count, event.Text(kPool));
}

void SandboxExecuted(Parts& parts, const Event& event, UnixMillis) {
  parts.series.Count<"sandbox_executions_total">(event.count, event.Text(kSandboxType),
                                                 event.TextOr(kAgentType, "unknown"), event.Text(kOutcome));
}

void SandboxPool(Parts& parts, const Event& event, UnixMillis at) {
  const auto type = parts.series.Value<"sandbox_type">(event.Text(kSandboxType));
  parts.series.SetState<"sandbox_pool_capacity">(at, *event.Number(kCapacity), type);
  parts.series.SetState<"sandbox_pool_available">(at, *event.Number(kAvailable), type);
}

void SandboxCleanup(Parts& parts, const Event& event, UnixMillis at) {
  parts.series.Count<"sandbox_cleanup_runs_total">(event.count);
  if (*event.Bool(kOk)) {
    parts.series.SetLasting<"sandbox_cleanup_last_success_timestamp_seconds">(at, at.Seconds());
  } else {
    parts.series.Count<"sandbox_cleanup_failures_total">(event.count);
  }
}

}  // namespace fleet
