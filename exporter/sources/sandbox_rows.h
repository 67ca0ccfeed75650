// Grouped rows of an event table to what happened to the sandboxes.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "exporter/sources/clock_skew.h"
#include "exporter/sources/fact.h"
#include "exporter/sources/pg_client.h"

namespace fleet {

class SandboxRows {
 public:
  // Columns sandbox_id, event_type, first_time, time, count.
  void Add(const PgRow& row, const ClockSkew& skew);

  // In the order of time. `backfill`: what happened before the exporter began is not counted, and of
  // sandboxes that have ended only that, for those that were known before a restart.
  void Report(bool backfill, FactSink& facts) const;

 private:
  struct Row {
    std::string event_type;
    UnixMillis first, last;
    double count = 1;
  };

  std::map<std::string, std::vector<Row>> by_sandbox_;
  std::size_t unusable_ = 0;
};

}  // namespace fleet
