// The answers of the JSON API; docs/openapi.yaml describes them. Fields are only ever added.
#pragma once

#include <string>

#include "exporter/fleet/views.h"
#include "exporter/web/fleet_status.h"

namespace fleet {

// 2026-01-31T12:00:00.123Z
std::string Rfc3339(UnixMillis time);

std::string StatusJson(const FleetStatus& status, UnixMillis now);
std::string WorkersJson(const Listed<WorkerView>& page, UnixMillis now);
std::string RunnersJson(const Listed<RunnerView>& page, UnixMillis now);
std::string SandboxesJson(const Listed<SandboxView>& page, UnixMillis now);
std::string TaskSummaryJson(const TaskSummary& summary, UnixMillis now);
// `status.queues` after the page was cut out of it.
std::string QueuesJson(const Listed<QueueStatus>& page, UnixMillis now);

std::string ErrorJson(const std::string& error);

}  // namespace fleet
