// The labels of the catalog: every name with its bound and, where it has one, its closed set.
//
// One name means one thing: the same bound wherever it stands, with the exception of `version` and of
// the sets that differ by metric (state, outcome, reason, severity, operation).
#pragma once

#include <cstddef>
#include <string_view>

#include "lib/catalog/metric_def.h"

namespace fleet::catalog::table {

consteval LabelDef Open(std::string_view name, int bound) { return {name, {}, bound}; }

template <std::size_t N>
consteval LabelDef Closed(std::string_view name, const std::string_view (&values)[N]) {
  return {name, values, static_cast<int>(N)};
}

// Reasons share one bound: sets grow with what senders learn to tell apart.
inline constexpr int kReasonBound = 15;

template <std::size_t N>
consteval LabelDef Reason(const std::string_view (&values)[N]) {
  return {"reason", values, kReasonBound};
}

// Open labels take what senders say. Bounds are chosen for a medium fleet: some thousand series in all.

// Templates of routes, never raw paths.
inline constexpr LabelDef kEndpoint = Open("endpoint", 100);
// HTTP status, "none" when there was no answer.
inline constexpr LabelDef kCode = Open("code", 25);
inline constexpr LabelDef kAgentType = Open("agent_type", 30);
inline constexpr LabelDef kApi = Open("api", 15);
inline constexpr LabelDef kBroker = Open("broker", 5);
inline constexpr LabelDef kCache = Open("cache", 20);
inline constexpr LabelDef kCategory = Open("category", 30);
inline constexpr LabelDef kChannel = Open("channel", 10);
inline constexpr LabelDef kCollector = Open("collector", 12);
inline constexpr LabelDef kComponent = Open("component", 30);
inline constexpr LabelDef kDatabase = Open("database", 10);
inline constexpr LabelDef kEventType = Open("event_type", 50);
// Groups of metrics (catalog.h), and those declared in the configuration.
inline constexpr LabelDef kGroup = Open("group", 15);
inline constexpr LabelDef kHandler = Open("handler", 10);
// Types of pushed events, unknown ones included.
inline constexpr LabelDef kKind = Open("kind", 100);
inline constexpr LabelDef kLabel = Open("label", 30);
inline constexpr LabelDef kMessageType = Open("message_type", 50);
inline constexpr LabelDef kModel = Open("model", 20);
inline constexpr LabelDef kPool = Open("pool", 20);
inline constexpr LabelDef kQueue = Open("queue", 100);
inline constexpr LabelDef kSandboxType = Open("sandbox_type", 10);
inline constexpr LabelDef kSource = Open("source", 12);
inline constexpr LabelDef kStore = Open("store", 20);
inline constexpr LabelDef kSync = Open("sync", 10);
inline constexpr LabelDef kTable = Open("table", 8);
inline constexpr LabelDef kTarget = Open("target", 20);
inline constexpr LabelDef kTaskType = Open("task_type", 50);
inline constexpr LabelDef kTier = Open("tier", 10);
inline constexpr LabelDef kWorkerType = Open("worker_type", 6);

// Ids: the bound is the cap of the entity metrics that carry them.
inline constexpr LabelDef kRunnerId = Open("runner_id", 500);
inline constexpr LabelDef kSandboxId = Open("sandbox_id", 200);
inline constexpr LabelDef kUser = Open("user", 20);
inline constexpr LabelDef kWorkerId = Open("worker_id", 500);

// Texts of _info metrics. Of one entity there is one of each, so the cap of the ids bounds them.
inline constexpr LabelDef kHost = Open("host", 500);
inline constexpr LabelDef kOs = Open("os", 500);
inline constexpr LabelDef kEntityVersion = Open("version", 500);
// Long-lived exporters see many deployments.
inline constexpr LabelDef kComponentVersion = Open("version", 100);
inline constexpr LabelDef kBuildVersion = Open("version", 1);
inline constexpr LabelDef kRevision = Open("revision", 1);
inline constexpr LabelDef kBranch = Open("branch", 1);
inline constexpr LabelDef kCompiler = Open("compiler", 1);

// Prices differ by direction.
inline constexpr std::string_view kDirections[] = {"input", "output", "cache_read", "cache_write"};
inline constexpr LabelDef kDirection = Closed("direction", kDirections);

inline constexpr std::string_view kFormats[] = {"cloudevents", "cloudevents_batch", "ndjson", "other"};
inline constexpr LabelDef kFormat = Closed("format", kFormats);

inline constexpr std::string_view kLevels[] = {"debug", "info", "warn", "error"};
inline constexpr LabelDef kLevel = Closed("level", kLevels);

inline constexpr std::string_view kMethods[] = {"GET",   "HEAD",   "POST",    "PUT",
                                                "PATCH", "DELETE", "OPTIONS", "other"};
// Most routes know one or two methods: not from the start.
inline constexpr LabelDef kMethod = {"method", kMethods, 8, false};

inline constexpr std::string_view kOperations[] = {"read", "write", "ddl", "other"};
inline constexpr LabelDef kOperation = Closed("operation", kOperations);

// Object and key-value stores have no ddl.
inline constexpr std::string_view kStoreOperations[] = {"read", "write", "other"};
inline constexpr LabelDef kStoreOperation = {"operation", kStoreOperations, kOperation.bound};

// "none": the queue or task has no priority.
inline constexpr std::string_view kPriorities[] = {"critical", "high", "normal", "low", "none"};
inline constexpr LabelDef kPriority = Closed("priority", kPriorities);

inline constexpr std::string_view kProtocols[] = {"sse", "websocket", "other"};
inline constexpr LabelDef kProtocol = Closed("protocol", kProtocols);

inline constexpr std::string_view kResources[] = {"cpu", "memory", "io"};
inline constexpr LabelDef kResource = Closed("resource", kResources);

inline constexpr std::string_view kRetentions[] = {"daily", "weekly", "monthly"};
inline constexpr LabelDef kRetention = Closed("retention", kRetentions);

inline constexpr std::string_view kSeverities[] = {"critical", "warning", "info"};
inline constexpr LabelDef kSeverity = Closed("severity", kSeverities);

// What a consumer does with a failed message, not how bad it is.
inline constexpr std::string_view kErrorClasses[] = {"retryable", "fatal", "rate_limited"};
inline constexpr LabelDef kErrorClass = Closed("severity", kErrorClasses);

inline constexpr std::string_view kTransports[] = {"websocket", "eventbus", "webhook", "other"};
inline constexpr LabelDef kTransport = Closed("transport", kTransports);

// Outcomes are exclusive: of one thing that ended, one of them is counted.
inline constexpr std::string_view kRunOutcomes[] = {"completed", "failed", "cancelled", "timed_out"};
inline constexpr LabelDef kRunOutcome = Closed("outcome", kRunOutcomes);

inline constexpr std::string_view kDeliveryOutcomes[] = {"succeeded", "retried", "dead_lettered",
                                                         "discarded"};
inline constexpr LabelDef kDeliveryOutcome = Closed("outcome", kDeliveryOutcomes);

inline constexpr std::string_view kExecutionOutcomes[] = {"completed", "failed", "timed_out", "terminated"};
inline constexpr LabelDef kExecutionOutcome = Closed("outcome", kExecutionOutcomes);

inline constexpr std::string_view kProvisionOutcomes[] = {"ready", "failed", "timed_out"};
inline constexpr LabelDef kProvisionOutcome = Closed("outcome", kProvisionOutcomes);

// States are exclusive, so that their sum is the number of things.
inline constexpr std::string_view kRunStates[] = {"pending", "assigned", "running"};
inline constexpr LabelDef kRunState = Closed("state", kRunStates);

inline constexpr std::string_view kRunnerStates[] = {"idle", "busy", "draining", "offline"};
inline constexpr LabelDef kRunnerState = Closed("state", kRunnerStates);

inline constexpr std::string_view kSlotStates[] = {"free", "used"};
inline constexpr LabelDef kSlotState = Closed("state", kSlotStates);

inline constexpr std::string_view kHeartbeatStates[] = {"healthy", "stale", "down"};
inline constexpr LabelDef kHeartbeatState = Closed("state", kHeartbeatStates);

inline constexpr std::string_view kTimeoutStates[] = {"stale", "down"};
inline constexpr LabelDef kTimeoutState = Closed("state", kTimeoutStates);

inline constexpr std::string_view kProcessStates[] = {"running", "stopped", "crashed"};
inline constexpr LabelDef kProcessState = Closed("state", kProcessStates);

inline constexpr std::string_view kTaskStates[] = {"pending",   "assigned", "running",
                                                   "completed", "failed",   "cancelled"};
inline constexpr LabelDef kTaskState = Closed("state", kTaskStates);

inline constexpr std::string_view kOpenTaskStates[] = {"pending", "assigned", "running"};
inline constexpr LabelDef kOpenTaskState = Closed("state", kOpenTaskStates);

inline constexpr std::string_view kStuckStates[] = {"assigned", "running"};
inline constexpr LabelDef kStuckState = Closed("state", kStuckStates);

inline constexpr std::string_view kSandboxStates[] = {"provisioning", "running", "stopped", "terminating"};
inline constexpr LabelDef kSandboxState = Closed("state", kSandboxStates);

inline constexpr std::string_view kConnectionStates[] = {"idle", "active", "waiting"};
inline constexpr LabelDef kConnectionState = Closed("state", kConnectionStates);

// Why something asked of another machine over HTTP failed.
inline constexpr std::string_view kRequestReasons[] = {"timeout",   "http_502",   "http_5xx", "rate_limited",
                                                       "refused",   "validation", "auth",     "conflict",
                                                       "too_large", "other"};
inline constexpr LabelDef kRequestReason = Reason(kRequestReasons);

// The same where no HTTP is spoken.
inline constexpr std::string_view kFailureReasons[] = {"timeout", "rate_limited", "refused",   "validation",
                                                       "auth",    "conflict",     "too_large", "other"};
inline constexpr LabelDef kFailureReason = Reason(kFailureReasons);

// Why the exporter did not apply an event it was sent.
inline constexpr std::string_view kRejectReasons[] = {"malformed",     "unknown_type",   "missing_field",
                                                      "invalid_value", "unknown_metric", "too_large",
                                                      "too_many",      "forbidden",      "other"};
inline constexpr LabelDef kRejectReason = Reason(kRejectReasons);

inline constexpr std::string_view kStopReasons[] = {"completed", "failed", "idle",
                                                    "timed_out", "forced", "other"};
inline constexpr LabelDef kStopReason = Reason(kStopReasons);

inline constexpr std::string_view kTerminationReasons[] = {"completed", "failed", "idle", "timed_out",
                                                           "orphaned",  "forced", "other"};
inline constexpr LabelDef kTerminationReason = Reason(kTerminationReasons);

inline constexpr std::string_view kApiReasons[] = {"timeout",      "rate_limited", "client_error",
                                                   "server_error", "network",      "other"};
inline constexpr LabelDef kApiReason = Reason(kApiReasons);

}  // namespace fleet::catalog::table
