// What the fleet stands on: databases, a broker, external APIs and models, caches, stores, the events
// it records and delivers, and its backups.
#pragma once

#include "exporter/simulate/world.h"

namespace fleet::simulate {

class Backends {
 public:
  // `scale` multiplies the usual rates.
  Backends(World& world, double scale);

 private:
  void Query();
  void Call();
  void Look();
  void Record();
  void Report();
  void ReportApis();
  void Deliver();
  void KeepUndelivered();
  void Synchronise();

  World* world_;
  Random random_;
  double scale_;
  double event_rows_ = 120'000;
  double outbox_rows_ = 0;
  UnixMillis outbox_oldest_;
  double database_bytes_ = 3.2e9;
  double bloat_bytes_ = 0;  // of transactions that were rolled back
  double api_calls_ = 0;    // in the current rate limit window
  double synchronised_ = 0;
};

}  // namespace fleet::simulate
