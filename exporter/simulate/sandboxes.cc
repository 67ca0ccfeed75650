#include "exporter/simulate/sandboxes.h"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace fleet::simulate {
namespace {

constexpr std::string_view kSandboxTypes[] = {"container", "microvm", "wasm"};
constexpr double kSandboxSeconds = 100;
constexpr double kSandboxSigma = 0.6;
constexpr double kUsualShare = 0.5;  // of a pool is in use
constexpr double kActivitySeconds = 4;
constexpr double kCpuLimit = 2;  // cores
constexpr double kMemoryLimit = 1073741824;

constexpr Weighted kAgentTypes[] = {{"coder", 4}, {"reviewer", 3}, {"tester", 3}};
constexpr Weighted kProvisions[] = {
    {"sandbox.ready", 994}, {"sandbox.provision_failed", 4}, {"sandbox.provision_timed_out", 2}};

struct Ending {
  std::string_view outcome;
  std::string_view reason;
  double weight;
};
constexpr Ending kSandboxEndings[] = {{"completed", "completed", 960},
                                      {"failed", "failed", 15},
                                      {"timed_out", "timed_out", 6},
                                      {"completed", "idle", 15},
                                      {"terminated", "forced", 4}};

}  // namespace

Sandboxes::Sandboxes(World& world, int capacity)
    : world_(&world),
      random_(world.NewRandom()),
      capacity_(capacity),
      mean_interval_(kSandboxSeconds * std::exp(kSandboxSigma * kSandboxSigma / 2) /
                     (kUsualShare * capacity)) {
  for (const std::string_view type : kSandboxTypes) pools_.push_back({type, type == "container", 0});
  for (Pool& pool : pools_) {
    // The fleet has been at work before: some sandboxes come at once.
    for (int i = 0; i < static_cast<int>(kUsualShare * capacity_); ++i) {
      world.After(random_.Between(0, 10), [this, &pool] { Request(pool); });
    }
    world.After(random_.Exponential(mean_interval_), [this, &pool] { Arrive(pool); });
    world.Every(std::chrono::seconds(5), random_.Uniform(), [this, &pool] { Report(pool); });
  }
  world.Every(std::chrono::seconds(30), 0.5, [this] { CleanUp(); });
  world.OnIncident(
      Incident::kSandboxLeak, [this] { Leak(pools_.front()); }, [this] { CleanUp(); });
}

bool Sandboxes::Leaks(const Pool& pool) const {
  return pool.leaks && world_->IsActive(Incident::kSandboxLeak);
}

void Sandboxes::Arrive(Pool& pool) {
  Request(pool);
  world_->After(random_.Exponential(mean_interval_), [this, &pool] { Arrive(pool); });
}

// More sandboxes than usual, so that the pool is full after an eighth of the incident.
void Sandboxes::Leak(Pool& pool) {
  if (!Leaks(pool)) return;
  Request(pool);
  const double mean = ToSeconds(world_->incident_duration()) / 8 / capacity_;
  world_->After(random_.Exponential(mean), [this, &pool] { Leak(pool); });
}

void Sandboxes::Request(Pool& pool) {
  if (pool.used >= capacity_) return;  // who asks has to wait for a slot
  const Number number = next_++;
  Sandbox& sandbox = sandboxes_[number];
  sandbox.id = world_->NewId("sandbox");
  sandbox.task = world_->NewId("session");
  sandbox.agent_type = random_.Pick(kAgentTypes).name;
  sandbox.pool = &pool;
  sandbox.requested = world_->now();
  ++pool.used;
  world_->Emit("task.created", {{"task_id", sandbox.task},
                                {"task_type", "agent_session"},
                                {"priority", "normal"},
                                {"user", "agents"}});
  world_->Emit("task.assigned",
               {{"task_id", sandbox.task}, {"worker_type", "orchestrator"}, {"duration_seconds", 0.01}});
  world_->Emit("sandbox.requested", {{"sandbox_id", sandbox.id},
                                     {"sandbox_type", pool.type},
                                     {"agent_type", sandbox.agent_type},
                                     {"task_id", sandbox.task}});
  world_->After(random_.LogNormal(world_->network_is_bad() ? 3 : 0.5, 0.5),
                [this, number] { Provision(number); });
}

void Sandboxes::Provision(Number number) {
  Sandbox& sandbox = sandboxes_[number];
  const bool lost = world_->network_is_bad() && random_.Chance(0.2);
  const std::string_view ready = random_.Pick(kProvisions).name;
  const std::string_view outcome = lost ? "sandbox.provision_timed_out" : ready;
  const double seconds = ToSeconds(world_->now() - sandbox.requested);
  world_->Emit(
      outcome,
      {{"sandbox_id", sandbox.id}, {"sandbox_type", sandbox.pool->type}, {"duration_seconds", seconds}});
  if (outcome != "sandbox.ready") {
    EndTask(sandbox, "task.failed");
    --sandbox.pool->used;
    sandboxes_.erase(number);
    return;
  }
  sandbox.seconds = random_.LogNormal(kSandboxSeconds, kSandboxSigma);
  sandbox.leaked = Leaks(*sandbox.pool);
  world_->Emit("task.started", {{"task_id", sandbox.task}});
  world_->After(std::min(kActivitySeconds, sandbox.seconds), [this, number] { Live(number); });
}

