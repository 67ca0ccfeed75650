// What the tests of the simulation share: when it begins, and one incident in it.
#pragma once

#include "exporter/simulate/simulation.h"

namespace fleet::simulate {

inline constexpr UnixMillis kStart{1'700'000'000'000};

// From 0:30 to 2:30.
inline SimulationOptions With(Incident incident) {
  SimulationOptions options;
  options.incidents.sequence = {incident};
  return options;
}

}  // namespace fleet::simulate
