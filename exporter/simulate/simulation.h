// A fleet that works, and in which things go wrong as planned: time in, events out. Pure: no clock, no
// network; the events are a function of the options and the start.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "exporter/simulate/incident.h"
#include "exporter/simulate/simulated_event.h"
#include "lib/base/clock.h"
#include "lib/base/duration.h"

namespace fleet::simulate {

struct SimulationOptions {
  int workers = 12;  // at least 2
  double rate = 5;   // tasks per second; the other rates follow it
  std::uint64_t seed = 1;
  std::string run_id = "run";  // part of the ids of tasks, runs and sandboxes
  Duration heartbeat_interval = std::chrono::seconds(5);
  IncidentPlan incidents;
};

// What a person wants to see while it runs.
struct SimulationStatus {
  int workers = 0;
  int workers_alive = 0;
  int open_tasks = 0;
  int queued_messages = 0;
  std::optional<Incident> incident;
};

class Simulation {
 public:
  Simulation(const SimulationOptions& options, UnixMillis start);
  ~Simulation();
  Simulation(const Simulation&) = delete;
  Simulation& operator=(const Simulation&) = delete;

  // All events up to and including `now` that no earlier step gave. The size of the steps changes
  // nothing but how the events are cut into portions. Times never go back.
  std::vector<SimulatedEvent> Step(UnixMillis now);

  SimulationStatus Status() const;

 private:
  class Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace fleet::simulate
