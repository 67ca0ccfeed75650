// The source `postgres` against the real server, with the schema people have, and when it fails.
#include <fmt/format.h>
#include <signal.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <thread>

#include "tests/e2e/source_server.h"
#include "tests/support/servers.h"

using fleet::test::ConnectionWatch;
using fleet::test::HasLine;
using fleet::test::kMostMemory;
using fleet::test::kScrape;
using fleet::test::ParallelScrapes;
using fleet::test::PostgresServer;
using fleet::test::ScrapeInParallel;
using fleet::test::SourceServer;
using fleet::test::WaitFor;

namespace {

std::string PostgresConfig(const PostgresServer& database, const std::string& more = {}) {
  return fmt::format("sources:\n  - type: postgres\n    conninfo: {}\n    min_interval: 0s\n{}",
                     database.conninfo(), more);
}

constexpr char kSchema[] = R"(
CREATE TABLE worker_heartbeats (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    worker_type VARCHAR(50) NOT NULL,
    worker_id VARCHAR(100) NOT NULL,
    last_heartbeat TIMESTAMP WITH TIME ZONE NOT NULL,
    status VARCHAR(20) NOT NULL,
    metadata JSONB,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT NOW()
);
CREATE INDEX ON worker_heartbeats(worker_type, status);
CREATE INDEX ON worker_heartbeats(last_heartbeat);
CREATE TABLE sandbox_events (
    id BIGSERIAL PRIMARY KEY,
    sandbox_id VARCHAR(255) NOT NULL,
    event_type VARCHAR(100) NOT NULL,
    event_data JSONB,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT NOW()
);
CREATE INDEX ON sandbox_events(created_at);
CREATE TABLE tasks (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    task_type VARCHAR(50) NOT NULL,
    priority VARCHAR(20),
    status VARCHAR(20) NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    started_at TIMESTAMP WITH TIME ZONE,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL
);
CREATE INDEX ON tasks(status);
CREATE INDEX ON tasks(updated_at);
)";

constexpr char kRows[] = R"(
INSERT INTO worker_heartbeats (worker_type, worker_id, last_heartbeat, status, metadata) VALUES
  ('orchestrator', 'o-1', now(), 'healthy', '{"version": "1.2", "host": "h", "active_tasks": 3}'),
  ('sandbox', 's-1', now() - interval '10 minutes', 'healthy', '{"active_tasks": "many"}'),
  ('sandbox', 's-2', now() - interval '1 hour', 'down', NULL);
INSERT INTO sandbox_events (sandbox_id, event_type, created_at) VALUES
  ('sb-live', 'agent.started', now() - interval '20 minutes'),
  ('sb-live', 'agent.message', now() - interval '5 seconds'),
  ('sb-zombie', 'agent.message', now() - interval '20 minutes'),
  ('sb-gone', 'agent.message', now() - interval '30 minutes'),
  ('sb-gone', 'sandbox.terminated', now() - interval '20 minutes');
INSERT INTO tasks (task_type, priority, status, created_at, started_at, updated_at) VALUES
  ('build', 'high', 'pending', now() - interval '2 minutes', NULL, now() - interval '2 minutes'),
  ('build', 'low', 'assigned', now() - interval '2 hours', NULL, now() - interval '1 hour'),
  ('test', NULL, 'running', now() - interval '2 hours', now() - interval '1 hour', now()),
  ('test', NULL, 'completed', now() - interval '2 hours', now() - interval '1 hour', now() - interval '1 minute');
)";

int ConnectionsOf(const PostgresServer& database) {
  return std::stoi(
      database.Sql("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'fleet_exporter'"));
}

}  // namespace

