#include "exporter/simulate/workers.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace fleet::simulate {
namespace {

constexpr std::string_view kOrchestrator = "orchestrator";
constexpr std::string_view kSandbox = "sandbox";
constexpr std::string_view kWorkerVersion = "3.2.1";
constexpr double kNoticeSeconds = 10;

}  // namespace

int Workers::Orchestrators(int count) { return std::max(1, count / 4); }

Workers::Workers(World& world, int count, int slots_each, Duration heartbeat_interval)
    : world_(&world),
      random_(world.NewRandom()),
      slots_each_(slots_each),
      heartbeat_interval_(heartbeat_interval) {
  const int orchestrators = Orchestrators(count);
  workers_.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    const bool orchestrates = i < orchestrators;
    Worker worker;
    worker.type = orchestrates ? kOrchestrator : kSandbox;
    worker.id = fmt::format("{}-{:02}", worker.type, orchestrates ? i + 1 : i + 1 - orchestrators);
    worker.host = fmt::format("node-{}", i % 4 + 1);
    worker.start_time = world.now() - std::chrono::minutes(5 + 7 * i);
    workers_.push_back(worker);
  }
  for (Worker& worker : workers_) {
    world.Every(heartbeat_interval, random_.Uniform(), [this, &worker] { Heartbeat(worker); });
    world.Every(std::chrono::seconds(10), random_.Uniform(), [this, &worker] { ReportEvents(worker); });
  }
  world.OnIncident(
      Incident::kWorkerDeath, [this] { Die(); }, [this] { Return(); });
}

Worker* Workers::FindFree() {
  Worker* best = nullptr;
  for (Worker& worker : workers_) {
    if (!worker.trusted || worker.type != kSandbox || worker.active_tasks >= slots_each_) continue;
    if (best == nullptr || worker.active_tasks < best->active_tasks) best = &worker;
  }
  return best;
}

int Workers::alive() const {
  return static_cast<int>(std::ranges::count_if(workers_, [](const Worker& w) { return w.alive; }));
}

void Workers::Heartbeat(Worker& worker) {
  if (!worker.alive) return;
  // A lost heartbeat is told by the one that could not be delivered, not by the exporter.
  if (random_.Chance(world_->network_is_bad() ? 0.25 : 0.002)) {
    world_->Emit("worker.heartbeat_failed",
                 {{"worker_type", worker.type}, {"reason", random_.Chance(0.5) ? "http_502" : "timeout"}});
    return;
  }
  const double load = worker.active_tasks + 0.1;
  worker.cpu_seconds += load * 0.4 * ToSeconds(heartbeat_interval_) * random_.Between(0.8, 1.2);
  const double memory = (180.0 + 95.0 * load) * random_.Between(0.95, 1.05);
  world_->Emit("worker.heartbeat",
               {{"worker_id", worker.id},
                {"worker_type", worker.type},
                {"process_state", world_->network_is_bad() && random_.Chance(0.2) ? "crashed" : "running"},
                {"host", worker.host},
                {"version", kWorkerVersion},
                {"start_time", worker.start_time},
                {"active_tasks", worker.active_tasks},
                {"memory_bytes", static_cast<std::int64_t>(memory) << 20U},
                {"cpu_seconds", worker.cpu_seconds},
                {"events_buffered", random_.Poisson(world_->network_is_bad() ? 60 : 2)}});
}

void Workers::ReportEvents(Worker& worker) {
  if (!worker.alive) return;
  const int reports = 1 + random_.Poisson(4);
  world_->Emit("event.reported", {{"worker_type", worker.type}, {"ok", true}, {"count", reports}});
  if (random_.Chance(world_->network_is_bad() ? 0.5 : 0.01)) {
    world_->Emit("event.reported", {{"worker_type", worker.type}, {"ok", false}, {"reason", "http_502"}});
  }
}

void Workers::Die() {
  const auto sandboxes = std::ranges::count(workers_, kSandbox, &Worker::type);
  auto left = std::max<std::ptrdiff_t>(1, sandboxes / 3);
  for (Worker& worker : workers_) {
    if (worker.type != kSandbox || left-- <= 0) continue;
    worker.alive = false;
    world_->After(kNoticeSeconds, [&worker] { worker.trusted = worker.alive; });
  }
}

void Workers::Return() {
  for (Worker& worker : workers_) {
    if (worker.alive) continue;
    worker.alive = true;
    worker.trusted = true;
    worker.start_time = world_->now();
    worker.cpu_seconds = 0;
  }
  on_return_();
  for (Worker& worker : workers_) {
    if (worker.start_time == world_->now()) Heartbeat(worker);
  }
}

}  // namespace fleet::simulate
