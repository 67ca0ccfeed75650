#include "exporter/simulate/queues.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>

namespace fleet::simulate {
namespace {

// The backlog at the end of the incident, however long that was, and the time it takes to drain: with
// the usual two minutes it stays over 5000 for three minutes and over 1000 for six.
constexpr double kBacklog = 9000;
constexpr double kDrainSeconds = 300;
constexpr int kSamples = 4;  // observed durations per second and queue; each stands for its share

struct PriorityShare {
  std::string_view priority;
  double share;
};
constexpr PriorityShare kShares[] = {{"critical", 0.01}, {"high", 0.09}, {"normal", 0.7}, {"low", 0.2}};

}  // namespace

Queues::Queues(World& world, double scale) : world_(&world), random_(world.NewRandom()) {
  queues_.resize(4);
  queues_[0].name = "tasks";
  queues_[0].message_types = {"execute", "validate", "plan"};
  queues_[0].rate = 40 * scale;
  queues_[0].backs_up = true;
  queues_[1].name = "agents";
  queues_[1].message_types = {"start", "message"};
  queues_[1].rate = 25 * scale;
  queues_[2].name = "github";
  queues_[2].message_types = {"push", "pull_request", "issue"};
  queues_[2].rate = 6 * scale;
  queues_[3].name = "notifications";
  queues_[3].message_types = {"email", "webhook"};
  queues_[3].rate = 8 * scale;
  for (Queue& queue : queues_) {
    queue.capacity = 1.5 * queue.rate + 1;
    queue.consumers = std::max(2, static_cast<int>(std::lround(queue.rate / 5)));
    const double phase = random_.Uniform();
    world.Every(std::chrono::seconds(1), phase, [this, &queue] { Second(queue); });
    world.Every(std::chrono::seconds(5), phase / 5 + 0.1, [this, &queue] { Report(queue); });
  }
  world.OnIncident(
      Incident::kQueueBackup, [] {}, [this] { StartDraining(queues_.front()); });
}

int Queues::depth() const {
  int sum = 0;
  for (const Queue& queue : queues_) sum += queue.depth;
  return sum;
}

void Queues::StartDraining(Queue& queue) {
  queue.slow_until = world_->now().Seconds() + kDrainSeconds;
  queue.drain_rate = queue.depth / kDrainSeconds;
}

// Messages the consumers take in this second.
int Queues::Capacity(Queue& queue) {
  if (queue.backs_up && world_->IsActive(Incident::kQueueBackup)) return random_.Poisson(queue.rate / 4);
  if (world_->now().Seconds() < queue.slow_until) return random_.Poisson(queue.rate + queue.drain_rate);
  return random_.Poisson(queue.capacity);
}

void Queues::Second(Queue& queue) {
  double rate = queue.rate;
  if (queue.backs_up && world_->IsActive(Incident::kQueueBackup)) {
    // Producers send again what is not answered, so that the backlog comes in time.
    rate = std::max(rate, kBacklog / ToSeconds(world_->incident_duration()) + queue.rate / 4);
  }
  Enqueue(queue, random_.Poisson(rate));
  Process(queue, std::min(queue.depth, Capacity(queue)));
}

void Queues::Enqueue(Queue& queue, int messages) {
  if (messages == 0) return;
  queue.depth += messages;
  queue.waiting.push_back({world_->now(), messages});
  world_->Emit("queue.enqueued", {{"queue", queue.name}, {"count", messages}});
  if (random_.Chance(world_->network_is_bad() ? 0.7 : 0.05))
    world_->Emit("queue.deduplicated", {{"queue", queue.name}});
}

void Queues::Process(Queue& queue, int messages) {
  const bool bad = world_->network_is_bad();
  queue.in_flight = std::min(messages, queue.consumers * 2);
  queue.depth -= messages;
  for (int sample = 0, left = messages; sample < kSamples && left > 0; ++sample) {
    const int share = sample + 1 == kSamples ? left : std::min(left, messages / kSamples + 1);
    left -= share;
    const double waited = ToSeconds(world_->now() - queue.waiting.front().time);
    for (int taken = share; taken > 0;) {
      Cohort& oldest = queue.waiting.front();
      const int part = std::min(taken, oldest.messages);
      oldest.messages -= part;
      taken -= part;
      if (oldest.messages == 0) queue.waiting.pop_front();
    }
    world_->Emit("queue.processed", {{"queue", queue.name},
                                     {"outcome", "succeeded"},
                                     {"duration_seconds", random_.LogNormal(bad ? 0.9 : 0.15, 0.8)},
                                     {"wait_seconds", waited + random_.LogNormal(0.05, 0.5)},
                                     {"batch", 1 + random_.Poisson(bad ? 1 : 6)},
                                     {"count", share},
                                     {"weight", share}});
  }
  Fail(queue, messages);
}

// Attempts that failed come on top of the ones that succeeded.
void Queues::Fail(Queue& queue, int messages) {
  const bool bad = world_->network_is_bad();
  const int retried = random_.Poisson((bad ? 0.2 : 0.004) * messages);
  if (retried > 0) {
    const bool limited = queue.name == "github" && random_.Chance(0.5);
    world_->Emit("queue.processed", {{"queue", queue.name}, {"outcome", "retried"}, {"count", retried}});
    world_->Emit(
        "queue.error",
        {{"queue", queue.name}, {"severity", limited ? "rate_limited" : "retryable"}, {"count", retried}});
  }
  if (messages > 0 && random_.Chance(bad ? 0.03 : 0.003)) {
    world_->Emit("queue.processed", {{"queue", queue.name}, {"outcome", "dead_lettered"}});
    world_->Emit("queue.error", {{"queue", queue.name}, {"severity", "fatal"}});
    // Somebody looks after the dead letters before there are many.
    queue.dead_letters = !bad && queue.dead_letters >= 5 ? 0 : queue.dead_letters + 1;
  }
}

void Queues::Report(const Queue& queue) {
  const bool backed_up = queue.backs_up && world_->IsActive(Incident::kQueueBackup);
  std::vector<EventField> state = {{"queue", queue.name},
                                   {"in_flight", queue.in_flight},
                                   {"delayed", queue.depth / 50},
                                   {"dead_letter", queue.dead_letters},
                                   {"consumers", backed_up ? queue.consumers / 4 : queue.consumers},
                                   {"circuit_breaker_open", backed_up}};
  if (queue.waiting.empty()) {
    state.emplace_back("depth", 0);  // else the oldest message of last time would stay
  } else {
    state.emplace_back("oldest_time", queue.waiting.front().time);
  }
  world_->Emit("queue.state", std::move(state));
  int left = queue.depth;
  for (const PriorityShare& share : kShares) {
    const bool last = &share == std::end(kShares) - 1;
    const int depth = last ? left : static_cast<int>(queue.depth * share.share);
    left -= depth;
    world_->Emit("queue.state", {{"queue", queue.name}, {"priority", share.priority}, {"depth", depth}});
  }
  const int types = static_cast<int>(queue.message_types.size());
  for (int i = 0; i < types; ++i) {
    const int depth = (queue.depth + i) / types;
    world_->Emit("queue.state", {{"queue", queue.name},
                                 {"message_type", queue.message_types[static_cast<std::size_t>(i)]},
                                 {"depth", depth}});
  }
}

}  // namespace fleet::simulate
