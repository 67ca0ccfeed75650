#include "exporter/simulate/incident.h"

namespace fleet::simulate {
namespace {

constexpr IncidentDef kIncidents[] = {
    {Incident::kWorkerDeath, "worker-death",
     "a third of the sandbox workers fall silent, their tasks hang, runs wait; they come back"},
    {Incident::kQueueBackup, "queue-backup", "consumers drop out, a queue grows past 5000 and drains after"},
    {Incident::kErrorBurst, "error-burst", "one in five API requests fails with 500, the others are slow"},
    {Incident::kSandboxLeak, "sandbox-leak",
     "containers are never terminated until their pool is used up; a cleanup ends them"},
    {Incident::kNetworkLoss, "network-loss",
     "packets are lost: the coordinator, half of the runners, databases and APIs are out of reach"},
};

}  // namespace

std::span<const IncidentDef> Incidents() { return kIncidents; }

std::string_view Name(Incident incident) { return kIncidents[static_cast<std::size_t>(incident)].name; }

std::optional<IncidentWindow> Window(const IncidentPlan& plan, UnixMillis start, std::size_t index) {
  if (plan.sequence.empty()) return std::nullopt;
  if (!plan.repeat && index >= plan.sequence.size()) return std::nullopt;
  const auto before = static_cast<Duration::rep>(index) * (plan.after + plan.duration);
  const UnixMillis begin = start + before + plan.first.value_or(plan.after);
  return IncidentWindow{plan.sequence[index % plan.sequence.size()], begin, begin + plan.duration};
}

}  // namespace fleet::simulate
