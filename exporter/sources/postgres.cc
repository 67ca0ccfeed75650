#include "exporter/sources/postgres.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <map>
#include <set>

#include "exporter/sources/pg_client.h"
#include "exporter/sources/pg_queries.h"
#include "exporter/sources/row_facts.h"
#include "exporter/sources/sandbox_rows.h"
#include "exporter/sources/task_tracker.h"
#include "lib/base/text.h"

namespace fleet {
namespace {

using source_keys::TextMap;

constexpr std::string_view kOff = "off";
constexpr std::chrono::minutes kSchemaAge{5};
constexpr std::size_t kMostVanished = 1000;

struct PostgresOptions : SourceOptions {
  std::string conninfo = "host=127.0.0.1";
  std::string password_file;
  std::string database;
  std::int64_t max_rows = 10'000;
  std::int64_t max_cost = 20'000;
  Duration lock_timeout = std::chrono::milliseconds(500);
  TextMap queries;
  TextMap states;
};

// What a query may be of: our own kinds, and event types that say how things are, so that a row seen
// twice does no harm.
constexpr std::string_view kCustom = "custom", kMoreCustom = "custom/";
constexpr std::string_view kQueryNames[] = {
    "workers",      "sandbox_events",    "tasks",       "tasks_ended",   "store",
    "database",     "runner.heartbeat",  "queue.state", "sandbox.usage", "sandbox.pool",
    "agent.pool",   "component.state",   "api.state",   "sync.progress", "backup.inventory",
    "broker.state", "backup.replicated", kCustom,       "custom/*"};

// clang-format 14 takes the lambdas for functions.
// clang-format off
using O = PostgresOptions;
constexpr SourceKey kKeys[] = {
    source_keys::Text<O, [](auto& o) -> auto& { return o.conninfo; }>(
        {"conninfo", "Connection string or URI of libpq, without the password: `host=db dbname=app "
                     "user=fleet sslmode=verify-full`"}),
    source_keys::Text<O, [](auto& o) -> auto& { return o.password_file; }>(
        {"password_file", "File with the password"}),
    source_keys::Text<O, [](auto& o) -> auto& { return o.database; }>(
        {"database", "Its name in `fleet_db_up{database}`; by default that of the connection string, else "
                     "of the source"}),
    source_keys::Integer<O, [](auto& o) -> auto& { return o.max_rows; }, 1, 1'000'000>(
        {"max_rows", "Most rows taken from one query"}),
    source_keys::Integer<O, [](auto& o) -> auto& { return o.max_cost; }, 0, 1'000'000'000'000>(
        {"max_cost", "Most a query may cost by the estimate of `EXPLAIN`, asked before it runs; a query "
                     "that would read a large table whole costs more, and is left out. 0 for no limit"}),
    source_keys::Time<O, [](auto& o) -> auto& { return o.lock_timeout; }>(
        {"lock_timeout", "Longest wait for a lock. `statement_timeout` is what is left of the scrape"}),
    source_keys::Map<O, [](auto& o) -> auto& { return o.queries; }, kQueryNames>(
        {"queries", "SQL instead of the built-in query of that name, or `off`; see below"}),
    source_keys::Map<O, [](auto& o) -> auto& { return o.states; }, source_keys::kAnyName>(
        {"states", "What a word in the state of a task means: `pending`, `assigned`, `running`, "
                   "`completed`, `failed`, `cancelled` or `timed_out`; common words are known"}),
};
// clang-format on

std::optional<SourceType::Problem> Check(const SourceOptions& options) {
  const auto& o = static_cast<const PostgresOptions&>(options);
  if (const auto wrong = PgClient::CheckConninfo(o.conninfo)) {
    return SourceType::Problem{"conninfo", "'conninfo' cannot be used: " + *wrong};
  }
  constexpr std::string_view kStates[] = {"pending", "assigned",  "running",  "completed",
                                          "failed",  "cancelled", "timed_out"};
  for (const auto& [word, state] : o.states) {
    if (std::ranges::find(kStates, state) != std::end(kStates)) continue;
    return SourceType::Problem{"states", fmt::format("the state '{}' cannot become '{}'", word, state)};
  }
  return std::nullopt;
}

// For db_query_errors_total.
std::string_view ReasonOf(const PgError& error) {
  if (error.sqlstate == "57014" || error.sqlstate == "55P03" || error.sqlstate.empty()) return "timeout";
  if (error.sqlstate.starts_with("28") || error.sqlstate == "42501") return "auth";
  if (error.sqlstate.starts_with("40")) return "conflict";
  if (error.sqlstate.starts_with("53")) return "refused";
  return error.sqlstate.starts_with("42") ? "validation" : "other";
}

class Postgres final : public Source {
 public:
  Postgres(const PostgresOptions& options, const std::string& name)
      : options_(options),
        client_({options.conninfo, options.password_file}),
        words_(options.states),
        tasks_(words_) {
    database_ = options.database.empty() ? PgClient::DatabaseOf(options.conninfo) : options.database;
    if (database_.empty()) database_ = name;
  }

