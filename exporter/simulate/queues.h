// Message queues, counted and not followed message by message: arrivals, consumers, retries, dead
// letters. In the incident the consumers of the first queue drop out.
#pragma once

#include <deque>
#include <string_view>
#include <vector>

#include "exporter/simulate/world.h"

namespace fleet::simulate {

class Queues {
 public:
  // `scale` multiplies the usual rates of messages.
  Queues(World& world, double scale);

  // Messages ready in all queues.
  int depth() const;

 private:
  struct Cohort {  // messages that arrived in the same second
    UnixMillis time;
    int messages = 0;
  };
  struct Queue {
    std::string_view name;
    std::vector<std::string_view> message_types;
    double rate = 0;        // messages per second
    double capacity = 0;    // messages per second that all consumers can handle
    int consumers = 0;      // when all are there
    bool backs_up = false;  // in the incident
    double slow_until = 0;  // unix seconds; until then the backlog drains at `drain_rate`
    double drain_rate = 0;  // messages per second
    int depth = 0;
    int in_flight = 0;
    int dead_letters = 0;
    std::deque<Cohort> waiting;
  };

  void Second(Queue& queue);
  int Capacity(Queue& queue);
  void Enqueue(Queue& queue, int messages);
  void Process(Queue& queue, int messages);
  void Fail(Queue& queue, int messages);
  void Report(const Queue& queue);
  void StartDraining(Queue& queue);

  World* world_;
  Random random_;
  std::vector<Queue> queues_;  // never grows after construction
};

}  // namespace fleet::simulate
