#include "exporter/simulate/agents.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

namespace fleet::simulate {
namespace {

struct Capacity {
  std::string_view tier;
  int agents;
};
constexpr Capacity kCapacities[] = {{"supervisor", 28}, {"specialist", 300}, {"worker", 600}};
constexpr double kUsual = 0.65;  // of the capacity

constexpr Weighted kExecutedTypes[] = {{"coder", 4}, {"reviewer", 3}, {"tester", 2}, {"planner", 1}};
constexpr Weighted kExecutionOutcomes[] = {
    {"completed", 985}, {"failed", 9}, {"cancelled", 3}, {"timed_out", 3}};
constexpr Weighted kStops[] = {{"completed", 80}, {"idle", 16}, {"failed", 3}, {"timed_out", 1}};

struct Channel {
  std::string_view name;
  double messages_per_second;
};
constexpr Channel kChannels[] = {{"direct", 110'000}, {"coordination", 30'000}, {"broadcast", 15'000}};
constexpr double kMessageBytes = 240;
constexpr double kStepsPerSecond = 15'000;
constexpr double kMostSteps = 500'000;  // the exporter takes a weight up to a million

}  // namespace

Agents::Agents(World& world, double rate, double scale)
    : world_(&world), random_(world.NewRandom()), rate_(rate), scale_(scale) {
  for (const Capacity& capacity : kCapacities) {
    Tier tier;
    tier.name = capacity.tier;
    tier.capacity = capacity.agents;
    tier.active = static_cast<int>(kUsual * capacity.agents);
    tiers_.push_back(tier);
  }
  for (Tier& tier : tiers_) {
    const double phase = random_.Uniform();
    world.Every(std::chrono::seconds(1), phase, [this, &tier] { Second(tier); });
    world.Every(std::chrono::seconds(5), phase, [this, &tier] { Report(tier); });
  }
  world.Every(std::chrono::seconds(1), random_.Uniform(), [this] { Message(); });
  world.Every(std::chrono::seconds(1), random_.Uniform(), [this] { Step(); });
  if (rate_ > 0) world.After(random_.Exponential(1 / rate_), [this] { Execute(); });
}

void Agents::Second(Tier& tier) {
  const double churn = 0.004 * tier.capacity;
  const double used = static_cast<double>(tier.active) / tier.capacity;
  // Agents ask the API for their work, and wait with it.
  const double slow = world_->IsActive(Incident::kErrorBurst) ? 4 : 1;
  for (int i = random_.Poisson(churn * (2 * kUsual - used) / kUsual / slow); i > 0; --i) {
    if (tier.active >= tier.capacity) break;
    ++tier.active;
    world_->Emit("agent.started",
                 {{"tier", tier.name}, {"duration_seconds", random_.LogNormal(0.04 * slow, 0.4)}});
  }
  for (int i = random_.Poisson(churn * used / kUsual); i > 0 && tier.active > 0; --i) {
    --tier.active;
    world_->Emit("agent.stopped", {{"tier", tier.name}, {"reason", random_.Pick(kStops).name}});
  }
  constexpr int kSamples = 5;
  const int responses = 1 + tier.active / (2 * kSamples);  // each sample stands for
  for (int i = 0; i < kSamples; ++i) {
    world_->Emit("agent.responded", {{"tier", tier.name},
                                     {"duration_seconds", random_.LogNormal(0.02 * slow, 0.45)},
                                     {"count", responses},
                                     {"weight", responses}});
  }
}

void Agents::Report(Tier& tier) {
  tier.cpu_seconds += 5 * 0.01 * tier.active * random_.Between(0.8, 1.2);
  tier.transmitted += 5 * kMessageBytes * 200 * tier.active * random_.Between(0.8, 1.2);
  tier.received += 5 * kMessageBytes * 200 * tier.active * random_.Between(0.8, 1.2);
  world_->Emit("agent.pool", {{"tier", tier.name},
                              {"active", tier.active},
                              {"capacity", tier.capacity},
                              {"memory_bytes", tier.active * random_.Between(4.5e6, 5.5e6)},
                              {"cpu_seconds", tier.cpu_seconds},
                              {"network_transmit_bytes", tier.transmitted},
                              {"network_receive_bytes", tier.received}});
}

void Agents::Execute() {
  const bool bad = world_->network_is_bad();
  const std::string_view outcome = random_.Pick(kExecutionOutcomes).name;
  const bool fails = bad && random_.Chance(0.3);
  world_->Emit("agent.executed", {{"agent_type", random_.Pick(kExecutedTypes).name},
                                  {"outcome", fails ? "timed_out" : outcome},
                                  {"duration_seconds", random_.LogNormal(bad ? 25 : 7, 0.6)}});
  world_->After(random_.Exponential(1 / rate_), [this] { Execute(); });
}

// The small tasks of the agents, thousands a second: a batch is followed, and stands for all of it.
void Agents::Step() {
  const double share = world_->IsActive(Incident::kQueueBackup) ? 0.3 : 1;  // the others wait in the queue
  const int steps = 1 + random_.Poisson(share * std::min(kStepsPerSecond * scale_, kMostSteps));
  const bool bad = world_->network_is_bad();
  const int failed = random_.Poisson((bad ? 0.04 : 0.001) * steps);
  for (const auto& [ending, count] :
       {std::pair<std::string_view, int>{"task.completed", steps}, {"task.failed", failed}}) {
    if (count == 0) continue;
    const std::string id = world_->NewId("steps");
    world_->Emit("task.created", {{"task_id", id}, {"task_type", "agent_step"}, {"count", count}});
    world_->Emit("task.started", {{"task_id", id}, {"count", count}, {"weight", count}});
    world_->Emit(ending, {{"task_id", id},
                          {"duration_seconds", random_.LogNormal(bad ? 0.2 : 0.03, 0.5)},
                          {"count", count},
                          {"weight", count}});
  }
}

void Agents::Message() {
  const bool backed_up = world_->IsActive(Incident::kQueueBackup);
  const double share = backed_up ? 0.5 : 1;
  for (const Channel& channel : kChannels) {
    world_->Emit("agent.message", {{"channel", channel.name},
                                   {"count", random_.Poisson(share * channel.messages_per_second)}});
  }
  const int dropped = random_.Poisson(backed_up ? 300 : 0.5);
  if (dropped == 0) return;
  world_->Emit("agent.message_dropped",
               {{"channel", "broadcast"}, {"reason", "timeout"}, {"count", dropped}});
}

}  // namespace fleet::simulate
