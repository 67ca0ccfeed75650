// Agents by tier, what they execute, the messages between them.
#include "exporter/fleet/parts.h"

namespace fleet {

using enum Field;

void AgentStarted(Parts& parts, const Event& event, UnixMillis at) {
  const auto tier = parts.series.Value<"tier">(event.Text(kTier));
  parts.series.Count<"agents_started_total">(event.count, tier);
  ObserveDuration<"agent_startup_duration_seconds">(parts, event, at, tier);
}

void AgentStopped(Parts& parts, const Event& event, UnixMillis) {
  parts.series.Count<"agents_stopped_total">(event.count, event.Text(kTier), event.TextOr(kReason, "other"));
}

void AgentResponded(Parts& parts, const Event& event, UnixMillis at) {
  ObserveDuration<"agent_response_duration_seconds">(parts, event, at, event.Text(kTier));
}

void AgentExecuted(Parts& parts, const Event& event, UnixMillis at) {
  const auto agent_type = parts.series.Value<"agent_type">(event.Text(kAgentType));
  parts.series.Count<"agent_executions_total">(event.count, agent_type, event.Text(kOutcome));
  ObserveDuration<"agent_execution_duration_seconds">(parts, event, at, agent_type);
}

void AgentMessage(Parts& parts, const Event& event, UnixMillis) {
  parts.series.Count<"agent_messages_total">(event.count, event.Text(kChannel));
}

void AgentMessageDropped(Parts& parts, const Event& event, UnixMillis) {
  parts.series.Count<"agent_messages_dropped_total">(event.count, event.Text(kChannel),
                                                     event.TextOr(kReason, "other"));
}

void AgentPool(Parts& parts, const Event& event, UnixMillis at) {
  Series& series = parts.series;
  const auto tier = series.Value<"tier">(event.Text(kTier));
  if (const auto n = event.Number(kActive)) series.SetState<"agents_active">(at, *n, tier);
  if (const auto n = event.Number(kCapacity)) series.SetState<"agents_capacity">(at, *n, tier);
  if (const auto n = event.Number(kMemoryBytes)) series.SetState<"agents_memory_bytes">(at, *n, tier);
  Totals* const totals = NewerTotals(parts, event, at, event.Text(kTier));
  if (totals == nullptr) return;
  if (const auto n = event.Number(kCpuSeconds)) {
    series.Count<"agents_cpu_seconds_total">(totals->cpu.Advance(*n), tier);
  }
  if (const auto n = event.Number(kNetworkTransmitBytes)) {
    series.Count<"agents_network_transmit_bytes_total">(totals->sent.Advance(*n), tier);
  }
  if (const auto n = event.Number(kNetworkReceiveBytes)) {
    series.Count<"agents_network_receive_bytes_total">(totals->received.Advance(*n), tier);
  }
}

}  // namespace fleet
