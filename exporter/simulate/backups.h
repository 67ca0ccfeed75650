// Backups of three targets, their checks, their copy in another region, and drills of restoring them;
// more often than in real life, so that a short run shows some.
#pragma once

#include <string_view>
#include <vector>

#include "exporter/simulate/world.h"

namespace fleet::simulate {

class Backups {
 public:
  explicit Backups(World& world);

 private:
  struct Target {
    std::string_view name;
    double seconds = 0;  // a backup takes
    double bytes = 0;
    int daily = 0;  // kept
  };

  void BackUp(Target& target);
  void TakeStock(const Target& target);
  void Verify(Target& target);
  void Restore(const Target& target);
  void Replicate(const Target& target);

  World* world_;
  Random random_;
  std::vector<Target> targets_;  // never grows after construction
};

}  // namespace fleet::simulate
