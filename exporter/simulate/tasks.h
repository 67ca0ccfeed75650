// Tasks through their whole life, on the workers: created, assigned, started, progressed, and then
// completed, failed, retried, cancelled or timed out. Tasks of a dead worker hang until it is back.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>

#include "exporter/simulate/workers.h"
#include "exporter/simulate/world.h"

namespace fleet::simulate {

class Tasks {
 public:
  Tasks(World& world, Workers& workers, double rate);

  // Slots each of `workers` needs so that `rate` tasks per second keep it half busy.
  static int SlotsFor(double rate, int workers);

  int open() const { return static_cast<int>(tasks_.size()); }

 private:
  struct Task {
    std::string id;
    std::string_view type;
    double median_seconds = 0;
    Worker* worker = nullptr;  // null while pending
    bool assigned = false;     // the worker knows of it
    UnixMillis started;
    double seconds = 0;       // it will take, once started
    std::uint64_t tries = 0;  // actions of an earlier try do nothing
  };
  using Number = std::uint64_t;

  void Arrive();
  void Dispatch();
  void Assign(Number number);
  void Start(Number number);
  void Progress(Number number);
  void End(Number number);
  void Retry(Number number, std::string_view reason);
  void Finish(Number number, std::string_view type);
  // Runs `step` of the task after `seconds`, unless it has been retried by then, or its worker is dead
  // and would have to take the step.
  void Then(Number number, double seconds, void (Tasks::*step)(Number));
  void RetryLost();

  World* world_;
  Workers* workers_;
  Random random_;
  double rate_;
  Number next_ = 0;
  std::map<Number, Task> tasks_;  // the unfinished ones
  std::deque<Number> pending_;
};

}  // namespace fleet::simulate
