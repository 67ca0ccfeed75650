// rulegen: compiles slo/policies.yaml into Prometheus rules, alerts and Grafana dashboards.
#include <iostream>
#include <string>
#include <vector>

#include "rulegen/run.h"

int main(int argc, char** argv) {
  const std::vector<std::string> args(argv + 1, argv + argc);
  const int exit_code = fleet::rulegen::Run(args, std::cout, std::cerr);
  std::cout.flush();
  if (!std::cout) {
    std::cerr << "rulegen: error: cannot write to standard output\n";
    return 2;
  }
  return exit_code;
}
