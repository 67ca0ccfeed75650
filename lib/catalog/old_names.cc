#include "lib/catalog/old_names.h"

#include <fmt/format.h>

#include "lib/catalog/catalog.h"

namespace fleet::catalog {
namespace {

using enum Origin;

constexpr std::string_view kRequests = "`http.request`";
constexpr std::string_view kAgentPool = "`agent.pool`";
constexpr std::string_view kSandboxUsage = "`sandbox.usage`, cgroup";
constexpr std::string_view kTaskEnds = "`task.completed`, `task.failed`, ...; postgres";

constexpr OldMetric kOldMetrics[] = {
    {kCoordinator, "runs_created_total", "runs_created_total", "", "", "`run.created`"},
    {kCoordinator, "runs_completed_total", "runs_finished_total", R"(outcome="completed")", "outcome",
     "`run.completed`"},
    {kCoordinator, "runs_failed_total", "runs_finished_total", R"(outcome="failed")", "outcome",
     "`run.failed`"},
    {kCoordinator, "runs_pending_count", "runs", R"(state="pending")", "state",
     "`run.created`, `run.started`, ..."},
    {kCoordinator, "runners_online_count", "runners", R"(state!="offline")", "pool, state",
     "`runner.heartbeat`, coordinator"},
    {kCoordinator, "sse_connections_count", "stream_connections", R"(protocol="sse")", "protocol",
     "`component.state`"},
    {kCoordinator, "request_latency_seconds", "http_request_duration_seconds", R"(component="coordinator")",
     "component", kRequests},
    {kCoordinator, "runs_executed_total", "runs_executed_total", "", "", "`run.executed`"},
    {kCoordinator, "run_duration_seconds", "run_duration_seconds", "", "", "`run.completed`, ..."},
    {kCoordinator, "heartbeat_failures_total", "worker_heartbeat_failures_total", R"(worker_type="runner")",
     "worker_type", "`worker.heartbeat_failed`"},

    {kAgents, "http_requests_total", "http_requests_total", "", "", kRequests, "status", "code"},
    {kAgents, "http_request_duration_seconds", "http_request_duration_seconds", "", "", kRequests},
    {kAgents, "agentaskit_tasks_processed_total", "tasks_processed_total", "", "", kTaskEnds},
    {kAgents, "agentaskit_task_duration_seconds", "task_duration_seconds", "", "", kTaskEnds},
    {kAgents, "agentaskit_task_queue_depth", "queue_depth", "", "queue", "`queue.state`, redis"},
    {kAgents, "agentaskit_active_agents", "agents_active", "", "", kAgentPool},
    {kAgents, "agentaskit_agents_started_total", "agents_started_total", "", "", "`agent.started`"},
    {kAgents, "agentaskit_agent_startup_duration_seconds", "agent_startup_duration_seconds", "", "",
     "`agent.started`"},
    {kAgents, "agentaskit_inter_agent_messages_total", "agent_messages_total", "", "", "`agent.message`"},
    {kAgents, "agentaskit_inter_agent_messages_dropped_total", "agent_messages_dropped_total", "", "",
     "`agent.message_dropped`"},
    {kAgents, "agentaskit_response_duration_seconds", "agent_response_duration_seconds", "", "",
     "`agent.responded`"},
    {kAgents, "agentaskit_memory_bytes", "agents_memory_bytes", "", "", kAgentPool},
    {kAgents, "agentaskit_sandbox_pool_total", "sandbox_pool_capacity", "", "", "`sandbox.pool`"},
    {kAgents, "agentaskit_sandbox_pool_available", "sandbox_pool_available", "", "", "`sandbox.pool`"},
    {kAgents, "agentaskit_sandbox_executions_total", "sandbox_executions_total", "", "agent_type, outcome",
     "`sandbox.executed`"},
    {kAgents, "agentaskit_network_bytes_sent", "agents_network_transmit_bytes_total", "", "", kAgentPool},
    {kAgents, "agentaskit_network_bytes_received", "agents_network_receive_bytes_total", "", "", kAgentPool},
};

constexpr OldTerm kOldTerms[] = {
    {kCoordinator, "coordinator down (health check)", R"(@source_up{source="coordinator"}, @component_up)",
     "coordinator, `component.state`"},
    {kCoordinator, "heartbeat of `GET /runners`", "@runner_last_heartbeat_timestamp_seconds, @runners",
     "coordinator, `runner.heartbeat`"},

    {kAgents, "node_cpu_seconds_total",
     "@agents_cpu_seconds_total, @component_cpu_seconds_total, @sandboxes_cpu_usage_seconds_total",
     "node_exporter for the machine; `agent.pool`, `component.state`, cgroup for the fleet"},
    {kAgents, "capacity of 928 agents", "@agents_capacity", kAgentPool},
    {kAgents, "agent churn", "@agents_started_total, @agents_stopped_total",
     "`agent.started`, `agent.stopped`"},

    {kSandboxes, "worker_heartbeats.last_heartbeat",
     "@worker_last_heartbeat_timestamp_seconds, @workers_oldest_heartbeat_timestamp_seconds",
     "`worker.heartbeat`, postgres"},
    {kSandboxes, "worker_heartbeats.status", "@workers", "`worker.heartbeat`, postgres"},
    {kSandboxes, "heartbeat frequency", "@worker_heartbeat_interval_seconds, @worker_heartbeats_total",
     "`worker.heartbeat`"},
    {kSandboxes, "worker process status", "@workers_processes",
     "`worker.heartbeat`, `worker.stopped`, `worker.crashed`"},
    {kSandboxes, "worker memory and CPU, last event",
     "@worker_memory_bytes, @worker_cpu_seconds_total, @worker_last_event_timestamp_seconds",
     "`worker.heartbeat`"},
    {kSandboxes, "task_assigned (monitoring_metrics)", "@tasks_assigned_total", "`task.assigned`"},
    {kSandboxes, "event_count (monitoring_metrics)", "@events_total", "`event.recorded`, postgres"},
    {kSandboxes, "sandbox_active (monitoring_metrics)", R"(@sandboxes{state="running"})",
     "`sandbox.ready`, ...; postgres"},
    {kSandboxes, "time to assign a task", "@task_assignment_duration_seconds", "`task.assigned`"},
    {kSandboxes, "failed task assignments", "@task_assignment_failures_total", "`task.assignment_failed`"},
    {kSandboxes, "queue depth (pending tasks)", R"(@tasks{state="pending"}, @queue_depth)",
     "`task.created`, postgres; `queue.state`, redis"},
    {kSandboxes, "connection pool status", "@db_connections, @db_connections_max", "`db.state`, postgres"},
    {kSandboxes, "query latency, failed queries", "@db_query_duration_seconds, @db_query_errors_total",
     "`db.query`"},
    {kSandboxes, "Redis connection status", "@broker_up", "`broker.state`, redis"},
    {kSandboxes, "failed message publishes", "@broker_publish_failures_total", "`broker.published`"},
    {kSandboxes, "active tasks of a worker", "@worker_active_tasks, @workers_active_tasks",
     "`worker.heartbeat`"},
    {kSandboxes, "task completion and failure rate", "@tasks_processed_total", kTaskEnds},
    {kSandboxes, "task duration by type", "@task_duration_seconds", kTaskEnds},
    {kSandboxes, "events sent, failed reports (502s, timeouts)",
     "@event_reports_total, @event_report_failures_total", "`event.reported`"},
    {kSandboxes, "buffered events", "@events_buffered", "`worker.heartbeat`"},
    {kSandboxes, "SDK connection status", "@external_api_up", "`api.state`"},
    {kSandboxes, "API call success rate", "@external_api_requests_total, @external_api_errors_total",
     "`api.call`"},
    {kSandboxes, "token usage", "@llm_tokens_total", "`llm.tokens`"},
    {kSandboxes, "rate limit status",
     "@external_api_rate_limit_remaining, @external_api_rate_limit_max, "
     "@external_api_rate_limit_reset_timestamp_seconds",
     "`api.state`"},
    {kSandboxes, "sandbox age",
     "@sandboxes_oldest_created_timestamp_seconds, "
     "@sandbox_created_timestamp_seconds",
     "`sandbox.requested`"},
    {kSandboxes, "last event of a sandbox", "@sandbox_last_event_timestamp_seconds", "`sandbox.activity`"},
    {kSandboxes, "zombie sandboxes", "@sandboxes_zombie", "`sandbox.activity`, ...; postgres"},
    {kSandboxes, "memory, CPU, disk of a sandbox",
     "@sandbox_memory_usage_bytes, @sandbox_cpu_usage_seconds_total, @sandbox_disk_usage_bytes",
     kSandboxUsage},
    {kSandboxes, "network I/O of a sandbox",
     "@sandbox_network_receive_bytes_total, @sandbox_network_transmit_bytes_total", "`sandbox.usage`"},
    {kSandboxes, "sandbox hours (cost)", "@sandboxes_runtime_seconds_total", "`sandbox.ready`, ..."},
    {kSandboxes, "cleanup results",
     "@sandbox_cleanup_runs_total, @sandbox_cleanup_failures_total, @sandbox_terminations_total",
     "`sandbox.cleanup`, `sandbox.terminated`"},
    {kSandboxes, "tasks by status", "@tasks", "`task.created`, ...; postgres"},
    {kSandboxes, "task age (time in current status)", "@tasks_oldest_state_change_timestamp_seconds",
     "`task.created`, ...; postgres"},
    {kSandboxes, "stuck tasks", "@tasks_stuck", "`task.progressed`, ...; postgres"},
    {kSandboxes, "retry counts", "@task_retries_total", "`task.retried`"},
    {kSandboxes, "wait time, by priority", "@task_wait_duration_seconds", "`task.started`"},
    {kSandboxes, "user distribution", "@tasks_active_users, @user_tasks", "`task.created`"},
    {kSandboxes, "events by type", "@events_total", "`event.recorded`, postgres"},
    {kSandboxes, "event size, processing latency", "@event_size_bytes, @event_processing_duration_seconds",
     "`event.recorded`"},
    {kSandboxes, "database write latency", R"(@db_query_duration_seconds{operation="write"})", "`db.query`"},
    {kSandboxes, "database storage growth, retention",
     "@db_size_bytes, @event_store_rows, @event_store_oldest_timestamp_seconds",
     "`db.state`, `event.store`, postgres"},
    {kSandboxes, "delivery success (WebSocket)", "@event_deliveries_total, @event_delivery_failures_total",
     "`event.delivered`"},
    {kSandboxes, "broadcast latency", "@event_delivery_duration_seconds", "`event.delivered`"},
    {kSandboxes, "error rate by type", "@errors_total", "`error`"},

    {kEdge, "messagesProcessed", "@queue_messages_processed_total", "`queue.processed`"},
    {kEdge, "messagesSucceeded", R"(@queue_messages_processed_total{outcome="succeeded"})",
     "`queue.processed`"},
    {kEdge, "messagesFailed", R"(@queue_messages_processed_total{outcome!="succeeded"})",
     "`queue.processed`"},
    {kEdge, "avgProcessingTimeMs", "@queue_processing_duration_seconds", "`queue.processed`"},
    {kEdge, "dlqCount, DLQ depth", "@queue_dead_letter_messages", "`queue.state`, redis"},
    {kEdge, "queue depth by queue", "@queue_depth", "`queue.state`, redis"},
    {kEdge, "queue depth by message type", "@queue_message_type_depth", "`queue.state`"},
    {kEdge, "retry rate", R"(@queue_messages_processed_total{outcome="retried"})", "`queue.processed`"},
    {kEdge, "message errors by class", "@queue_message_errors_total", "`queue.error`"},
    {kEdge, "duplicates dropped", "@queue_messages_deduplicated_total", "`queue.deduplicated`"},
    {kEdge, "circuit breaker, batches", "@queue_circuit_breaker_open, @queue_batch_messages",
     "`queue.state`, `queue.processed`"},
    {kEdge, "sync progress", "@sync_progress_ratio", "`sync.progress`"},
    {kEdge, "agent_execution_completed", "@agent_executions_total, @agent_execution_duration_seconds",
     "`agent.executed`"},
    {kEdge, "request duration, rate, status", "@http_request_duration_seconds, @http_requests_total",
     kRequests},
    {kEdge, "active request count", "@http_requests_in_flight", "`component.state`"},
    {kEdge, "uptime percentage", "avg_over_time(@component_up[30d])", "`component.state`"},
    {kEdge, "errors by worker and severity", "@errors_total", "`error`"},
    {kEdge, "cache hit rate", "@cache_hits_total, @cache_requests_total", "`cache.lookup`"},
    {kEdge, "query execution time, count, slow queries (D1)", "@db_query_duration_seconds, @db_queries_total",
     "`db.query`"},
    {kEdge, "database error rate", "@db_query_errors_total", "`db.query`"},
    {kEdge, "R2 and KV operation counts", "@storage_operations_total, @storage_operation_errors_total",
     "`storage.operation`"},
    {kEdge, "GitHub and Claude API latency", "@external_api_request_duration_seconds", "`api.call`"},
    {kEdge, "API timeout rate", R"(@external_api_errors_total{reason="timeout"})", "`api.call`"},
    {kEdge, "CPU time by worker", "@component_cpu_seconds_total, @worker_cpu_seconds_total",
     "`component.state`, `worker.heartbeat`"},
    {kEdge, "deployment markers", "@component_info", "`component.state`"},
    {kEdge, "sandbox provision time", "@sandbox_provision_duration_seconds", "`sandbox.ready`"},
    {kEdge, "sandbox timeouts, failures by agent type",
     "@sandbox_provisions_total, @sandbox_executions_total",
     "`sandbox.provision_timed_out`, `sandbox.executed`"},
    {kEdge, "sandbox lifecycle duration", "@sandbox_lifetime_seconds", "`sandbox.terminated`"},
    {kEdge, "sandbox CPU and memory utilisation",
     "@sandboxes_cpu_usage_seconds_total, @sandboxes_cpu_limit_cores, @sandboxes_memory_usage_bytes, "
     "@sandboxes_memory_limit_bytes",
     kSandboxUsage},
    {kEdge, "orphaned sandboxes", "@sandboxes_orphaned", "`sandbox.requested`, `task.completed`, ..."},
    {kEdge, "trackCustomMetric", "metrics declared under `custom_metrics`", "`custom`"},
    {kEdge, "backup last success, duration, size",
     "@backup_last_success_timestamp_seconds, @backup_last_duration_seconds, @backup_last_size_bytes",
     "`backup.finished`"},
    {kEdge, "backup verification",
     "@backup_verifications_total, @backup_verification_failures_total, "
     "@backup_last_verification_timestamp_seconds",
     "`backup.verified`"},
    {kEdge, "backups kept", "@backups_stored, @backup_oldest_timestamp_seconds", "`backup.inventory`"},
    {kEdge, "replication lag", "time() - @backup_replicated_until_timestamp_seconds", "`backup.replicated`"},
    {kEdge, "RPO and RTO targets", "@backup_rpo_target_seconds, @backup_rto_target_seconds",
     "`backups.targets` of the configuration"},
    {kEdge, "restores, measured RTO",
     "@restore_runs_total, @restore_failures_total, @restore_last_success_timestamp_seconds, "
     "@restore_last_duration_seconds",
     "`restore.finished`"},
};

constexpr bool IsNamePart(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; }

constexpr bool IsInCatalog(std::string_view name) {
  for (const MetricDef& metric : kMetrics) {
    if (metric.name == name) return true;
  }
  return false;
}

consteval bool EveryMetricIsInTheCatalog() {
  for (const OldMetric& old : kOldMetrics) {
    if (!IsInCatalog(old.metric)) return false;
  }
  for (const OldTerm& term : kOldTerms) {
    for (std::size_t at = term.now.find('@'); at != std::string_view::npos; at = term.now.find('@', at + 1)) {
      std::size_t end = at + 1;
      while (end < term.now.size() && IsNamePart(term.now[end])) ++end;
      if (!IsInCatalog(term.now.substr(at + 1, end - at - 1))) return false;
    }
  }
  return true;
}
static_assert(EveryMetricIsInTheCatalog(), "an old name points at a metric that is not in metrics.h");

}  // namespace

std::span<const OldMetric> OldMetrics() { return kOldMetrics; }
std::span<const OldTerm> OldTerms() { return kOldTerms; }

std::string WithNamespace(std::string_view text, std::string_view metric_namespace) {
  std::string out;
  for (const char c : text) {
    if (c == '@') {
      out += metric_namespace;
      out += '_';
    } else {
      out += c;
    }
  }
  return out;
}

std::string SelectorOf(const OldMetric& old, std::string_view suffix) {
  if (old.matchers.empty()) return fmt::format("@{}{}", old.metric, suffix);
  return fmt::format("@{}{}{{{}}}", old.metric, suffix, old.matchers);
}

}  // namespace fleet::catalog
