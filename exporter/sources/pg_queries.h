// The queries for the schema people have without configuration: worker_heartbeats, sandbox_events and
// tasks. Each is made of the columns that are there. None reads a table whole by design; whether the
// server would have to is asked before (see postgres.cc).
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace fleet {

struct PgSchema {
  // table -> column -> type as the server names it
  std::map<std::string, std::map<std::string, std::string, std::less<>>, std::less<>> tables;

  bool Has(std::string_view table) const { return tables.contains(table); }
  // The first of the columns that the table has; empty: none.
  std::string First(std::string_view table, std::initializer_list<std::string_view> columns) const;
};

// What the schema is read with: rows table_name, column_name, type_name.
std::string SchemaQuery();

// Each is empty where the schema lacks what it needs. Times are unix seconds.

// worker.heartbeat, of the last day.
std::string WorkersQuery(const PgSchema& schema);
// $1, $2: from and to as unix seconds. Columns sandbox_id, event_type, first_time, time, count.
std::string SandboxEventsQuery(const PgSchema& schema);
// Tasks in one of these states. Columns as in task_tracker.h.
std::string OpenTasksQuery(const PgSchema& schema, const std::vector<std::string>& open_states);
// $1: since when, as unix seconds.
std::string EndedTasksQuery(const PgSchema& schema, const std::vector<std::string>& open_states);
// $1: an array of ids.
std::string TasksByIdQuery(const PgSchema& schema);
// event.store
std::string StoreQuery(const PgSchema& schema);
// db.state; $1: the name of the database.
std::string DatabaseQuery();

}  // namespace fleet