  Result<void> Read(const SourceRun& run) override {
    Reading reading{run, run.clock.Now(), {}, false};
    if (const auto begun = Begin(reading); !begun) return Fail(begun.error().message);
    ReadDatabase(reading);
    ReadWorkers(reading);
    ReadSandboxEvents(reading);
    ReadTasks(reading);
    ReadPlain(reading, "store", "event.store", StoreQuery(schema_), {});
    for (const auto& [name, sql] : options_.queries) {
      if (name == kCustom || name.starts_with(kMoreCustom)) {
        ReadRows(reading, name, kCustom, "", {},
                 [&](Fact fact) { reading.run.facts.Report(fact.Observed()); });
      } else if (name.find('.') != std::string::npos) {
        ReadPlain(reading, name, name, "", {});
      }
    }
    if (!reading.lost) static_cast<void>(client_.Execute("COMMIT", run.deadline));
    if (!reading.error.empty()) return Fail(reading.error);
    return {};
  }

  void ReportDown(FactSink& facts, UnixMillis now) const override {
    if (answers_) return;
    facts.Report(Fact("db.state", now).Text(Field::kDatabase, database_).Bool(Field::kUp, false));
  }

 private:
  struct Reading {
    const SourceRun& run;
    UnixMillis now;
    std::string error;  // the first
    bool lost;          // the connection: nothing more can be asked
  };

  // A connection, its transaction, the server's time and, now and then, its tables.
  tl::expected<void, PgError> Begin(const Reading& reading) {
    answers_ = false;
    const Deadline& deadline = reading.run.deadline;
    for (bool retried = false;; retried = true) {
      const auto acquired = client_.Acquire(deadline);
      if (!acquired) return tl::make_unexpected(acquired.error());
      const auto begun = BeginTransaction(deadline);
      if (begun) break;
      // The server closed a connection that was idle.
      if (!begun.error().lost || *acquired || retried) return begun;
    }
    const auto asked = client_.Query("SELECT extract(epoch from clock_timestamp())", {}, deadline,
                                     [&](const PgRow& row) { LearnTime(row, reading.now); });
    if (!asked) return asked;
    answers_ = true;
    if (Deadline::Clock::now() - schema_read_ < kSchemaAge && schema_read_.time_since_epoch().count() > 0)
      return {};
    return ReadSchema(deadline);
  }

  tl::expected<void, PgError> BeginTransaction(const Deadline& deadline) {
    const auto left = std::max<std::int64_t>(1, deadline.Left().count());
    const std::string_view end = client_.InTransaction() ? "ROLLBACK; " : "";
    return client_.Execute(
        fmt::format("{}BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = {}; "
                    "SET LOCAL lock_timeout = {}; SET LOCAL idle_in_transaction_session_timeout = 30000",
                    end, left, std::max<std::int64_t>(1, options_.lock_timeout.count())),
        deadline);
  }

