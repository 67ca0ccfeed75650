#include "exporter/sources/pg_queries.h"

#include <fmt/format.h>

#include "lib/base/text.h"

namespace fleet {
namespace {

constexpr std::string_view kWorkers = "worker_heartbeats";
constexpr std::string_view kEvents = "sandbox_events";
constexpr std::string_view kTasks = "tasks";

std::string Epoch(std::string_view expression) { return fmt::format("extract(epoch from {})", expression); }

std::string Quoted(const std::vector<std::string>& texts) {
  std::vector<std::string> quoted;
  for (const std::string& text : texts) {
    std::string literal = "'";
    for (const char c : text) literal += c == '\'' ? "''" : std::string(1, c);
    quoted.push_back(literal + "'");
  }
  return Join(quoted, ", ");
}

// A number, or NULL where the text is none: the query must not fail for one row.
std::string JsonNumber(std::string_view key) {
  return fmt::format(R"(CASE WHEN metadata->>'{0}' ~ '^[0-9]+(\.[0-9]+)?$' THEN metadata->>'{0}' END AS {0})",
                     key);
}

std::string TaskState(const PgSchema& schema) { return schema.First(kTasks, {"status", "state"}); }
std::string TaskId(const PgSchema& schema) { return schema.First(kTasks, {"id", "task_id"}); }

// When the task last changed.
std::string TaskTime(const PgSchema& schema) {
  return schema.First(kTasks, {"updated_at", "completed_at", "started_at", "assigned_at", "created_at"});
}

std::string TaskColumns(const PgSchema& schema) {
  std::string columns = fmt::format("{}::text AS task_id, {}::text AS state, {} AS time", TaskId(schema),
                                    TaskState(schema), Epoch(TaskTime(schema)));
  const auto add = [&](std::string_view as, std::initializer_list<std::string_view> names, bool is_time) {
    const std::string column = schema.First(kTasks, names);
    if (column.empty()) return;
    columns += fmt::format(", {} AS {}", is_time ? Epoch(column) : column + "::text", as);
  };
  add("task_type", {"task_type", "type"}, false);
  add("priority", {"priority"}, false);
  add("\"user\"", {"user_id", "created_by"}, false);
  add("worker_type", {"worker_type"}, false);
  add("created_time", {"created_at"}, true);
  add("started_time", {"started_at"}, true);
  return columns;
}

bool HasTasks(const PgSchema& schema) {
  return !TaskId(schema).empty() && !TaskState(schema).empty() && !TaskTime(schema).empty();
}

// Compared as the column's own type where that can use an index; an enumeration knows only its words.
std::string StateAsText(const PgSchema& schema) {
  const std::string column = TaskState(schema);
  const std::string& type = schema.tables.find(kTasks)->second.find(column)->second;
  return type == "varchar" || type == "text" || type == "bpchar" ? column : column + "::text";
}

}  // namespace

std::string PgSchema::First(std::string_view table, std::initializer_list<std::string_view> columns) const {
  const auto found = tables.find(table);
  if (found == tables.end()) return "";
  for (const std::string_view column : columns) {
    if (found->second.contains(column)) return std::string(column);
  }
  return "";
}

std::string SchemaQuery() {
  return "SELECT c.relname AS table_name, a.attname AS column_name, t.typname AS type_name "
         "FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid JOIN pg_type t ON t.oid = a.atttypid "
         "WHERE c.oid IN (to_regclass('worker_heartbeats'), to_regclass('sandbox_events'), "
         "to_regclass('tasks')) AND a.attnum > 0 AND NOT a.attisdropped";
}

std::string WorkersQuery(const PgSchema& schema) {
  for (const std::string_view column : {"worker_id", "worker_type", "last_heartbeat"}) {
    if (schema.First(kWorkers, {column}).empty()) return "";
  }
  std::string columns = fmt::format("worker_id, worker_type, {} AS time", Epoch("last_heartbeat"));
  if (!schema.First(kWorkers, {"status"}).empty()) {
    columns += ", CASE WHEN status IN ('stopped', 'crashed') THEN status END AS process_state";
  }
  if (schema.First(kWorkers, {"metadata"}) == "metadata" &&
      schema.tables.find(kWorkers)->second.find("metadata")->second.starts_with("json")) {
    columns += ", metadata->>'host' AS host, metadata->>'version' AS version";
    for (const std::string_view key : {"active_tasks", "memory_bytes", "cpu_seconds", "events_buffered"}) {
      columns += ", " + JsonNumber(key);
    }
  }
  return fmt::format(
      "SELECT {} FROM worker_heartbeats WHERE last_heartbeat > now() - interval '1 day' "
      "ORDER BY last_heartbeat DESC",
      columns);
}

std::string SandboxEventsQuery(const PgSchema& schema) {
  if (schema.First(kEvents, {"sandbox_id"}).empty() || schema.First(kEvents, {"created_at"}).empty())
    return "";
  const bool has_type = !schema.First(kEvents, {"event_type"}).empty();
  return fmt::format(
      "SELECT sandbox_id::text AS sandbox_id, {} AS event_type, {} AS first_time, {} AS time, count(*) AS "
      "count "
      "FROM sandbox_events WHERE created_at > to_timestamp($1::float8) AND created_at <= "
      "to_timestamp($2::float8) GROUP BY 1, 2 ORDER BY max(created_at)",
      has_type ? "event_type::text" : "'activity'", Epoch("min(created_at)"), Epoch("max(created_at)"));
}

std::string OpenTasksQuery(const PgSchema& schema, const std::vector<std::string>& open_states) {
  if (!HasTasks(schema)) return "";
  return fmt::format("SELECT {} FROM tasks WHERE {} IN ({})", TaskColumns(schema), StateAsText(schema),
                     Quoted(open_states));
}

std::string EndedTasksQuery(const PgSchema& schema, const std::vector<std::string>& open_states) {
  const std::string changed = schema.First(kTasks, {"updated_at", "completed_at"});
  if (!HasTasks(schema) || changed.empty()) return "";
  return fmt::format(
      "SELECT {0} FROM tasks WHERE {1} > to_timestamp($1::float8) AND {2} NOT IN ({3}) ORDER BY {1}",
      TaskColumns(schema), changed, StateAsText(schema), Quoted(open_states));
}

std::string TasksByIdQuery(const PgSchema& schema) {
  if (!HasTasks(schema)) return "";
  const std::string id = TaskId(schema);
  const std::string& type = schema.tables.find(kTasks)->second.find(id)->second;
  return fmt::format("SELECT {} FROM tasks WHERE {} = ANY($1::{}[])", TaskColumns(schema), id, type);
}

std::string StoreQuery(const PgSchema& schema) {
  if (schema.First(kEvents, {"created_at"}).empty()) return "";
  return fmt::format(
      "SELECT 'sandbox_events' AS \"table\", (SELECT CASE WHEN reltuples >= 0 THEN reltuples END FROM "
      "pg_class "
      "WHERE oid = to_regclass('sandbox_events')) AS rows, (SELECT {} FROM sandbox_events) AS oldest_time",
      Epoch("min(created_at)"));
}

std::string DatabaseQuery() {
  return "SELECT $1::text AS database, true AS up, current_setting('max_connections') AS connections_max, "
         "pg_database_size(current_database()) AS size_bytes, "
         "count(*) FILTER (WHERE state LIKE 'idle%') AS \"connections.idle\", "
         "count(*) FILTER (WHERE state = 'active' AND wait_event_type IS DISTINCT FROM 'Lock') "
         "AS \"connections.active\", "
         "count(*) FILTER (WHERE state = 'active' AND wait_event_type = 'Lock') AS \"connections.waiting\" "
         "FROM pg_stat_activity WHERE datname = current_database()";
}

}  // namespace fleet
