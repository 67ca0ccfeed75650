#include "exporter/sources/row_facts.h"

#include <catch2/catch.hpp>

#include "exporter/sources/pg_queries.h"
#include "exporter/sources/sandbox_rows.h"
#include "tests/unit/exporter/sources/source_fixture.h"

namespace fleet {
namespace {

using Lines = std::vector<std::string>;

class FakeRow final : public PgRow {
 public:
  FakeRow(std::initializer_list<std::pair<std::string, std::optional<std::string>>> columns)
      : columns_(columns) {}
  std::size_t size() const override { return columns_.size(); }
  std::string_view name(std::size_t column) const override { return columns_[column].first; }
  std::optional<std::string_view> value(std::size_t column) const override {
    const auto& text = columns_[column].second;
    return text ? std::optional<std::string_view>(*text) : std::nullopt;
  }

 private:
  std::vector<std::pair<std::string, std::optional<std::string>>> columns_;
};

constexpr UnixMillis kNow{100'000};

std::string FactOf(const FakeRow& row, std::string_view type, const ClockSkew& skew = {}) {
  test::RecordedFacts facts;
  facts.Report(ToFact(row, type, kNow, skew));
  return facts.lines.front();
}

TEST_CASE("row facts: columns are fields, by their kind") {
  CHECK(FactOf({{"queue", "q"},
                {"depth", "7"},
                {"oldest_time", "50.5"},
                {"circuit_breaker_open", "t"},
                {"time", "90"}},
               "queue.state") == "queue.state @90 queue=q depth=7 oldest_time=50.5 circuit_breaker_open=1");
  CHECK(FactOf({{"database", "d"}, {"connections.idle", "3"}, {"size_bytes", std::nullopt}}, "db.state") ==
        "db.state @100 database=d connections.idle=3");
}

TEST_CASE("row facts: labels are columns, too, and one without a value is none") {
  CHECK(FactOf({{"name", "orders"}, {"value", "7"}, {"labels.shop", "eu"}, {"labels.till", std::nullopt}},
               "custom") == "custom @100 name=orders value=7 labels=shop labels=eu");
  CHECK(FactOf({{"name", "orders"}, {"labels.shop", std::string(200, 'x')}, {"labels.till", "1"}},
               "custom") == "custom @100 name=orders labels=till labels=1 (labels of a custom is too long)");
}

TEST_CASE("row facts: a time in the future is now, a wrong clock is corrected") {
  CHECK(FactOf({{"queue", "q"}, {"time", "900"}}, "queue.state") == "queue.state @100 queue=q");
  ClockSkew skew;
  skew.Learn(kNow, UnixMillis{40'000});
  CHECK(FactOf({{"queue", "q"}, {"time", "30"}}, "queue.state", skew) == "queue.state @90 queue=q");
  skew.Learn(kNow, UnixMillis{41'000});  // jitter
  CHECK(FactOf({{"queue", "q"}, {"time", "30"}}, "queue.state", skew) == "queue.state @90 queue=q");
}

TEST_CASE("row facts: values of the wrong type are left out and named") {
  CHECK(FactOf({{"queue", "q"}, {"depth", "many"}}, "queue.state") ==
        "queue.state @100 queue=q (depth of a queue.state is not finite)");
  CHECK(FactOf({{"queue", "q"}, {"oldest_time", "soon"}}, "queue.state") ==
        "queue.state @100 queue=q (oldest_time of a queue.state is not finite)");
}

TEST_CASE("row facts: columns nobody knows, and missing ones") {
  const auto problem = [](const FakeRow& row, std::string_view type) {
    const auto checked = CheckColumns(row, type);
    return checked ? "" : checked.error().message;
  };
  CHECK(problem({{"sync", "a"}, {"ratio", "1"}, {"time", "1"}}, "sync.progress") == "");
  CHECK(problem({{"sync", "a"}, {"ratio", "1"}, {"x", "1"}}, "sync.progress") ==
        "a column 'x' means nothing; there may be time, sync, ratio");
  CHECK(problem({{"sync", "a"}}, "sync.progress") == "a column 'ratio' is missing");
  CHECK(problem({{"database", "a"}, {"connections", "1"}}, "db.state")
            .starts_with("a column 'connections' means"));
}

TEST_CASE("sandbox rows: the past is not counted, and what has ended only ends") {
  SandboxRows rows;
  const auto add = [&](const char* id, const char* type, const char* first, const char* last, const char* n) {
    rows.Add(
        FakeRow(
            {{"sandbox_id", id}, {"event_type", type}, {"first_time", first}, {"time", last}, {"count", n}}),
        ClockSkew());
  };
  add("a", "agent.message", "1", "5", "3");
  add("b", "agent.message", "1", "2", "1");
  add("b", "sandbox.terminated", "3", "3", "1");
  rows.Add(FakeRow({{"sandbox_id", std::nullopt}, {"time", "1"}}), ClockSkew());
  test::RecordedFacts past;
  rows.Report(/*backfill=*/true, past);
  CHECK(past.lines == Lines{"unusable 1: a row of sandbox_events lacks sandbox_id or time",
                            "sandbox.activity @1 sandbox_id=a", "sandbox.activity @5 sandbox_id=a",
                            "sandbox.terminated @3 sandbox_id=b"});
  test::RecordedFacts present;
  rows.Report(/*backfill=*/false, present);
  CHECK(present.lines ==
        Lines{"unusable 1: a row of sandbox_events lacks sandbox_id or time",
              "event.recorded @5 event_type=agent.message x3", "sandbox.activity @1 sandbox_id=a",
              "sandbox.activity @5 sandbox_id=a", "event.recorded @2 event_type=agent.message",
              "event.recorded @3 event_type=sandbox.terminated", "sandbox.activity @1 sandbox_id=b",
              "sandbox.activity @2 sandbox_id=b", "sandbox.terminated @3 sandbox_id=b"});
}

TEST_CASE("pg queries: made of the columns that are there") {
  PgSchema schema;
  CHECK(WorkersQuery(schema) == "");
  CHECK(OpenTasksQuery(schema, {"pending"}) == "");
  CHECK(SandboxEventsQuery(schema) == "");
  CHECK(StoreQuery(schema) == "");
  schema.tables["tasks"] = {{"id", "int8"}, {"state", "task_state"}, {"created_at", "timestamptz"}};
  CHECK(OpenTasksQuery(schema, {"it's", "b"}) ==
        "SELECT id::text AS task_id, state::text AS state, extract(epoch from created_at) AS time, "
        "extract(epoch from "
        "created_at) AS created_time FROM tasks WHERE state::text IN ('it''s', 'b')");
  CHECK(EndedTasksQuery(schema, {"b"}) == "");
  CHECK(TasksByIdQuery(schema).ends_with("FROM tasks WHERE id = ANY($1::int8[])"));
  schema.tables["worker_heartbeats"] = {
      {"worker_id", "varchar"}, {"worker_type", "varchar"}, {"last_heartbeat", "timestamptz"}};
  CHECK(WorkersQuery(schema) ==
        "SELECT worker_id, worker_type, extract(epoch from last_heartbeat) AS time FROM worker_heartbeats "
        "WHERE "
        "last_heartbeat > now() - interval '1 day' ORDER BY last_heartbeat DESC");
}

}  // namespace
}  // namespace fleet
