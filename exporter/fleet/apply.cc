#include "exporter/fleet/apply.h"

#include "exporter/fleet/event_types.h"

namespace fleet {
namespace {

using ApplyFunction = Refused (*)(Parts&, const Event&, UnixMillis);

struct Row {
  std::string_view type;
  ApplyFunction apply;
};

// For what cannot be refused.
template <void (*kApply)(Parts&, const Event&, UnixMillis)>
Refused Always(Parts& parts, const Event& event, UnixMillis at) {
  kApply(parts, event, at);
  return std::nullopt;
}

// For members of a part: Part<&Parts::runs, &Runs::Created>.
template <auto kPart, auto kApply>
Refused Part(Parts& parts, const Event& event, UnixMillis at) {
  if constexpr (requires { (parts.*kPart.*kApply)(event, at); }) {
    return (parts.*kPart.*kApply)(event, at);
  } else {
    return (parts.*kPart.*kApply)(event);
  }
}

// The same for members that take an outcome.
template <auto kPart, auto kApply, catalog::FixedString kOutcome>
Refused With(Parts& parts, const Event& event, UnixMillis at) {
  return (parts.*kPart.*kApply)(event, at, kOutcome.view());
}

constexpr auto kWorkers = &Parts::workers;
constexpr auto kRunners = &Parts::runners;
constexpr auto kRuns = &Parts::runs;
constexpr auto kTasks = &Parts::tasks;
constexpr auto kSandboxes = &Parts::sandboxes;

// In the order of the vocabulary.
constexpr Row kAppliers[] = {
    {"worker.heartbeat", Part<kWorkers, &Workers::Heartbeat>},
    {"worker.stopped", Part<kWorkers, &Workers::Stopped>},
    {"worker.crashed", Part<kWorkers, &Workers::Crashed>},
    {"worker.heartbeat_failed", Part<kWorkers, &Workers::HeartbeatFailed>},
    {"runner.heartbeat", Part<kRunners, &Runners::Heartbeat>},
    {"runner.offline", Part<kRunners, &Runners::Offline>},
    {"run.created", Part<kRuns, &Runs::Created>},
    {"run.assigned", Part<kRuns, &Runs::Assigned>},
    {"run.started", Part<kRuns, &Runs::Started>},
    {"run.completed", With<kRuns, &Runs::Ended, "completed">},
    {"run.failed", With<kRuns, &Runs::Ended, "failed">},
    {"run.cancelled", With<kRuns, &Runs::Ended, "cancelled">},
    {"run.timed_out", With<kRuns, &Runs::Ended, "timed_out">},
    {"run.executed", Always<RunExecuted>},
    {"task.created", Part<kTasks, &Tasks::Created>},
    {"task.assigned", Part<kTasks, &Tasks::Assigned>},
    {"task.assignment_failed", Part<kTasks, &Tasks::AssignmentFailed>},
    {"task.started", Part<kTasks, &Tasks::Started>},
    {"task.progressed", Part<kTasks, &Tasks::Progressed>},
    {"task.completed", With<kTasks, &Tasks::Ended, "completed">},
    {"task.failed", With<kTasks, &Tasks::Ended, "failed">},
    {"task.cancelled", With<kTasks, &Tasks::Ended, "cancelled">},
    {"task.timed_out", With<kTasks, &Tasks::Ended, "timed_out">},
    {"task.retried", Part<kTasks, &Tasks::Retried>},
    {"queue.state", Always<QueueState>},
    {"queue.removed", Always<QueueRemoved>},
    {"queue.enqueued", Always<QueueEnqueued>},
    {"queue.processed", Always<QueueProcessed>},
    {"queue.error", Always<QueueError>},
    {"queue.deduplicated", Always<QueueDeduplicated>},
    {"sync.progress", Always<SyncProgress>},
    {"agent.started", Always<AgentStarted>},
    {"agent.stopped", Always<AgentStopped>},
    {"agent.responded", Always<AgentResponded>},
    {"agent.executed", Always<AgentExecuted>},
    {"agent.message", Always<AgentMessage>},
    {"agent.message_dropped", Always<AgentMessageDropped>},
    {"agent.pool", Always<AgentPool>},
    {"sandbox.requested", Part<kSandboxes, &Sandboxes::Requested>},
    {"sandbox.ready", Part<kSandboxes, &Sandboxes::Ready>},
    {"sandbox.provision_failed", With<kSandboxes, &Sandboxes::ProvisionFailed, "failed">},
    {"sandbox.provision_timed_out", With<kSandboxes, &Sandboxes::ProvisionFailed, "timed_out">},
    {"sandbox.activity", Part<kSandboxes, &Sandboxes::Active>},
    {"sandbox.usage", Part<kSandboxes, &Sandboxes::Used>},
    {"sandbox.constrained", Part<kSandboxes, &Sandboxes::Constrained>},
    {"sandbox.executed", Always<SandboxExecuted>},
    {"sandbox.terminating", Part<kSandboxes, &Sandboxes::Terminating>},
    {"sandbox.stopped", Part<kSandboxes, &Sandboxes::Stopped>},
    {"sandbox.terminated", Part<kSandboxes, &Sandboxes::Terminated>},
    {"sandbox.pool", Always<SandboxPool>},
    {"sandbox.cleanup", Always<SandboxCleanup>},
    {"event.recorded", Always<EventRecorded>},
    {"event.reported", Always<EventReported>},
    {"event.delivered", Always<EventDelivered>},
    {"event.store", Always<EventStoreState>},
    {"error", Part<&Parts::errors, &Errors::Reported>},
    {"component.state", Always<ComponentState>},
    {"http.request", Always<HttpRequested>},
    {"db.query", Always<DbQuery>},
    {"db.state", Always<DbState>},
    {"broker.published", Always<BrokerPublished>},
    {"broker.state", Always<BrokerState>},
    {"api.call", Always<ApiCall>},
    {"api.state", Always<ApiState>},
    {"llm.tokens", Always<LlmTokens>},
    {"cache.lookup", Always<CacheLookup>},
    {"storage.operation", Always<StorageOperation>},
    {"backup.finished", Always<BackupFinished>},
    {"backup.verified", Always<BackupVerified>},
    {"backup.replicated", Always<BackupReplicated>},
    {"backup.inventory", Always<BackupInventory>},
    {"restore.finished", Always<RestoreFinished>},
    {"custom", Part<&Parts::custom, &CustomMetrics::Received>},
};

consteval bool EveryTypeHasItsRow() {
  return std::ranges::equal(kAppliers, kEventTypes, {}, &Row::type, &EventType::name);
}
static_assert(EveryTypeHasItsRow(), "kAppliers and kEventTypes have the same types in the same order");

}  // namespace

Refused ApplyEvent(Parts& parts, const Event& event, UnixMillis at) {
  return kAppliers[event.type - std::data(kEventTypes)].apply(parts, event, at);
}

}  // namespace fleet
