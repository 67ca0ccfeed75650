// The vocabulary: every event type, once, with its fields. What each moves is in apply.cc and, for
// users, in docs/events.md.
#pragma once

#include <span>
#include <string_view>

#include "exporter/fleet/event.h"
#include "exporter/fleet/series.h"

namespace fleet {
namespace vocabulary {

using enum Field;
using Values = std::span<const std::string_view>;
using Buckets = catalog::BucketSet;

consteval FieldUse Req(Field field, Values values = {}) { return {field, true, values}; }
consteval FieldUse Opt(Field field, Values values = {}) { return {field, false, values}; }

inline constexpr Values kPriorities = ValuesOf<"queue_depth">("priority");
inline constexpr Values kProcessStates = ValuesOf<"workers_processes">("state");
inline constexpr Values kRunnerStates = ValuesOf<"runners">("state");
inline constexpr Values kRequestReasons = ValuesOf<"worker_heartbeat_failures_total">("reason");
inline constexpr Values kFailureReasons = ValuesOf<"task_assignment_failures_total">("reason");
inline constexpr Values kRunOutcomes = ValuesOf<"agent_executions_total">("outcome");
inline constexpr Values kOperations = ValuesOf<"db_queries_total">("operation");

inline constexpr EventType kEventTypes[] = {
    {"worker.heartbeat",
     {Req(kWorkerId), Req(kWorkerType), Opt(kProcessState, kProcessStates), Opt(kHost), Opt(kVersion),
      Opt(kStartTime), Opt(kActiveTasks), Opt(kMemoryBytes), Opt(kCpuSeconds), Opt(kEventsBuffered)}},
    {"worker.stopped", {Req(kWorkerId), Req(kWorkerType)}},
    {"worker.crashed", {Req(kWorkerId), Req(kWorkerType)}},
    {"worker.heartbeat_failed", {Req(kWorkerType), Req(kReason, kRequestReasons)}},

    {"runner.heartbeat",
     {Req(kRunnerId), Req(kPool), Opt(kState, kRunnerStates), Opt(kSlots), Opt(kSlotsUsed), Opt(kActiveRuns),
      Opt(kVersion), Opt(kOs)}},
    {"runner.offline", {Req(kRunnerId)}},
    {"run.created", {Req(kRunId)}},
    {"run.assigned", {Req(kRunId)}},
    {"run.started", {Req(kRunId)}},
    {"run.completed", {Req(kRunId), Opt(kDurationSeconds)}},
    {"run.failed", {Req(kRunId), Opt(kDurationSeconds)}},
    {"run.cancelled", {Req(kRunId), Opt(kDurationSeconds)}},
    {"run.timed_out", {Req(kRunId), Opt(kDurationSeconds)}},
    {"run.executed", {Req(kPool)}},

    {"task.created", {Req(kTaskId), Req(kTaskType), Opt(kPriority, kPriorities), Opt(kUser)}},
    {"task.assigned", {Req(kTaskId), Req(kWorkerType), Opt(kDurationSeconds), Opt(kTaskType)}},
    {"task.assignment_failed", {Req(kReason, kFailureReasons)}},
    {"task.started", {Req(kTaskId), Opt(kTaskType)}},
    {"task.progressed", {Req(kTaskId), Opt(kTaskType)}},
    {"task.completed", {Req(kTaskId), Opt(kDurationSeconds), Opt(kTaskType)}},
    {"task.failed", {Req(kTaskId), Opt(kDurationSeconds), Opt(kTaskType)}},
    {"task.cancelled", {Req(kTaskId), Opt(kDurationSeconds), Opt(kTaskType)}},
    {"task.timed_out", {Req(kTaskId), Opt(kDurationSeconds), Opt(kTaskType)}},
    {"task.retried", {Req(kTaskId), Req(kReason, ValuesOf<"task_retries_total">("reason")), Opt(kTaskType)}},

    {"queue.state",
     {Req(kQueue), Opt(kPriority, kPriorities), Opt(kMessageType), Opt(kDepth), Opt(kInFlight), Opt(kDelayed),
      Opt(kDeadLetter), Opt(kOldestTime), Opt(kConsumers), Opt(kCircuitBreakerOpen)}},
    {"queue.removed", {Req(kQueue)}},
    {"queue.enqueued", {Req(kQueue)}},
    {"queue.processed",
     {Req(kQueue), Req(kOutcome, ValuesOf<"queue_messages_processed_total">("outcome")),
      Opt(kDurationSeconds), Opt(kWaitSeconds), Opt(kBatch)},
     Buckets::kLatency},
    {"queue.error", {Req(kQueue), Req(kSeverity, ValuesOf<"queue_message_errors_total">("severity"))}},
    {"queue.deduplicated", {Req(kQueue)}},
    {"sync.progress", {Req(kSync), Req(kRatio)}},

    {"agent.started", {Req(kTier), Opt(kDurationSeconds)}, Buckets::kFast},
    {"agent.stopped", {Req(kTier), Opt(kReason, ValuesOf<"agents_stopped_total">("reason"))}},
    {"agent.responded", {Req(kTier), Req(kDurationSeconds)}, Buckets::kFast},
    {"agent.executed", {Req(kAgentType), Req(kOutcome, kRunOutcomes), Opt(kDurationSeconds)}, Buckets::kWork},
    {"agent.message", {Req(kChannel)}},
    {"agent.message_dropped", {Req(kChannel), Opt(kReason, kFailureReasons)}},
    {"agent.pool",
     {Req(kTier), Opt(kActive), Opt(kCapacity), Opt(kMemoryBytes), Opt(kCpuSeconds),
      Opt(kNetworkTransmitBytes), Opt(kNetworkReceiveBytes)}},

    {"sandbox.requested", {Req(kSandboxId), Req(kSandboxType), Opt(kAgentType), Opt(kTaskId)}},
    {"sandbox.ready", {Req(kSandboxId), Req(kSandboxType), Opt(kDurationSeconds)}},
    {"sandbox.provision_failed", {Req(kSandboxId), Req(kSandboxType), Opt(kDurationSeconds)}},
    {"sandbox.provision_timed_out", {Req(kSandboxId), Req(kSandboxType), Opt(kDurationSeconds)}},
    {"sandbox.activity", {Req(kSandboxId), Opt(kSandboxType)}},
    {"sandbox.usage",
     {Req(kSandboxId), Opt(kSandboxType), Opt(kMemoryBytes), Opt(kMemoryWorkingSetBytes), Opt(kCpuSeconds),
      Opt(kThrottledSeconds), Opt(kDiskBytes), Opt(kIoReadBytes), Opt(kIoWrittenBytes),
      Opt(kNetworkReceiveBytes), Opt(kNetworkTransmitBytes), Opt(kProcesses)}},
    {"sandbox.constrained",
     {Req(kSandboxId), Opt(kSandboxType), Opt(kCpuLimitCores), Opt(kMemoryLimitBytes), Opt(kOomKills),
      Opt(kWaitingSeconds, ValuesOf<"sandbox_pressure_waiting_seconds_total">("resource"))}},
    {"sandbox.executed",
     {Req(kSandboxType), Opt(kAgentType), Req(kOutcome, ValuesOf<"sandbox_executions_total">("outcome"))}},
    {"sandbox.terminating", {Req(kSandboxId), Opt(kSandboxType)}},
    {"sandbox.stopped",
     {Req(kSandboxId), Opt(kSandboxType), Opt(kReason, ValuesOf<"sandbox_terminations_total">("reason"))}},
    {"sandbox.terminated",
     {Req(kSandboxId), Opt(kSandboxType), Opt(kReason, ValuesOf<"sandbox_terminations_total">("reason"))}},
    {"sandbox.pool", {Req(kSandboxType), Req(kCapacity), Req(kAvailable)}},
    {"sandbox.cleanup", {Req(kOk)}},

    {"event.recorded", {Req(kEventType), Opt(kSizeBytes), Opt(kDurationSeconds)}, Buckets::kLatency},
    {"event.reported", {Req(kWorkerType), Req(kOk), Opt(kReason, kRequestReasons)}},
    {"event.delivered",
     {Req(kTransport, ValuesOf<"event_deliveries_total">("transport")), Req(kOk),
      Opt(kReason, kRequestReasons), Opt(kDurationSeconds)},
     Buckets::kLatency},
    {"event.store", {Req(kTable), Opt(kRows), Opt(kOldestTime)}},

    {"error",
     {Req(kComponent), Opt(kMessage), Opt(kCode), Opt(kSeverity, ValuesOf<"errors_total">("severity")),
      Opt(kCategory)}},
    {"component.state",
     {Req(kComponent), Opt(kUp), Opt(kVersion), Opt(kMemoryBytes), Opt(kCpuSeconds), Opt(kRequestsInFlight),
      Opt(kStreamConnections, ValuesOf<"stream_connections">("protocol"))}},
    {"http.request",
     {Req(kComponent), Req(kEndpoint), Req(kMethod, ValuesOf<"http_requests_total">("method")), Req(kCode),
      Opt(kDurationSeconds)},
     Buckets::kLatency},
    {"db.query",
     {Req(kDatabase), Req(kOperation, kOperations), Opt(kDurationSeconds), Opt(kError, kFailureReasons)},
     Buckets::kFast},
    {"db.state",
     {Req(kDatabase), Opt(kUp), Opt(kConnections, ValuesOf<"db_connections">("state")), Opt(kConnectionsMax),
      Opt(kSizeBytes)}},
    {"broker.published", {Req(kBroker), Req(kOk), Opt(kReason, kFailureReasons)}},
    {"broker.state", {Req(kBroker), Req(kUp)}},
    {"api.call",
     {Req(kApi), Opt(kCode), Opt(kDurationSeconds),
      Opt(kError, ValuesOf<"external_api_errors_total">("reason"))},
     Buckets::kLatency},
    {"api.state", {Req(kApi), Opt(kUp), Opt(kRateLimitRemaining), Opt(kRateLimitMax), Opt(kRateLimitReset)}},
    {"llm.tokens", {Req(kModel), Req(kDirection, ValuesOf<"llm_tokens_total">("direction"))}},
    {"cache.lookup", {Req(kCache), Req(kHit)}},
    {"storage.operation",
     {Req(kStore), Req(kOperation, ValuesOf<"storage_operations_total">("operation")), Opt(kOk)}},

    {"backup.finished", {Req(kTarget), Req(kOk), Opt(kDurationSeconds), Opt(kSizeBytes)}},
    {"backup.verified", {Req(kTarget), Req(kOk)}},
    {"backup.replicated", {Req(kTarget), Req(kUntil)}},
    {"backup.inventory",
     {Req(kTarget), Req(kRetention, ValuesOf<"backups_stored">("retention")), Req(kStored),
      Opt(kOldestTime)}},
    {"restore.finished", {Req(kTarget), Req(kOk), Opt(kDurationSeconds)}},

    {"custom", {Req(kName), Opt(kValue), Opt(kLabels)}},
};

}  // namespace vocabulary

using vocabulary::kEventTypes;

}  // namespace fleet