TEST_CASE("postgres: the schema of worker monitoring works without configuration") {
  PostgresServer database;
  database.Sql(kSchema);
  database.Sql(kRows);
  SourceServer server(PostgresConfig(database));
  const std::string page = server.Page();
  for (const char* line : {
           "fleet_source_up{source=\"postgres\"} 1",
           "fleet_workers{worker_type=\"orchestrator\",state=\"healthy\"} 1",
           "fleet_workers{worker_type=\"sandbox\",state=\"stale\"} 1",
           "fleet_workers{worker_type=\"sandbox\",state=\"down\"} 1",
           "fleet_workers_active_tasks{worker_type=\"orchestrator\"} 3",
           "fleet_worker_info{worker_id=\"o-1\",worker_type=\"orchestrator\",version=\"1.2\",host=\"h\"} 1",
           "fleet_sandboxes{sandbox_type=\"unknown\",state=\"running\"} 2",
           "fleet_sandboxes_zombie{sandbox_type=\"unknown\"} 1",
           "fleet_tasks{task_type=\"build\",state=\"pending\"} 1",
           "fleet_tasks{task_type=\"build\",state=\"assigned\"} 1",
           "fleet_tasks{task_type=\"test\",state=\"running\"} 1",
           "fleet_tasks{task_type=\"test\",state=\"completed\"} 0",
           "fleet_tasks_stuck{state=\"assigned\"} 1",
           "fleet_tasks_stuck{state=\"running\"} 0",
           "fleet_db_up{database=\"postgres\"} 1",
           "fleet_db_connections_max{database=\"postgres\"} 100",
           "fleet_db_connections{database=\"postgres\",state=\"active\"} 1",
           "fleet_db_query_errors_total{database=\"postgres\",reason=\"timeout\"} 0",
       }) {
    CAPTURE(line);
    CHECK(HasLine(page, line));
  }
  CHECK(page.find("fleet_event_store_oldest_timestamp_seconds{table=\"sandbox_events\"} ") !=
        std::string::npos);
  CHECK(page.find("fleet_db_size_bytes{database=\"postgres\"} ") != std::string::npos);
  CHECK(server.CountInLog("Source failed") == 0);
}

TEST_CASE("postgres: what happens between two reads is counted once") {
  PostgresServer database;
  database.Sql(kSchema);
  database.Sql(kRows);
  SourceServer server(PostgresConfig(database));
  server.Page();
  server.Page();
  database.Sql(R"(
    UPDATE worker_heartbeats SET last_heartbeat = now() WHERE worker_id = 's-1';
    UPDATE tasks SET status = 'completed', updated_at = now() WHERE status = 'running';
    DELETE FROM tasks WHERE status = 'pending';
    INSERT INTO tasks (task_type, status, created_at, started_at, updated_at) VALUES
      ('quick', 'failed', now() - interval '3 s', now() - interval '2 s', now());
    INSERT INTO sandbox_events (sandbox_id, event_type) VALUES ('sb-live', 'agent.message'),
      ('sb-live', 'agent.message'), ('sb-zombie', 'sandbox.terminated');)");
  // Events are read when they are two seconds old.
  CHECK(server.Shows("fleet_events_total{event_type=\"agent.message\"} 2"));
  const std::string page = server.Page();
  for (const char* line : {
           "fleet_events_total{event_type=\"agent.message\"} 2",
           "fleet_worker_heartbeats_total{worker_type=\"sandbox\"} 3",
           "fleet_worker_heartbeats_total{worker_type=\"orchestrator\"} 1",
           "fleet_workers{worker_type=\"sandbox\",state=\"healthy\"} 1",
           "fleet_tasks_processed_total{task_type=\"test\",outcome=\"completed\"} 1",
           "fleet_tasks_processed_total{task_type=\"quick\",outcome=\"failed\"} 1",
           "fleet_tasks_processed_total{task_type=\"build\",outcome=\"cancelled\"} 1",
           "fleet_tasks{task_type=\"build\",state=\"pending\"} 0",
           "fleet_sandboxes{sandbox_type=\"unknown\",state=\"running\"} 1",
           "fleet_sandbox_terminations_total{reason=\"other\"} 1",
       }) {
    CAPTURE(line);
    CHECK(HasLine(page, line));
  }
}

