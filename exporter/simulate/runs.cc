#include "exporter/simulate/runs.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>

namespace fleet::simulate {
namespace {

struct Pool {
  std::string_view name;
  double runners;
  double weight;  // share of the slots that the load needs
};

constexpr Pool kPools[] = {{"default", 4, 6}, {"large", 2, 3}, {"gpu", 2, 1}};
constexpr double kRunSeconds = 12;
constexpr double kRunSigma = 0.7;

struct RunOutcome {
  std::string_view type;
  double weight;
};

constexpr RunOutcome kRunOutcomes[] = {
    {"run.completed", 960}, {"run.failed", 25}, {"run.cancelled", 10}, {"run.timed_out", 5}};
constexpr RunOutcome kRunPriorities[] = {{"high", 2}, {"normal", 7}, {"low", 1}};

}  // namespace

Runs::Runs(World& world, double rate, Duration heartbeat_interval)
    : world_(&world), random_(world.NewRandom()), rate_(rate) {
  const double busy = rate * kRunSeconds * std::exp(kRunSigma * kRunSigma / 2);
  for (const Pool& pool : kPools) {
    for (int i = 0; i < static_cast<int>(pool.runners); ++i) {
      Runner runner;
      runner.id = fmt::format("runner-{}-{}", pool.name, i + 1);
      runner.pool = pool.name;
      runner.slots = std::max(2, static_cast<int>(std::ceil(0.2 * busy * pool.weight / pool.runners)));
      runners_.push_back(runner);
    }
  }
  for (const Runner& runner : runners_) {
    world.Every(heartbeat_interval, random_.Uniform(), [this, &runner] { Heartbeat(runner); });
  }
  world.Every(std::chrono::minutes(4), 0.5, [this] { Maintain(); });
  world.OnIncident(
      Incident::kWorkerDeath, [] {}, [this] { Dispatch(); });
  world.OnIncident(
      Incident::kNetworkLoss, [this] { LoseRunners(); }, [this] { FindRunners(); });
  if (rate_ > 0) world.After(random_.Exponential(1 / rate_), [this] { Arrive(); });
}

void Runs::Heartbeat(const Runner& runner) {
  if (runner.offline) return;
  const std::string_view state = runner.draining ? "draining" : runner.used > 0 ? "busy" : "idle";
  world_->Emit("runner.heartbeat", {{"runner_id", runner.id},
                                    {"pool", runner.pool},
                                    {"state", state},
                                    {"slots", runner.slots},
                                    {"slots_used", runner.used},
                                    {"active_runs", runner.used},
                                    {"version", "1.9.0"},
                                    {"os", "linux"}});
}

// Every other one is out of reach of the coordinator; what it works on goes on.
void Runs::LoseRunners() {
  for (std::size_t i = 0; i < runners_.size(); i += 2) {
    runners_[i].offline = true;
    world_->Emit("runner.offline", {{"runner_id", runners_[i].id}});
  }
}

void Runs::FindRunners() {
  for (Runner& runner : runners_) runner.offline = false;
  for (const Runner& runner : runners_) Heartbeat(runner);
  Dispatch();
}

// One runner is drained, taken away for half a minute, and brought back.
void Runs::Maintain() {
  if (world_->network_is_bad()) return;
  Runner& runner = runners_[random_.Index(runners_.size())];
  runner.draining = true;
  world_->After(60, [this, &runner] {
    runner.offline = true;
    world_->Emit("runner.offline", {{"runner_id", runner.id}});
  });
  world_->After(90, [this, &runner] {
    runner.offline = false;
    runner.draining = false;
    Heartbeat(runner);
    Dispatch();
  });
}

void Runs::Arrive() {
  pending_.push_back({world_->NewId("run"), nullptr});
  world_->Emit("run.created",
               {{"run_id", pending_.back().id}, {"priority", random_.Pick(kRunPriorities).type}});
  Dispatch();
  world_->After(random_.Exponential(1 / rate_), [this] { Arrive(); });
}

void Runs::Dispatch() {
  if (world_->IsActive(Incident::kWorkerDeath)) return;  // runs wait for the workers, too
  while (!pending_.empty()) {
    const std::size_t first = random_.Index(runners_.size());
    Runner* free = nullptr;
    for (std::size_t i = 0; i < runners_.size() && free == nullptr; ++i) {
      Runner& runner = runners_[(first + i) % runners_.size()];
      if (!runner.draining && !runner.offline && runner.used < runner.slots) free = &runner;
    }
    if (free == nullptr) return;
    Run run = pending_.front();
    pending_.pop_front();
    run.runner = free;
    ++free->used;
    world_->Emit("run.assigned", {{"run_id", run.id}, {"runner_id", free->id}, {"pool", free->pool}});
    world_->After(random_.LogNormal(0.4, 0.5), [this, run] { Start(run); });
  }
}

void Runs::Start(const Run& run) {
  world_->Emit("run.started",
               {{"run_id", run.id}, {"runner_id", run.runner->id}, {"pool", run.runner->pool}});
  const double slow = world_->network_is_bad() ? 2.5 : 1;
  const double seconds = slow * std::min(random_.LogNormal(kRunSeconds, kRunSigma), 55.0);
  world_->After(seconds, [this, run, seconds] { Finish(run, seconds); });
}

void Runs::Finish(const Run& run, double seconds) {
  const std::string_view outcome = random_.Pick(kRunOutcomes).type;
  const bool fails = world_->network_is_bad() && random_.Chance(0.4);
  world_->Emit(fails ? "run.failed" : outcome, {{"run_id", run.id}, {"duration_seconds", seconds}});
  world_->Emit("run.executed", {{"pool", run.runner->pool}});
  --run.runner->used;
  Dispatch();
}

}  // namespace fleet::simulate
