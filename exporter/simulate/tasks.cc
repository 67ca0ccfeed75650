#include "exporter/simulate/tasks.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace fleet::simulate {
namespace {

struct TaskType {
  std::string_view name;
  double weight;
  double median_seconds;
};

constexpr TaskType kTaskTypes[] = {
    {"summarize", 30, 0.25}, {"lint", 20, 0.4},           {"code_review", 18, 0.6},
    {"run_tests", 15, 1.2},  {"build_container", 7, 2.5}, {"index_repository", 10, 0.8},
};
constexpr double kTaskSigma = 0.5;
constexpr double kProgressSeconds = 1.0;

constexpr Weighted kTaskPriorities[] = {{"critical", 2}, {"high", 18}, {"normal", 60}, {"low", 20}};
constexpr Weighted kTaskEndings[] = {
    {"task.completed", 972}, {"task.failed", 8}, {"task.cancelled", 3}, {"task.timed_out", 2}, {"retry", 15}};
constexpr Weighted kBadEndings[] = {
    {"task.failed", 3}, {"task.timed_out", 3}, {"retry", 4}};  // of a bad network
constexpr Weighted kRetryReasons[] = {{"timeout", 5}, {"rate_limited", 3}, {"conflict", 2}};

double MeanSeconds() {
  double weight = 0;
  double seconds = 0;
  for (const TaskType& type : kTaskTypes) {
    weight += type.weight;
    seconds += type.weight * type.median_seconds * std::exp(kTaskSigma * kTaskSigma / 2);
  }
  return seconds / weight;
}

}  // namespace

int Tasks::SlotsFor(double rate, int workers) {
  const double busy = rate * MeanSeconds();
  return std::max(4, static_cast<int>(std::ceil(2 * busy / workers)));
}

Tasks::Tasks(World& world, Workers& workers, double rate)
    : world_(&world), workers_(&workers), random_(world.NewRandom()), rate_(rate) {
  workers.OnReturn([this] { RetryLost(); });
  if (rate_ > 0) world.After(random_.Exponential(1 / rate_), [this] { Arrive(); });
}

void Tasks::Arrive() {
  const TaskType& type = random_.Pick(kTaskTypes);
  const Number number = next_++;
  Task& task = tasks_[number];
  task.id = world_->NewId("task");
  task.type = type.name;
  task.median_seconds = type.median_seconds;
  world_->Emit("task.created", {{"task_id", task.id},
                                {"task_type", task.type},
                                {"priority", random_.Pick(kTaskPriorities).name},
                                {"user", fmt::format("user-{}", random_.Index(15) + 1)}});
  pending_.push_back(number);
  Dispatch();
  world_->After(random_.Exponential(1 / rate_), [this] { Arrive(); });
}

void Tasks::Dispatch() {
  while (!pending_.empty()) {
    Worker* worker = workers_->FindFree();
    if (worker == nullptr) return;
    const Number number = pending_.front();
    pending_.pop_front();
    Task& task = tasks_[number];
    task.worker = worker;
    ++worker->active_tasks;
    const double seconds = std::min(random_.LogNormal(0.02, 0.6), 5.0);
    if (random_.Chance(world_->network_is_bad() ? 0.2 : 0.002)) {
      world_->Emit("task.assignment_failed", {{"reason", "conflict"}});
      Then(number, seconds + 1, &Tasks::Assign);
    } else {
      Then(number, seconds, &Tasks::Assign);
    }
  }
}

// By an orchestrator: it may give a task to a worker that has just died.
void Tasks::Assign(Number number) {
  Task& task = tasks_[number];
  const double slow = world_->network_is_bad() ? 8 : 1;
  task.assigned = true;
  world_->Emit("task.assigned", {{"task_id", task.id},
                                 {"worker_type", task.worker->type},
                                 {"duration_seconds", random_.LogNormal(0.02 * slow, 0.6)}});
  Then(number, random_.LogNormal(0.05 * slow, 0.5), &Tasks::Start);
}

void Tasks::Start(Number number) {
  Task& task = tasks_[number];
  task.started = world_->now();
  task.seconds = random_.LogNormal(task.median_seconds * (world_->network_is_bad() ? 3 : 1), kTaskSigma);
  world_->Emit("task.started", {{"task_id", task.id}});
  if (task.seconds > kProgressSeconds) Then(number, kProgressSeconds, &Tasks::Progress);
  Then(number, task.seconds, &Tasks::End);
}

void Tasks::Progress(Number number) {
  const Task& task = tasks_[number];
  world_->Emit("task.progressed", {{"task_id", task.id}});
  const double left = task.seconds - ToSeconds(world_->now() - task.started);
  if (left > kProgressSeconds) Then(number, kProgressSeconds, &Tasks::Progress);
}

void Tasks::End(Number number) {
  std::string_view ending = random_.Pick(kTaskEndings).name;
  if (world_->network_is_bad() && random_.Chance(0.3)) ending = random_.Pick(kBadEndings).name;
  if (ending == "retry") {
    Retry(number, random_.Pick(kRetryReasons).name);
  } else {
    Finish(number, ending);
  }
}

void Tasks::Retry(Number number, std::string_view reason) {
  Task& task = tasks_[number];
  if (task.assigned) world_->Emit("task.retried", {{"task_id", task.id}, {"reason", reason}});
  ++task.tries;
  task.assigned = false;
  --task.worker->active_tasks;
  task.worker = nullptr;
  pending_.push_front(number);
  Dispatch();
}

void Tasks::Finish(Number number, std::string_view type) {
  const Task& task = tasks_[number];
  world_->Emit(type, {{"task_id", task.id}, {"duration_seconds", ToSeconds(world_->now() - task.started)}});
  --task.worker->active_tasks;
  tasks_.erase(number);
  Dispatch();
}

void Tasks::Then(Number number, double seconds, void (Tasks::*step)(Number)) {
  const std::uint64_t tries = tasks_[number].tries;
  world_->After(seconds, [this, number, tries, step] {
    const auto found = tasks_.find(number);
    if (found == tasks_.end() || found->second.tries != tries) return;
    const bool by_worker = step != &Tasks::Assign;
    if (!by_worker || found->second.worker->alive) (this->*step)(number);
  });
}

void Tasks::RetryLost() {
  std::vector<Number> lost;
  for (const auto& [number, task] : tasks_) {
    // A worker that has just come back has no task of its own.
    if (task.worker != nullptr && task.worker->start_time == world_->now()) lost.push_back(number);
  }
  for (const Number number : lost) Retry(number, "timeout");
}

}  // namespace fleet::simulate