TEST_CASE("postgres: after a restart nothing counts again, and what ended meanwhile is learnt") {
  PostgresServer database;
  database.Sql(kSchema);
  database.Sql(kRows);
  const fleet::test::TemporaryFolder folder;
  const std::string store = "--storage.path=" + folder.path();
  {
    SourceServer server(PostgresConfig(database), store);
    CHECK(HasLine(server.Page(), "fleet_tasks{task_type=\"test\",state=\"running\"} 1"));
    server.exporter().process().Signal(SIGTERM);
    REQUIRE(server.exporter().process().Wait(std::chrono::seconds(30)));
  }
  database.Sql(R"(
    UPDATE tasks SET status = 'completed', updated_at = now() WHERE status = 'running';
    INSERT INTO sandbox_events (sandbox_id, event_type, created_at) VALUES
      ('sb-zombie', 'sandbox.terminated', now() - interval '3 seconds');)");
  SourceServer server(PostgresConfig(database), store);
  server.Page();
  const std::string page = server.Page();
  for (const char* line : {
           "fleet_worker_heartbeats_total{worker_type=\"orchestrator\"} 1",
           "fleet_worker_heartbeats_total{worker_type=\"sandbox\"} 2",
           "fleet_tasks_created_total{task_type=\"build\"} 2",
           "fleet_tasks_assigned_total{worker_type=\"unknown\"} 1",
           "fleet_task_invalid_transitions_total{task_type=\"build\"} 0",
           "fleet_task_invalid_transitions_total{task_type=\"test\"} 0",
           "fleet_tasks{task_type=\"test\",state=\"running\"} 0",
           "fleet_tasks_processed_total{task_type=\"test\",outcome=\"completed\"} 1",
           "fleet_sandboxes{sandbox_type=\"unknown\",state=\"running\"} 1",
           "fleet_sandbox_terminations_total{reason=\"other\"} 1",
       }) {
    CAPTURE(line);
    CHECK(HasLine(page, line));
  }
  CHECK(server.CountInLog("Source told what cannot be used") == 0);
}

TEST_CASE("postgres: what has more rows than wanted is read in steps, and counted once") {
  PostgresServer database;
  database.Sql(kSchema);
  database.Sql(R"(
    INSERT INTO sandbox_events (sandbox_id, event_type, created_at)
      SELECT 'old-' || n, 'agent.message', now() - n * interval '1 minute' FROM generate_series(1, 100) n;
    INSERT INTO sandbox_events (sandbox_id, event_type, created_at)
      SELECT 'new-' || n, 'agent.message', now() + n * interval '0.1 second' FROM generate_series(1, 60) n;
    INSERT INTO tasks (task_type, status, created_at, updated_at)
      SELECT 'build', 'completed', now(), now() + n * interval '0.1 second' FROM generate_series(1, 60) n)");
  SourceServer server(PostgresConfig(database, "    max_rows: 20\n"));
  server.Page();
  std::this_thread::sleep_for(std::chrono::seconds(9));  // all are two seconds old
  server.Page();
  const std::string page = server.Page();
  CHECK(HasLine(page, "fleet_events_total{event_type=\"agent.message\"} 60"));
  CHECK(HasLine(page, "fleet_tasks_processed_total{task_type=\"build\",outcome=\"completed\"} 60"));
  CHECK(HasLine(page, "fleet_source_up{source=\"postgres\"} 1"));
  // Of the past as much as has no more rows than wanted.
  CHECK(HasLine(page, "fleet_sandboxes{sandbox_type=\"unknown\",state=\"running\"} 71"));
  CHECK(server.CountInLog("more than 20 rows") == 0);
}

TEST_CASE("postgres: stopped and started again, with one log line each") {
  PostgresServer database;
  SourceServer server(PostgresConfig(database));
  CHECK(HasLine(server.Page(), "fleet_db_up{database=\"postgres\"} 1"));
  database.Stop();
  ConnectionWatch connections(database.port());
  const ParallelScrapes scrapes = ScrapeInParallel(server);
  CHECK(connections.Most() <= 2);
  CHECK(scrapes.answered == 10);
  CHECK(scrapes.longest_seconds <= kScrape);
  const std::string page = server.Page();
  CHECK(HasLine(page, "fleet_db_up{database=\"postgres\"} 0"));
  CHECK(HasLine(page, "fleet_source_up{source=\"postgres\"} 0"));
  CHECK(server.CountInLog("Source failed") == 1);
  database.Start();
  CHECK(server.Shows("fleet_db_up{database=\"postgres\"} 1"));
  CHECK(server.CountInLog("Source works again") == 1);
}