  void LearnTime(const PgRow& row, UnixMillis now) {
    const auto seconds = NumberOf(row.value(0));
    if (!seconds) return;
    server_seconds_ = *seconds;
    skew_.Learn(now, UnixMillis{static_cast<std::int64_t>(*seconds * 1000)});
  }

  tl::expected<void, PgError> ReadSchema(const Deadline& deadline) {
    PgSchema schema;
    const auto read = client_.Query(SchemaQuery(), {}, deadline, [&](const PgRow& row) {
      schema.tables[std::string(*row.value(0))][std::string(*row.value(1))] = std::string(*row.value(2));
    });
    if (!read) return read;
    schema_ = std::move(schema);
    schema_read_ = Deadline::Clock::now();
    costs_.clear();
    left_out_.clear();
    return {};
  }

  // The configured query of that name, else the built-in one; empty: none.
  std::string SqlOf(std::string_view name, const std::string& built_in) const {
    const auto configured = options_.queries.find(name);
    if (configured == options_.queries.end()) return built_in;
    if (configured->second == kOff) return "";
    std::string sql(Trim(configured->second));
    while (sql.ends_with(';')) sql.pop_back();
    return sql;
  }

  enum class Answer { kNone, kTooCostly, kTooLong, kWhole };

  // Runs it if it costs no more than wanted. Of a longer answer than wanted the first rows are taken.
  Answer Ask(Reading& reading, std::string_view name, const std::string& sql,
             const std::vector<std::string>& parameters, const PgClient::OnRow& on_row) {
    if (sql.empty() || reading.lost || left_out_.contains(name)) return Answer::kNone;
    if (options_.max_cost != 0) {
      const auto cost = CostOf(reading, name, sql, parameters);
      if (!cost) return Answer::kNone;
      if (*cost > static_cast<double>(options_.max_cost)) return Answer::kTooCostly;
    }
    std::int64_t rows = 0;
    const auto begin = Deadline::Clock::now();
    const auto read = client_.Query(fmt::format("SELECT * FROM ({}) q LIMIT {}", sql, options_.max_rows + 1),
                                    parameters, reading.run.deadline, [&](const PgRow& row) {
                                      if (++rows <= options_.max_rows) on_row(row);
                                    });
    ReportQuery(reading, Deadline::Clock::now() - begin, read ? nullptr : &read.error());
    if (!read) {
      Failed(reading, name, read.error());
      return Answer::kNone;
    }
    return rows <= options_.max_rows ? Answer::kWhole : Answer::kTooLong;
  }

  // Where more rows than wanted are a problem. True: it ran to its end, and these were all.
  bool AskAll(Reading& reading, std::string_view name, const std::string& sql,
              const std::vector<std::string>& parameters, const PgClient::OnRow& on_row) {
    const Answer answer = Ask(reading, name, sql, parameters, on_row);
    if (answer == Answer::kTooLong) NoteTooLong(reading, name);
    if (answer == Answer::kTooCostly) LeaveOut(reading, name);
    return answer == Answer::kWhole;
  }

  void NoteTooLong(Reading& reading, std::string_view name) const {
    Note(reading, fmt::format("query '{}' has more than {} rows", name, options_.max_rows));
  }

  void ReportQuery(const Reading& reading, std::chrono::nanoseconds duration, const PgError* error) const {
    Fact fact("db.query", reading.now);
    fact.Text(Field::kDatabase, database_).Text(Field::kOperation, "read");
    if (error != nullptr) fact.Text(Field::kError, ReasonOf(*error));
    reading.run.facts.Report(
        fact.Number(Field::kDurationSeconds, std::chrono::duration<double>(duration).count()));
  }

