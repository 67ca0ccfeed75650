// The parts of the fleet, for the functions that apply an event.
#pragma once

#include <map>
#include <string>

#include "exporter/fleet/cumulative.h"
#include "exporter/fleet/entity_table.h"
#include "exporter/fleet/errors.h"
#include "exporter/fleet/event.h"
#include "exporter/fleet/limits.h"
#include "exporter/fleet/refusal.h"
#include "exporter/fleet/runners.h"
#include "exporter/fleet/runs.h"
#include "exporter/fleet/sandboxes.h"
#include "exporter/fleet/series.h"
#include "exporter/fleet/tasks.h"
#include "exporter/fleet/workers.h"

namespace fleet {

// What one sender reports of one thing as ever growing totals.
struct Totals {
  UnixMillis newest;
  Cumulative cpu, received, sent;
};

// Oldest backup by target and retention: the metric shows the oldest of a target.
using OldestBackups = std::map<std::uint32_t, std::map<std::string, double, std::less<>>>;

struct Parts {
  Parts(std::string_view metric_namespace, const FleetLimits& all_limits)
      : limits(all_limits),
        series(metric_namespace),
        workers(series, limits),
        runners(series, limits),
        runs(series, limits),
        tasks(series, limits),
        sandboxes(series, limits),
        errors(series) {}
  Parts(const Parts&) = delete;
  Parts& operator=(const Parts&) = delete;

  FleetLimits limits;
  Series series;
  Workers workers;
  Runners runners;
  Runs runs;
  Tasks tasks;
  Sandboxes sandboxes;
  Errors errors;
  EntityTable<Totals> totals;  // by kind, sender and thing
  EntityTable<std::string> component_versions;
  OldestBackups oldest_backups;

  // Calls visit(name, part) for everything but the limits and the series: what the store keeps. A part
  // that is not here does not survive a restart.
  template <typename Visit>
  void EachPart(Visit visit) {
    visit("workers", workers);
    visit("runners", runners);
    visit("runs", runs);
    visit("tasks", tasks);
    visit("sandboxes", sandboxes);
    visit("errors", errors);
    visit("totals", totals);
    visit("component_versions", component_versions);
    visit("oldest_backups", oldest_backups);
  }
};

// The totals that `event.source` reports of `thing`; null when the event is older than what is known,
// or when there are too many senders.
Totals* NewerTotals(Parts& parts, const Event& event, UnixMillis at, std::string_view thing);

inline Observation Observed(const Event& event, UnixMillis at, double value) {
  return {value, event.weight, event.trace_id, at};
}

// Functions for the table in apply.cc, one for each event type that keeps no entity. `at` is the
// event's time, clamped.
void QueueState(Parts& parts, const Event& event, UnixMillis at);
void QueueEnqueued(Parts& parts, const Event& event, UnixMillis at);
void QueueProcessed(Parts& parts, const Event& event, UnixMillis at);
void QueueError(Parts& parts, const Event& event, UnixMillis at);
void QueueDeduplicated(Parts& parts, const Event& event, UnixMillis at);
void SyncProgress(Parts& parts, const Event& event, UnixMillis at);

void AgentStarted(Parts& parts, const Event& event, UnixMillis at);
void AgentStopped(Parts& parts, const Event& event, UnixMillis at);
void AgentResponded(Parts& parts, const Event& event, UnixMillis at);
void AgentExecuted(Parts& parts, const Event& event, UnixMillis at);
void AgentMessage(Parts& parts, const Event& event, UnixMillis at);
void AgentMessageDropped(Parts& parts, const Event& event, UnixMillis at);
void AgentPool(Parts& parts, const Event& event, UnixMillis at);

void RunExecuted(Parts& parts, const Event& event, UnixMillis at);
void SandboxExecuted(Parts& parts, const Event& event, UnixMillis at);
void SandboxPool(Parts& parts, const Event& event, UnixMillis at);
void SandboxCleanup(Parts& parts, const Event& event, UnixMillis at);

void EventRecorded(Parts& parts, const Event& event, UnixMillis at);
void EventReported(Parts& parts, const Event& event, UnixMillis at);
void EventDelivered(Parts& parts, const Event& event, UnixMillis at);
void EventStoreState(Parts& parts, const Event& event, UnixMillis at);

void ComponentState(Parts& parts, const Event& event, UnixMillis at);
void HttpRequested(Parts& parts, const Event& event, UnixMillis at);
void DbQuery(Parts& parts, const Event& event, UnixMillis at);
void DbState(Parts& parts, const Event& event, UnixMillis at);
void BrokerPublished(Parts& parts, const Event& event, UnixMillis at);
void BrokerState(Parts& parts, const Event& event, UnixMillis at);
void ApiCall(Parts& parts, const Event& event, UnixMillis at);
void ApiState(Parts& parts, const Event& event, UnixMillis at);
void LlmTokens(Parts& parts, const Event& event, UnixMillis at);
void CacheLookup(Parts& parts, const Event& event, UnixMillis at);
void StorageOperation(Parts& parts, const Event& event, UnixMillis at);

void BackupFinished(Parts& parts, const Event& event, UnixMillis at);
void BackupVerified(Parts& parts, const Event& event, UnixMillis at);
void BackupReplicated(Parts& parts, const Event& event, UnixMillis at);
void BackupInventory(Parts& parts, const Event& event, UnixMillis at);
void RestoreFinished(Parts& parts, const Event& event, UnixMillis at);

}  // namespace fleet