TEST_CASE("postgres: hanging, it stops no scrape, and at most two connections are ever open") {
  PostgresServer database;
  SourceServer server(PostgresConfig(database));
  server.Page();
  database.SignalAll(SIGSTOP);
  ConnectionWatch connections(database.port());
  const ParallelScrapes scrapes = ScrapeInParallel(server);
  CHECK(scrapes.answered == 10);
  CHECK(scrapes.longest_seconds <= kScrape);
  CHECK(connections.Most() <= 2);
  CHECK(HasLine(server.Page(kScrape), "fleet_db_up{database=\"postgres\"} 0"));
  CHECK(server.CountInLog("Source failed") == 1);
  database.SignalAll(SIGCONT);
  CHECK(server.Shows("fleet_db_up{database=\"postgres\"} 1"));
  CHECK(ConnectionsOf(database) <= 2);
}

TEST_CASE("postgres: only the backend hangs, and no connections pile up") {
  PostgresServer database;
  SourceServer server(PostgresConfig(database));
  server.Page();
  const auto backends = [&] {
    return database.Sql(
        "SELECT string_agg(pid::text, ' ') FROM pg_stat_activity WHERE application_name = "
        "'fleet_exporter'");
  };
  const pid_t first = std::stoi(backends());
  kill(first, SIGSTOP);
  ScrapeInParallel(server);
  CHECK(server.Shows("fleet_db_up{database=\"postgres\"} 1"));  // over the second connection
  CHECK(ConnectionsOf(database) == 2);
  const std::string both = backends();
  const pid_t second = std::stoi(both.substr(0, both.find(' '))) == first
                           ? std::stoi(both.substr(both.find(' ')))
                           : std::stoi(both);
  kill(second, SIGSTOP);
  ConnectionWatch connections(database.port());
  CHECK(ScrapeInParallel(server).answered == 10);
  CHECK(connections.Most() == 2);
  kill(first, SIGCONT);
  kill(second, SIGCONT);
  CHECK(server.Shows("fleet_db_up{database=\"postgres\"} 1"));
  CHECK(ConnectionsOf(database) == 2);
}

TEST_CASE("postgres: refusing everybody") {
  PostgresServer database({"max_connections=5", "superuser_reserved_connections=1"});
  database.Sql("CREATE ROLE monitor LOGIN CONNECTION LIMIT 0");
  SourceServer server(fmt::format(
      "sources:\n  - {{type: postgres, conninfo: host=127.0.0.1 port={} dbname=postgres user=monitor, "
      "min_interval: 0s}}\n",
      database.port()));
  ConnectionWatch connections(database.port());
  const ParallelScrapes scrapes = ScrapeInParallel(server);
  CHECK(scrapes.answered == 10);
  CHECK(scrapes.longest_seconds <= kScrape);
  CHECK(connections.Most() <= 2);
  CHECK(HasLine(server.Page(), "fleet_db_up{database=\"postgres\"} 0"));
  CHECK(server.CountInLog("too many connections for role") == 1);
}

TEST_CASE("postgres: a locked table fails one query, in time, and leaves the others") {
  PostgresServer database;
  database.Sql(kSchema);
  database.Sql(kRows);
  SourceServer server(PostgresConfig(database));
  server.Page();
  std::thread locker(
      [&] { database.Sql("BEGIN; LOCK TABLE worker_heartbeats; SELECT pg_sleep(4); COMMIT;"); });
  REQUIRE(WaitFor(std::chrono::seconds(30), [&] {
    return database.Sql(
               "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(4)%' AND state = "
               "'active'") != "1";
  }));
  const std::string page = server.Page();
  locker.join();
  CHECK(HasLine(page, "fleet_source_up{source=\"postgres\"} 0"));
  CHECK(HasLine(page, "fleet_db_up{database=\"postgres\"} 1"));
  CHECK(HasLine(page, "fleet_tasks{task_type=\"build\",state=\"pending\"} 1"));
  CHECK(server.CountInLog("query 'workers': canceling statement due to lock timeout") == 1);
  // What was seen before is not counted again.
  CHECK(HasLine(server.Page(), "fleet_worker_heartbeats_total{worker_type=\"sandbox\"} 2"));
}

