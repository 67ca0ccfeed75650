// GET /: the state of the fleet as a page for people. Plain HTML and CSS, made on the server, nothing
// loaded from elsewhere and no script; it reloads itself.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "exporter/fleet/views.h"
#include "exporter/web/fleet_status.h"

namespace fleet {

// Of each list; programs ask the API for more.
inline constexpr std::size_t kShownOnPage = 20;

struct StatusPageData {
  UnixMillis now;
  FleetStatus status;
  std::vector<WorkerView> silent_workers;  // down ones first
  std::size_t silent_workers_total = 0;
  Listed<SandboxView> zombies, orphans;
  TaskSummary tasks;
  std::string telemetry_path, ingest_address;
  bool refresh = true;
};

std::string RenderStatusPage(const StatusPageData& data);

}  // namespace fleet
