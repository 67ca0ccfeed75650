#include <fmt/format.h>

#include <ostream>

#include "lib/base/usage.h"
#include "rulegen/commands/commands.h"
#include "rulegen/commands/compile.h"
#include "rulegen/emit/simulation_text.h"
#include "rulegen/proof/shares.h"

namespace fleet::rulegen {
namespace {

constexpr char kSimulatedErrors[] = "100%,10%,1%,0.2%";

}  // namespace

ExitCode RunSimulate(const Options& options, std::ostream& out, std::ostream& err) {
  const auto fails = [&](const std::string& message) {
    err << "rulegen: error: " << message << "\n";
    return kWorldError;
  };
  const auto errors = ParseShares(options.errors.empty() ? kSimulatedErrors : options.errors);
  if (!errors) return fails(fmt::format("--errors must be shares such as 100%,10%, not {}", options.errors));
  std::vector<IncidentStep> incident;
  if (!options.incident.empty()) {
    const auto steps = ParseIncident(options.incident);
    if (!steps)
      return fails(fmt::format("--incident must be steps such as 30m@2%,10m@100%, none above {}, not {}",
                               PrintDuration(kLongestStep), Printable(options.incident)));
    incident = *steps;
  }
  ExitCode exit = kSuccess;
  const std::optional<Policy> policy = ReadCheckedPolicy(options.policy, options, err, exit);
  if (!policy) return exit;
  std::vector<SimulatedSlo> slos;
  std::vector<std::string_view> names;
  for (const Slo& slo : policy->slos) {
    names.push_back(*slo.name);
    if (!options.slo.empty() && *slo.name != options.slo) continue;
    slos.push_back(Simulate(*policy, slo, *errors, incident));
  }
  if (slos.empty() && !options.slo.empty()) return fails(Unknown("SLO", options.slo, names));
  out << RenderSimulation(slos, options.format);
  return kSuccess;
}

}  // namespace fleet::rulegen
