// The HTTP requests of the components, and the errors they report. In the incident the API fails.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "exporter/simulate/world.h"

namespace fleet::simulate {

class Requests {
 public:
  // `scale` multiplies the usual rates of requests.
  Requests(World& world, double scale);

 private:
  struct Component {
    std::string_view name;
    std::string_view version_prefix;
    int patch = 0;  // of the version that runs
    double cpu_seconds = 0;
  };

  void Second(std::size_t endpoint);
  void Serve(std::size_t endpoint, int count);
  void Fail(std::size_t endpoint, int count);
  void Warn();
  void Report(Component& component);

  World* world_;
  Random random_;
  double scale_;
  std::vector<Component> components_;  // never grows after construction
};

}  // namespace fleet::simulate