TEST_CASE("postgres: a table that would be read whole is left alone") {
  PostgresServer database;
  database.Sql(
      "CREATE TABLE tasks (id BIGINT, status TEXT, updated_at TIMESTAMPTZ);"
      "INSERT INTO tasks SELECT i, 'pending', now() FROM generate_series(1, 30000) i; ANALYZE tasks;");
  SourceServer server(PostgresConfig(database, "    max_cost: 300\n"));
  const std::string page = server.Page();
  CHECK(HasLine(page, "fleet_source_up{source=\"postgres\"} 1"));
  CHECK(page.find("fleet_tasks{") == std::string::npos);
  CHECK(server.CountInLog("query 'tasks' was left out: its estimated cost") == 1);
}

TEST_CASE("postgres: of a long table of events as much of the past is read as costs no more than wanted") {
  PostgresServer database;
  database.Sql(kSchema);
  database.Sql(
      "INSERT INTO sandbox_events (sandbox_id, event_type, created_at) SELECT 'sb-' || n % 10, "
      "'agent.message', "
      "now() - n * interval '0.4 second' FROM generate_series(1, 200000) n; ANALYZE sandbox_events");
  SourceServer server(PostgresConfig(database, "    max_cost: 500\n"));
  CHECK(HasLine(server.Page(), "fleet_sandboxes{sandbox_type=\"unknown\",state=\"running\"} 10"));
  CHECK(server.CountInLog("was left out") == 0);
}

