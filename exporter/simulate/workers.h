// The workers: heartbeats, what they hold, and how a third of the sandbox workers dies.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "exporter/simulate/world.h"

namespace fleet::simulate {

struct Worker {
  std::string id;
  std::string_view type;  // orchestrator or sandbox
  std::string host;
  UnixMillis start_time;
  bool alive = true;
  bool trusted = true;  // orchestrators learn of a death some seconds later
  int active_tasks = 0;
  double cpu_seconds = 0;  // since start_time
};

class Workers {
 public:
  // A quarter of `count` are orchestrators (at least one), the others run tasks. REQUIRES: count >= 2.
  static int Orchestrators(int count);
  Workers(World& world, int count, int slots_each, Duration heartbeat_interval);

  // A trusted worker with a free slot, the least loaded one; null when all are busy.
  Worker* FindFree();
  // Called when workers come back after a death: whatever they were running is lost.
  void OnReturn(World::Action action) { on_return_ = std::move(action); }

  int total() const { return static_cast<int>(workers_.size()); }
  int alive() const;

 private:
  void Heartbeat(Worker& worker);
  void ReportEvents(Worker& worker);
  void Die();
  void Return();

  World* world_;
  Random random_;
  int slots_each_;
  Duration heartbeat_interval_;
  std::vector<Worker> workers_;  // never grows after construction
  World::Action on_return_;
};

}  // namespace fleet::simulate
