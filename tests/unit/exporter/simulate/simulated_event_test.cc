#include "exporter/simulate/simulated_event.h"

#include <catch2/catch.hpp>

namespace fleet::simulate {
namespace {

TEST_CASE("an event becomes one line of CloudEvents JSON") {
  const SimulatedEvent event{"db.state",
                             UnixMillis{1'700'000'000'250},
                             {{"database", "post\"gres\n"},
                              {"up", true},
                              {"connections", NumbersByKey{{"active", 3}, {"idle", 4.5}}},
                              {"size_bytes", 3'200'000'000},
                              {"oldest_time", UnixMillis{1'600'000'000'125}}}};
  CHECK(ToJsonLine(event, "fleet-simulator", "run-7") ==
        R"({"specversion":"1.0","id":"run-7","source":"fleet-simulator","type":"fleet.db.state",)"
        R"("time":"2023-11-14T22:13:20.250Z","data":{"database":"post\"gres\u000a","up":true,)"
        R"("connections":{"active":3,"idle":4.5},"size_bytes":3200000000,"oldest_time":1600000000.125}})"
        "\n");
}

TEST_CASE("an event without data has an empty object") {
  CHECK(ToJsonLine({"x", UnixMillis{0}, {}}, "s", "i") ==
        R"({"specversion":"1.0","id":"i","source":"s","type":"fleet.x","time":"1970-01-01T00:00:00.000Z",)"
        "\"data\":{}}\n");
}

TEST_CASE("fields are found by name, absent ones are empty") {
  const SimulatedEvent event{"x", UnixMillis{0}, {{"queue", "tasks"}, {"depth", 3}, {"count", 5}}};
  CHECK(event.Text("queue") == "tasks");
  CHECK(event.Number("depth") == 3);
  CHECK(event.Text("depth").empty());
  CHECK(event.Number("none") == 0);
  CHECK(event.Count() == 5);
  CHECK(SimulatedEvent{"x", UnixMillis{0}, {}}.Count() == 1);
}

}  // namespace
}  // namespace fleet::simulate