  // As estimated by the server, which is asked once for each time that the schema is read.
  std::optional<double> CostOf(Reading& reading, std::string_view name, const std::string& sql,
                               const std::vector<std::string>& parameters) {
    if (const auto known = costs_.find(name); known != costs_.end()) return known->second;
    double cost = 0;
    const auto explained =
        client_.Query("EXPLAIN " + sql, parameters, reading.run.deadline, [&](const PgRow& row) {
          const std::string line(row.value(0).value_or(""));
          const std::size_t at = line.find("..");
          if (cost == 0 && at != std::string::npos) cost = std::strtod(line.c_str() + at + 2, nullptr);
        });
    if (!explained) {
      Failed(reading, name, explained.error());
      return std::nullopt;
    }
    return costs_[std::string(name)] = cost;
  }

  // Until the schema is read again.
  void LeaveOut(const Reading& reading, std::string_view name) {
    left_out_.emplace(name);
    reading.run.facts.Unusable(
        1, fmt::format(
               "query '{}' was left out: its estimated cost {:.0f} is over max_cost {}; an index would help",
               name, costs_.find(name)->second, options_.max_cost));
  }

  // The rest of the read goes on in a new transaction, if there is a connection.
  void Failed(Reading& reading, std::string_view name, const PgError& error) {
    Note(reading, fmt::format("query '{}': {}", name, error.message));
    reading.lost = error.lost || !BeginTransaction(reading.run.deadline);
    if (error.lost) answers_ = false;
  }

  static void Note(Reading& reading, std::string text) {
    if (reading.error.empty()) reading.error = std::move(text);
  }

  // A query whose rows are events of `type`.
  void ReadPlain(Reading& reading, std::string_view name, std::string_view type, const std::string& built_in,
                 const std::vector<std::string>& parameters) {
    ReadRows(reading, name, type, built_in, parameters,
             [&](const Fact& fact) { reading.run.facts.Report(fact); });
  }

  void ReadRows(Reading& reading, std::string_view name, std::string_view type, const std::string& built_in,
                const std::vector<std::string>& parameters, const std::function<void(const Fact&)>& take) {
    bool checked = false;
    Result<void> columns;
    const std::string sql = SqlOf(name, built_in);
    AskAll(reading, name, sql, sql == built_in ? parameters : std::vector<std::string>(),
           [&](const PgRow& row) {
             if (!std::exchange(checked, true)) columns = CheckColumns(row, type);
             if (columns) take(ToFact(row, type, reading.now, skew_));
           });
    if (!columns) Note(reading, fmt::format("query '{}': {}", name, columns.error().message));
  }

  void ReadDatabase(Reading& reading) {
    ReadPlain(reading, "database", "db.state", DatabaseQuery(), {database_});
  }

  // A heartbeat that has been seen before is none.
  void ReadWorkers(Reading& reading) {
    ReadRows(reading, "workers", "worker.heartbeat", WorkersQuery(schema_), {},
             [&](Fact fact) { reading.run.facts.Report(fact.Retold()); });
  }

  // Events between the last read and a moment ago: who writes now may commit later. In the first read the
  // last day, or as much of it as is neither longer nor costlier than wanted; later in as many steps as that
  // takes, and a step is counted when it is whole, so that nothing counts twice.
  void ReadSandboxEvents(Reading& reading) {
    constexpr double kCommit = 2, kBackfill = 24 * 3600, kShortest = 1;
    const std::string sql = SqlOf("sandbox_events", SandboxEventsQuery(schema_));
    const bool first = events_until_ == 0;
    const double newest = server_seconds_ - kCommit;
    double step = first ? kBackfill : newest - events_until_;
    while (step > 1e-6) {  // of a second: less is rounding
      const double since = first ? newest - step : events_until_;
      const double until = since + step;
      SandboxRows rows;
      const Answer answer =
          Ask(reading, "sandbox_events", sql, {fmt::format("{:.6f}", since), fmt::format("{:.6f}", until)},
              [&](const PgRow& row) { rows.Add(row, skew_); });
      if (answer == Answer::kNone) return;
      if (answer != Answer::kWhole && step > kShortest) {
        if (answer == Answer::kTooCostly) costs_.erase("sandbox_events");
        step = std::max(kShortest, step / 2);
        continue;
      }
      if (answer == Answer::kTooCostly) return LeaveOut(reading, "sandbox_events");
      if (answer == Answer::kTooLong) NoteTooLong(reading, "sandbox_events");
      rows.Report(first, reading.run.facts);
      events_until_ = until;
      step = std::min(step, newest - until);
    }
  }