void Sandboxes::Live(Number number) {
  const auto found = sandboxes_.find(number);
  if (found == sandboxes_.end()) return;  // cleaned up
  Sandbox& sandbox = found->second;
  if (sandbox.leaked) {  // its task ends, and nobody hears of it again
    EndTask(sandbox, "task.completed");
    return;
  }
  if (sandbox.seconds <= kActivitySeconds) {
    const Ending& ending = random_.Pick(kSandboxEndings);
    const bool lost = world_->network_is_bad() && random_.Chance(0.3);
    Terminate(number, lost ? "timed_out" : ending.outcome, lost ? "timed_out" : ending.reason);
    return;
  }
  sandbox.seconds -= kActivitySeconds;
  const double share = world_->network_is_bad() ? 0.3 : 1;  // who waits works less, and gets less
  const double load = random_.Between(0.2, 1.0) * share;
  sandbox.cpu_seconds += kActivitySeconds * load;
  sandbox.received += 4e5 * load;
  sandbox.transmitted += 1e5 * load;
  world_->Emit("sandbox.activity", {{"sandbox_id", sandbox.id}});
  world_->Emit("task.progressed", {{"task_id", sandbox.task}});
  Use(sandbox);
  world_->After(std::min(kActivitySeconds, sandbox.seconds), [this, number] { Live(number); });
}

// What cannot be sent is held, in memory and on disk, until there is no more.
void Sandboxes::Use(Sandbox& sandbox) {
  const bool bad = world_->network_is_bad();
  const double held = bad ? 1.9 : 1;
  const double memory = 1e6 * held * random_.Between(120, 480);
  sandbox.throttled += kActivitySeconds * random_.Between(0, bad ? 0.01 : 0.04);
  sandbox.waited += kActivitySeconds * random_.Between(0, bad ? 0.6 : 0.05);
  world_->Emit("sandbox.usage", {{"sandbox_id", sandbox.id},
                                 {"memory_bytes", memory},
                                 {"memory_working_set_bytes", 0.8 * memory},
                                 {"cpu_seconds", sandbox.cpu_seconds},
                                 {"throttled_seconds", sandbox.throttled},
                                 {"disk_bytes", 1e6 * held * random_.Between(300, 900)},
                                 {"io_read_bytes", 0.2 * sandbox.received},
                                 {"io_written_bytes", 0.5 * sandbox.received},
                                 {"network_receive_bytes", sandbox.received},
                                 {"network_transmit_bytes", sandbox.transmitted},
                                 {"processes", 4 + random_.Poisson(bad ? 20 : 6)}});
  if (bad && random_.Chance(0.02)) ++sandbox.kills;
  Constrain(sandbox);
}

void Sandboxes::Constrain(const Sandbox& sandbox) {
  world_->Emit("sandbox.constrained", {{"sandbox_id", sandbox.id},
                                       {"cpu_limit_cores", kCpuLimit},
                                       {"memory_limit_bytes", kMemoryLimit},
                                       {"oom_kills", sandbox.kills},
                                       {"waiting_seconds", NumbersByKey{{"cpu", 0.2 * sandbox.waited},
                                                                        {"memory", 0.1 * sandbox.waited},
                                                                        {"io", sandbox.waited}}}});
}

void Sandboxes::EndTask(Sandbox& sandbox, std::string_view type) {
  sandbox.task_open = false;
  world_->Emit(
      type, {{"task_id", sandbox.task}, {"duration_seconds", ToSeconds(world_->now() - sandbox.requested)}});
}

void Sandboxes::Terminate(Number number, std::string_view outcome, std::string_view reason) {
  Sandbox& sandbox = sandboxes_[number];
  world_->Emit(
      "sandbox.executed",
      {{"sandbox_type", sandbox.pool->type}, {"agent_type", sandbox.agent_type}, {"outcome", outcome}});
  if (sandbox.task_open) EndTask(sandbox, outcome == "failed" ? "task.failed" : "task.completed");
  world_->Emit("sandbox.stopped", {{"sandbox_id", sandbox.id}, {"reason", reason}});
  world_->Emit("sandbox.terminated", {{"sandbox_id", sandbox.id}, {"reason", reason}});
  --sandbox.pool->used;
  sandboxes_.erase(number);
}

void Sandboxes::Report(const Pool& pool) {
  world_->Emit("sandbox.pool",
               {{"sandbox_type", pool.type}, {"capacity", capacity_}, {"available", capacity_ - pool.used}});
}

// While sandboxes leak the cleanup job does not find them: that is why they leak.
void Sandboxes::CleanUp() {
  if (world_->IsActive(Incident::kSandboxLeak)) {
    world_->Emit("sandbox.cleanup", {{"ok", false}, {"terminated", 0}});
    return;
  }
  std::vector<Number> leaked;
  for (const auto& [number, sandbox] : sandboxes_) {
    if (sandbox.leaked) leaked.push_back(number);
  }
  for (const Number number : leaked) Terminate(number, "terminated", "orphaned");
  world_->Emit("sandbox.cleanup", {{"ok", true}, {"terminated", leaked.size()}});
}

}  // namespace fleet::simulate
