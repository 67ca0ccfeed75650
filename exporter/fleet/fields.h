// Every field an event's data may have: its name in JSON and what its value must be.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string_view>

namespace fleet {

// Times are RFC 3339 or unix seconds, durations seconds, sizes bytes. No quantity is negative.
enum class FieldKind {
  kText,     // also a whole number where people write one (code: 502)
  kMessage,  // longer text, never a label
  kNumber,   // finite, up to 1e15
  kBool,
  kTime,
  kNumbersByKey,  // an object {"idle": 3, "active": 1}
  kTextsByKey,    // an object {"shop": "eu"}
  kNumbers,       // an array [0.1, 0.5]
};

// One value; the others are an object or an array.
constexpr bool IsScalar(FieldKind kind) {
  return kind != FieldKind::kNumbersByKey && kind != FieldKind::kTextsByKey && kind != FieldKind::kNumbers;
}

enum class Field : std::uint8_t {
  kActive,
  kActiveRuns,
  kActiveTasks,
  kAgentType,
  kApi,
  kAvailable,
  kBatch,
  kBounds,
  kBroker,
  kCache,
  kCapacity,
  kCategory,
  kChannel,
  kCircuitBreakerOpen,
  kCode,
  kComponent,
  kConnections,
  kConnectionsMax,
  kConsumers,
  kCount,
  kCounts,
  kCpuLimitCores,
  kCpuSeconds,
  kDatabase,
  kDeadLetter,
  kDelayed,
  kDepth,
  kDirection,
  kDiskBytes,
  kDurationSeconds,
  kEndpoint,
  kError,
  kEventType,
  kEventsBuffered,
  kHit,
  kHost,
  kInFlight,
  kIoReadBytes,
  kIoWrittenBytes,
  kLabels,
  kMemoryBytes,
  kMemoryLimitBytes,
  kMemoryWorkingSetBytes,
  kMessage,
  kMessageType,
  kMethod,
  kModel,
  kName,
  kNetworkReceiveBytes,
  kNetworkTransmitBytes,
  kOk,
  kOldestTime,
  kOomKills,
  kOperation,
  kOs,
  kOutcome,
  kPool,
  kPriority,
  kProcessState,
  kProcesses,
  kQueue,
  kRateLimitMax,
  kRateLimitRemaining,
  kRateLimitReset,
  kRatio,
  kReason,
  kRequestsInFlight,
  kRetention,
  kRows,
  kRunId,
  kRunnerId,
  kSandboxId,
  kSandboxType,
  kSeverity,
  kSizeBytes,
  kSlots,
  kSlotsUsed,
  kStartTime,
  kState,
  kStore,
  kStored,
  kStreamConnections,
  kSum,
  kSync,
  kTable,
  kTarget,
  kTaskId,
  kTaskType,
  kThrottledSeconds,
  kTier,
  kTraceId,
  kTransport,
  kUntil,
  kUp,
  kUser,
  kValue,
  kVersion,
  kWaitSeconds,
  kWaitingSeconds,
  kWeight,
  kWorkerId,
  kWorkerType,
};

struct FieldDef {
  Field field;
  std::string_view name;
  FieldKind kind;
};

inline constexpr FieldDef kFields[] = {
    {Field::kActive, "active", FieldKind::kNumber},
    {Field::kActiveRuns, "active_runs", FieldKind::kNumber},
    {Field::kActiveTasks, "active_tasks", FieldKind::kNumber},
    {Field::kAgentType, "agent_type", FieldKind::kText},
    {Field::kApi, "api", FieldKind::kText},
    {Field::kAvailable, "available", FieldKind::kNumber},
    {Field::kBatch, "batch", FieldKind::kNumber},
    {Field::kBounds, "bounds", FieldKind::kNumbers},
    {Field::kBroker, "broker", FieldKind::kText},
    {Field::kCache, "cache", FieldKind::kText},
    {Field::kCapacity, "capacity", FieldKind::kNumber},
    {Field::kCategory, "category", FieldKind::kText},
    {Field::kChannel, "channel", FieldKind::kText},
    {Field::kCircuitBreakerOpen, "circuit_breaker_open", FieldKind::kBool},
    {Field::kCode, "code", FieldKind::kText},
    {Field::kComponent, "component", FieldKind::kText},
    {Field::kConnections, "connections", FieldKind::kNumbersByKey},
    {Field::kConnectionsMax, "connections_max", FieldKind::kNumber},
    {Field::kConsumers, "consumers", FieldKind::kNumber},
    {Field::kCount, "count", FieldKind::kNumber},
    {Field::kCounts, "counts", FieldKind::kNumbers},
    {Field::kCpuLimitCores, "cpu_limit_cores", FieldKind::kNumber},
    {Field::kCpuSeconds, "cpu_seconds", FieldKind::kNumber},
    {Field::kDatabase, "database", FieldKind::kText},
    {Field::kDeadLetter, "dead_letter", FieldKind::kNumber},
    {Field::kDelayed, "delayed", FieldKind::kNumber},
    {Field::kDepth, "depth", FieldKind::kNumber},
    {Field::kDirection, "direction", FieldKind::kText},
    {Field::kDiskBytes, "disk_bytes", FieldKind::kNumber},
    {Field::kDurationSeconds, "duration_seconds", FieldKind::kNumber},
    {Field::kEndpoint, "endpoint", FieldKind::kText},
    {Field::kError, "error", FieldKind::kText},
    {Field::kEventType, "event_type", FieldKind::kText},
    {Field::kEventsBuffered, "events_buffered", FieldKind::kNumber},
    {Field::kHit, "hit", FieldKind::kBool},
    {Field::kHost, "host", FieldKind::kText},
    {Field::kInFlight, "in_flight", FieldKind::kNumber},
    {Field::kIoReadBytes, "io_read_bytes", FieldKind::kNumber},
    {Field::kIoWrittenBytes, "io_written_bytes", FieldKind::kNumber},
    {Field::kLabels, "labels", FieldKind::kTextsByKey},
    {Field::kMemoryBytes, "memory_bytes", FieldKind::kNumber},
    {Field::kMemoryLimitBytes, "memory_limit_bytes", FieldKind::kNumber},
    {Field::kMemoryWorkingSetBytes, "memory_working_set_bytes", FieldKind::kNumber},
    {Field::kMessage, "message", FieldKind::kMessage},
    {Field::kMessageType, "message_type", FieldKind::kText},
    {Field::kMethod, "method", FieldKind::kText},
    {Field::kModel, "model", FieldKind::kText},
    {Field::kName, "name", FieldKind::kText},
    {Field::kNetworkReceiveBytes, "network_receive_bytes", FieldKind::kNumber},
    {Field::kNetworkTransmitBytes, "network_transmit_bytes", FieldKind::kNumber},
    {Field::kOk, "ok", FieldKind::kBool},
    {Field::kOldestTime, "oldest_time", FieldKind::kTime},
    {Field::kOomKills, "oom_kills", FieldKind::kNumber},
    {Field::kOperation, "operation", FieldKind::kText},
    {Field::kOs, "os", FieldKind::kText},
    {Field::kOutcome, "outcome", FieldKind::kText},
    {Field::kPool, "pool", FieldKind::kText},
    {Field::kPriority, "priority", FieldKind::kText},
    {Field::kProcessState, "process_state", FieldKind::kText},
    {Field::kProcesses, "processes", FieldKind::kNumber},
    {Field::kQueue, "queue", FieldKind::kText},
    {Field::kRateLimitMax, "rate_limit_max", FieldKind::kNumber},
    {Field::kRateLimitRemaining, "rate_limit_remaining", FieldKind::kNumber},
    {Field::kRateLimitReset, "rate_limit_reset", FieldKind::kTime},
    {Field::kRatio, "ratio", FieldKind::kNumber},
    {Field::kReason, "reason", FieldKind::kText},
    {Field::kRequestsInFlight, "requests_in_flight", FieldKind::kNumber},
    {Field::kRetention, "retention", FieldKind::kText},
    {Field::kRows, "rows", FieldKind::kNumber},
    {Field::kRunId, "run_id", FieldKind::kText},
    {Field::kRunnerId, "runner_id", FieldKind::kText},
    {Field::kSandboxId, "sandbox_id", FieldKind::kText},
    {Field::kSandboxType, "sandbox_type", FieldKind::kText},
    {Field::kSeverity, "severity", FieldKind::kText},
    {Field::kSizeBytes, "size_bytes", FieldKind::kNumber},
    {Field::kSlots, "slots", FieldKind::kNumber},
    {Field::kSlotsUsed, "slots_used", FieldKind::kNumber},
    {Field::kStartTime, "start_time", FieldKind::kTime},
    {Field::kState, "state", FieldKind::kText},
    {Field::kStore, "store", FieldKind::kText},
    {Field::kStored, "stored", FieldKind::kNumber},
    {Field::kStreamConnections, "stream_connections", FieldKind::kNumbersByKey},
    {Field::kSum, "sum", FieldKind::kNumber},
    {Field::kSync, "sync", FieldKind::kText},
    {Field::kTable, "table", FieldKind::kText},
    {Field::kTarget, "target", FieldKind::kText},
    {Field::kTaskId, "task_id", FieldKind::kText},
    {Field::kTaskType, "task_type", FieldKind::kText},
    {Field::kThrottledSeconds, "throttled_seconds", FieldKind::kNumber},
    {Field::kTier, "tier", FieldKind::kText},
    {Field::kTraceId, "trace_id", FieldKind::kText},
    {Field::kTransport, "transport", FieldKind::kText},
    {Field::kUntil, "until", FieldKind::kTime},
    {Field::kUp, "up", FieldKind::kBool},
    {Field::kUser, "user", FieldKind::kText},
    {Field::kValue, "value", FieldKind::kNumber},
    {Field::kVersion, "version", FieldKind::kText},
    {Field::kWaitSeconds, "wait_seconds", FieldKind::kNumber},
    {Field::kWaitingSeconds, "waiting_seconds", FieldKind::kNumbersByKey},
    {Field::kWeight, "weight", FieldKind::kNumber},
    {Field::kWorkerId, "worker_id", FieldKind::kText},
    {Field::kWorkerType, "worker_type", FieldKind::kText},
};

inline constexpr std::size_t kFieldCount = std::size(kFields);

consteval bool FieldsAreInOrder() {
  for (std::size_t i = 0; i < kFieldCount; ++i) {
    if (kFields[i].field != static_cast<Field>(i)) return false;
  }
  return kFields[kFieldCount - 1].field == Field::kWorkerType;
}
static_assert(FieldsAreInOrder(), "kFields and Field list the same fields in the same order");

constexpr const FieldDef& Definition(Field field) { return kFields[static_cast<std::size_t>(field)]; }

// Null when no event has such a field.
const FieldDef* FindField(std::string_view name);

}  // namespace fleet
