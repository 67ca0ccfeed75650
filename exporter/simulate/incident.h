// What can go wrong in the simulated fleet, and when it does.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "lib/base/clock.h"
#include "lib/base/duration.h"

namespace fleet::simulate {

enum class Incident { kWorkerDeath, kQueueBackup, kErrorBurst, kSandboxLeak, kNetworkLoss };

struct IncidentDef {
  Incident incident;
  std::string_view name;  // of --incident
  std::string_view help;  // what happens, for --help
};

// All of them, in the order of the enumeration.
std::span<const IncidentDef> Incidents();
std::string_view Name(Incident incident);

// Incidents one after another: each begins `after` the start or the end of the one before.
struct IncidentPlan {
  std::vector<Incident> sequence;
  Duration after = std::chrono::seconds(30);
  std::optional<Duration> first;  // in place of `after` for the first one
  Duration duration = std::chrono::minutes(2);
  bool repeat = false;  // from the first one again after the last one
};

struct IncidentWindow {
  Incident incident{};
  UnixMillis begin;
  UnixMillis end;
};

// The window number `index`, from 0; nullopt after the last one.
std::optional<IncidentWindow> Window(const IncidentPlan& plan, UnixMillis start, std::size_t index);

}  // namespace fleet::simulate
