// Sandboxes, each for a task of its own: requested, ready, active, terminated; their pools; and the
// cleanup job. In the incident those of one type are never terminated.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/simulate/world.h"

namespace fleet::simulate {

class Sandboxes {
 public:
  // `capacity` slots in each pool.
  Sandboxes(World& world, int capacity);

 private:
  using Number = std::uint64_t;
  struct Pool {
    std::string_view type;
    bool leaks = false;  // in the incident
    int used = 0;
  };
  struct Sandbox {
    std::string id;
    std::string task;
    std::string_view agent_type;
    Pool* pool = nullptr;
    UnixMillis requested;
    double seconds = 0;      // left until the end
    double cpu_seconds = 0;  // totals so far
    double received = 0;     // bytes
    double transmitted = 0;
    double throttled = 0;
    double waited = 0;
    int kills = 0;
    bool leaked = false;
    bool task_open = true;
  };

  void Arrive(Pool& pool);
  void Leak(Pool& pool);
  void Request(Pool& pool);
  void Provision(Number number);
  void Live(Number number);
  void Use(Sandbox& sandbox);
  void Constrain(const Sandbox& sandbox);
  void EndTask(Sandbox& sandbox, std::string_view type);
  void Terminate(Number number, std::string_view outcome, std::string_view reason);
  void Report(const Pool& pool);
  void CleanUp();
  bool Leaks(const Pool& pool) const;

  World* world_;
  Random random_;
  int capacity_;
  double mean_interval_;  // between requests of a pool, seconds
  Number next_ = 0;
  std::vector<Pool> pools_;  // never grows after construction
  std::map<Number, Sandbox> sandboxes_;
};

}  // namespace fleet::simulate
