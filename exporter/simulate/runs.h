// Runs on the runners of three pools, as a coordinator sees them.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/simulate/world.h"

namespace fleet::simulate {

class Runs {
 public:
  // `rate` in runs per second.
  Runs(World& world, double rate, Duration heartbeat_interval);

 private:
  struct Runner {
    std::string id;
    std::string_view pool;
    int slots = 0;
    int used = 0;
    bool draining = false;
    bool offline = false;
  };
  struct Run {
    std::string id;
    Runner* runner = nullptr;
  };

  void Heartbeat(const Runner& runner);
  void Maintain();
  void LoseRunners();
  void FindRunners();
  void Arrive();
  void Dispatch();
  void Start(const Run& run);
  void Finish(const Run& run, double seconds);

  World* world_;
  Random random_;
  double rate_;
  std::vector<Runner> runners_;  // never grows after construction
  std::deque<Run> pending_;
};

}  // namespace fleet::simulate