TEST_CASE("postgres: queries of one's own, right and wrong") {
  PostgresServer database;
  SourceServer server(PostgresConfig(database, R"(    max_rows: 100
    max_cost: 0
    queries:
      database: off
      queue.state: SELECT 'jobs' AS queue, 7 AS depth, now() - interval '1 min' AS oldest_time
      runner.heartbeat: SELECT generate_series(1, 10000000) AS runner_id, 'p' AS pool
      sync.progress: SELECT 'a' AS sync, 0.5 AS ratio, 1 AS extra
      agent.pool: DELETE FROM pg_class
      sandbox.pool: SELECT 'x' AS sandbox_type, 'NaN'::float8 AS capacity, -1 AS available
      api.state: SELECT 'github' AS api, true AS up, 'many' AS rate_limit_remaining
)"));
  const std::string page = server.Page();
  CHECK(HasLine(page, "fleet_queue_depth{queue=\"jobs\",priority=\"none\"} 7"));
  CHECK(HasLine(page, "fleet_runners{pool=\"p\",state=\"idle\"} 100"));
  CHECK(HasLine(page, "fleet_external_api_up{api=\"github\"} 1"));
  CHECK(HasLine(page, "fleet_source_up{source=\"postgres\"} 0"));
  CHECK(page.find("fleet_sync_progress_ratio{") == std::string::npos);
  CHECK(page.find("fleet_sandbox_pool_capacity{") == std::string::npos);
  CHECK(server.CountInLog("Source failed") == 1);
  CHECK(server.CountInLog("msg=\"Source told what cannot be used\"") == 1);
  CHECK(server.PeakMemory() < kMostMemory);
  CHECK(database.Sql("SELECT count(*) > 0 FROM pg_class") == "t");
}

TEST_CASE("postgres: what the system itself writes down becomes gauges and running totals") {
  PostgresServer database;
  database.Sql("CREATE SEQUENCE written_rows; SELECT setval('written_rows', 4711)");
  database.Sql(
      R"(CREATE TABLE monitoring_metrics (metric_type VARCHAR(50) NOT NULL, metric_value NUMERIC NOT NULL,
    tags JSONB, recorded_at TIMESTAMP WITH TIME ZONE DEFAULT now());
INSERT INTO monitoring_metrics VALUES
  ('sandbox_active', 3, '{"region": "eu"}', now() - interval '1 minute'), ('sandbox_active', 5, '{"region": "eu"}', now()),
  ('sandbox_active', 2, '{"region": "us"}', now()), ('task_assigned', 8, '{"region": "eu"}', now()),
  ('event_count', 9, NULL, now()))");
  SourceServer server(PostgresConfig(database, R"(    queries:
      custom: >-
        SELECT DISTINCT ON (metric_type, tags) metric_type AS name, metric_value AS value, recorded_at AS time,
          tags->>'region' AS "labels.region"
        FROM monitoring_metrics ORDER BY metric_type, tags, recorded_at DESC
      custom/kinds: SELECT 'metric_kinds' AS name, count(DISTINCT metric_type) AS value FROM monitoring_metrics
      custom/rows: SELECT 'written_rows_total' AS name, last_value AS value FROM written_rows
      custom/broken: SELECT 'metric_kinds' AS name, 1 AS valeu
custom_metrics:
  - {name: metric_kinds, type: gauge, help: Kinds of metrics}
  - {name: sandbox_active, type: gauge, help: Active sandboxes, labels: [{name: region, values: [eu, us]}]}
  - {name: task_assigned, type: gauge, help: Assigned tasks, labels: [{name: region, limit: 3}]}
  - {name: handled_events_total, type: counter, help: Handled events}
  - {name: written_rows_total, type: counter, cumulative: true, help: Rows written}
)"));
  for (int i = 0; i < 2; ++i) {
    const std::string page = server.Page();
    CHECK(HasLine(page, "fleet_sandbox_active{region=\"eu\"} 5"));
    CHECK(HasLine(page, "fleet_sandbox_active{region=\"us\"} 2"));
    CHECK(HasLine(page, "fleet_task_assigned{region=\"eu\"} 8"));
    CHECK(HasLine(page, "fleet_metric_kinds 3"));
    CHECK(HasLine(page, "fleet_written_rows_total 4711"));
    CHECK(HasLine(page, "fleet_source_up{source=\"postgres\"} 0"));
  }
  CHECK(server.CountInLog("query 'custom/broken'") == 1);
  CHECK(server.CountInLog("no metric 'event_count' is declared in the configuration") == 1);
  database.Sql(
      "UPDATE monitoring_metrics SET metric_type = 'handled_events_total' WHERE metric_type = 'event_count'");
  database.Sql("SELECT setval('written_rows', 12)");
  const std::string page = server.Page();
  CHECK(HasLine(page, "fleet_handled_events_total 0"));
  CHECK(HasLine(page, "fleet_written_rows_total 12"));
}

TEST_CASE("postgres: the password comes from its file, and stays out of log and page") {
  PostgresServer database;
  database.Sql(
      "SET password_encryption = 'scram-sha-256'; CREATE ROLE secretive LOGIN PASSWORD 's3cr3t'; "
      "CREATE TABLE hba (line TEXT); COPY hba FROM PROGRAM 'echo \"host all secretive 127.0.0.1/32 "
      "scram-sha-256\" | cat - pg_hba.conf > pg_hba.new && mv pg_hba.new pg_hba.conf'; SELECT "
      "pg_reload_conf();");
  const fleet::test::TemporaryFolder folder;
  const std::string file = folder.Write("password", "s3cr3t\n");
  SourceServer server(fmt::format(
      "sources:\n  - {{type: postgres, conninfo: host=127.0.0.1 port={} dbname=postgres user=secretive, "
      "password_file: {}, min_interval: 0s}}\n",
      database.port(), file));
  CHECK(server.Shows("fleet_db_up{database=\"postgres\"} 1"));
  folder.Write("password", "wr0ng\n");
  database.Sql(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'fleet_exporter'");
  CHECK(server.Shows("fleet_db_up{database=\"postgres\"} 0"));
  CHECK(server.CountInLog("s3cr3t") == 0);
  CHECK(server.CountInLog("wr0ng") == 0);
}