  void ReadTasks(Reading& reading) {
    FactSink& facts = reading.run.facts;
    tasks_.Begin();
    const std::vector<std::string> open = words_.OpenWords();
    const auto see = [&](const PgRow& row) { SeeTask(row, facts); };
    const std::string sql = SqlOf("tasks", OpenTasksQuery(schema_, open));
    const bool whole = AskAll(reading, "tasks", sql, {}, see);
    ReadEnded(reading, EndedTasksQuery(schema_, open));
    if (whole && !options_.queries.contains("tasks")) ReadVanished(reading, facts);
    if (!reading.lost) tasks_.End(reading.now);
  }

  // The built-in query has its rows in the order of time: behind as many as wanted it is asked again.
  void ReadEnded(Reading& reading, const std::string& built_in) {
    constexpr double kOverlap = 10;
    if (tasks_since_ == 0) tasks_since_ = KnownUntil(reading);
    double since = tasks_since_ - kOverlap;
    const std::string sql = SqlOf("tasks_ended", built_in);
    for (double last = since;; since = last) {
      const Answer answer =
          Ask(reading, "tasks_ended", sql, {fmt::format("{:.6f}", since)}, [&](const PgRow& row) {
            SeeTask(row, reading.run.facts);
            last = std::max(last, NumberOf(row.Find("time")).value_or(last));
          });
      if (answer == Answer::kWhole) tasks_since_ = server_seconds_;
      if (answer == Answer::kTooCostly) {
        LeaveOut(reading, "tasks_ended");
        tasks_since_ = server_seconds_;  // from now on it costs less
      }
      if (answer != Answer::kTooLong) return;
      if (sql != built_in || last <= since) return NoteTooLong(reading, "tasks_ended");
    }
  }

  // By the server's clock: now, or in the first read after a restart when the exporter ended, a day ago at
  // most.
  double KnownUntil(const Reading& reading) const {
    constexpr std::chrono::hours kLongest{24};
    const auto silent = reading.now - reading.run.known_until;
    return server_seconds_ - (silent > kLongest ? 0 : ToSeconds(silent));
  }

  void ReadVanished(Reading& reading, FactSink& facts) {
    const std::vector<std::string> vanished = tasks_.Vanished(kMostVanished);
    if (vanished.empty()) return;
    std::string array;
    for (const std::string& id : vanished) {
      array += array.empty() ? "{\"" : ",\"";
      for (const char c : id) array += c == '"' || c == '\\' ? std::string("\\") + c : std::string(1, c);
      array += '"';
    }
    std::set<std::string, std::less<>> found;
    const bool whole =
        AskAll(reading, "tasks_by_id", TasksByIdQuery(schema_), {array + "}"}, [&](const PgRow& row) {
          SeeTask(row, facts);
          found.emplace(row.Find("task_id").value_or(""));
        });
    if (!whole) return;
    for (const std::string& id : vanished) {
      if (!found.contains(id)) tasks_.Deleted(id, reading.now, facts);
    }
  }

  void SeeTask(const PgRow& row, FactSink& facts) {
    const auto text = [&](std::string_view column) { return std::string(row.Find(column).value_or("")); };
    TaskRow task{text("task_id"),
                 text("state"),
                 text("task_type"),
                 text("priority"),
                 text("user"),
                 text("worker_type"),
                 {},
                 {},
                 {}};
    const auto time = TimeOf(row, "time", skew_);
    if (task.id.empty() || task.state.empty() || !time) {
      return facts.Unusable(1, "a row of tasks lacks task_id, state or time");
    }
    task.time = *time;
    task.created = TimeOf(row, "created_time", skew_);
    task.started = TimeOf(row, "started_time", skew_);
    tasks_.See(task, facts);
  }

