#include "exporter/simulate/simulation.h"

#include <algorithm>

#include "exporter/simulate/agents.h"
#include "exporter/simulate/backends.h"
#include "exporter/simulate/backups.h"
#include "exporter/simulate/queues.h"
#include "exporter/simulate/requests.h"
#include "exporter/simulate/runs.h"
#include "exporter/simulate/sandboxes.h"
#include "exporter/simulate/tasks.h"
#include "exporter/simulate/workers.h"
#include "exporter/simulate/world.h"

namespace fleet::simulate {
namespace {

constexpr double kUsualRate = 5;  // tasks per second, for which the rates in the parts are written

}  // namespace

class Simulation::Parts {
 public:
  Parts(const SimulationOptions& options, UnixMillis start)
      : world(options.seed, start, options.incidents, options.run_id),
        workers(world, options.workers,
                Tasks::SlotsFor(options.rate, options.workers - Workers::Orchestrators(options.workers)),
                options.heartbeat_interval),
        tasks(world, workers, options.rate),
        runs(world, 0.1 * options.rate, options.heartbeat_interval),
        queues(world, options.rate / kUsualRate),
        agents(world, 0.2 * options.rate, options.rate / kUsualRate),
        sandboxes(world, std::max(8, options.workers)),
        requests(world, options.rate / kUsualRate),
        backends(world, options.rate / kUsualRate),
        backups(world) {}

  World world;
  Workers workers;
  Tasks tasks;
  Runs runs;
  Queues queues;
  Agents agents;
  Sandboxes sandboxes;
  Requests requests;
  Backends backends;
  Backups backups;
};

Simulation::Simulation(const SimulationOptions& options, UnixMillis start)
    : parts_(std::make_unique<Parts>(options, start)) {}
Simulation::~Simulation() = default;

std::vector<SimulatedEvent> Simulation::Step(UnixMillis now) { return parts_->world.Advance(now); }

SimulationStatus Simulation::Status() const {
  SimulationStatus status;
  status.workers = parts_->workers.total();
  status.workers_alive = parts_->workers.alive();
  status.open_tasks = parts_->tasks.open();
  status.queued_messages = parts_->queues.depth();
  for (const IncidentDef& def : Incidents()) {
    if (parts_->world.IsActive(def.incident)) status.incident = def.incident;
  }
  return status;
}

}  // namespace fleet::simulate
