// Agents in tiers and the messages between them; reported in sums, as there are many of both.
#pragma once

#include <string_view>
#include <vector>

#include "exporter/simulate/world.h"

namespace fleet::simulate {

class Agents {
 public:
  // `rate` is that of executions, per second; `scale` multiplies the usual number of steps.
  Agents(World& world, double rate, double scale);

 private:
  struct Tier {
    std::string_view name;
    int capacity = 0;
    int active = 0;
    double cpu_seconds = 0;
    double transmitted = 0;  // bytes
    double received = 0;
  };

  void Second(Tier& tier);
  void Report(Tier& tier);
  void Execute();
  void Step();
  void Message();

  World* world_;
  Random random_;
  double rate_;
  double scale_;
  std::vector<Tier> tiers_;  // never grows after construction
};

}  // namespace fleet::simulate