  PostgresOptions options_;
  std::string database_;
  PgClient client_;
  std::atomic<bool> answers_ = false;  // in the read that runs or ran last
  PgSchema schema_;
  Deadline::Clock::time_point schema_read_;
  std::map<std::string, double, std::less<>> costs_;  // by name of the query
  std::set<std::string, std::less<>> left_out_;       // names
  ClockSkew skew_;
  double server_seconds_ = 0;
  double events_until_ = 0;
  TaskWords words_;
  TaskTracker tasks_;
  double tasks_since_ = 0;
};

constexpr char kNotes[] =
    R"(Without `queries` the tables `worker_heartbeats`, `sandbox_events` and `tasks` are read, as far as they exist on
the search path and with the columns they have. All queries of one read run in one read-only transaction, over
one connection; there is a second only while an earlier query has not been answered, and never a third.

| name | built-in query | columns of your own |
|---|---|---|
| `workers` | heartbeats of the last day | the fields of [`worker.heartbeat`](events.md), `time` |
| `sandbox_events` | events since the last read, by sandbox and type; at first of the last day, or as much of it as `max_rows` allows | `sandbox_id`, `event_type`, `first_time`, `time`, `count`; parameters `$1` and `$2`: from and to, unix seconds |
| `tasks` | tasks that have not ended | `task_id`, `state`, `time`, `task_type`, `priority`, `user`, `worker_type`, `created_time`, `started_time` |
| `tasks_ended` | tasks that ended since the last read | the same; parameter `$1`: since when, unix seconds |
| `store` | estimated rows and oldest event of `sandbox_events` | the fields of `event.store` |
| `database` | connections, size and limit of the database itself | the fields of `db.state`; `connections.idle` and so on |
| `queue.state`, `runner.heartbeat`, `sandbox.usage`, `sandbox.pool`, `agent.pool`, `component.state`, `api.state`, `broker.state`, `sync.progress`, `backup.inventory`, `backup.replicated` | none | the fields of the event type, `time` |
| `custom`, and as many `custom/NAME` as there are | none | `name` of a gauge or a cumulative counter among the [custom metrics](#custom-metrics), `value`, `"labels.LABEL"` for each of its labels, `time` |

A column is a field of the event type, by its name; times are unix seconds or RFC 3339, and are corrected where the
server's clock is wrong. A query must be one `SELECT`. The user needs `SELECT` on the tables, and `pg_monitor` to see
the connections of others. After a restart nothing counts again that was known before, and tasks and sandboxes that
ended meanwhile end; events of the time between are not counted.

```yaml
sources:
  - type: postgres
    conninfo: host=db.example.org dbname=app user=fleet_exporter sslmode=verify-full
    password_file: /etc/fleet/db-password
    queries:
      tasks_ended: off
      queue.state: SELECT name AS queue, waiting AS depth FROM queue_summary
      custom/orders: SELECT 'orders_open' AS name, count(*) AS value, shop AS "labels.shop" FROM orders_open GROUP BY shop
      custom/carts: SELECT 'carts_open' AS name, count(*) AS value FROM carts
      custom/commits: SELECT 'commits_total' AS name, xact_commit AS value FROM pg_stat_database WHERE datname = 'app'
```)";

}  // namespace

const SourceType kPostgresSource = {
    .name = "postgres",
    .summary =
        "Reads workers, sandboxes and tasks from PostgreSQL, and the state of the database itself "
        "(`fleet_db_*`; `fleet_db_queries_total` and its duration are those of the exporter's queries).",
    .notes = kNotes,
    .keys = kKeys,
    .interval = {},
    .defaults = []() -> std::unique_ptr<SourceOptions> { return std::make_unique<PostgresOptions>(); },
    .check = Check,
    .make = [](const SourceOptions& options, const std::string& name) -> std::unique_ptr<Source> {
      return std::make_unique<Postgres>(static_cast<const PostgresOptions&>(options), name);
    },
};

}  // namespace fleet
