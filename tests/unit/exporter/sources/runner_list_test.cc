#include "exporter/sources/runner_list.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>

namespace fleet {
namespace {

RunnerMapping Mapping() {
  return {{{"list", "runners ."},
           {"id", "runner_id id"},
           {"pool", "pool"},
           {"state", "status"},
           {"busy", "busy"},
           {"heartbeat", "last_heartbeat"},
           {"slots", "slots"},
           {"slots_used", "used"},
           {"os", "host.os"}},
          {{"sleeping", "idle"}}};
}

std::string Print(const RunnerList& list) {
  std::string text;
  for (const ListedRunner& runner : list.runners) {
    text += fmt::format("{} {} {} {} {} {}/{}\n", runner.id, runner.pool, runner.state, runner.os,
                        runner.heartbeat ? runner.heartbeat->Seconds() : -1, runner.slots_used.value_or(-1),
                        runner.slots.value_or(-1));
  }
  if (!list.complete) text += "and more\n";
  if (list.unusable > 0) text += fmt::format("{} unusable: {}\n", list.unusable, list.example);
  return text;
}

std::string Parse(std::string_view json, std::size_t most = 10) {
  RunnerListParser parser;
  const auto list = parser.Parse(json, Mapping(), most);
  return list ? Print(*list) : list.error().message;
}

TEST_CASE("runner list: fields where the mapping says, in a member or as the document") {
  CHECK(Parse(R"({"runners": [{"runner_id": "a", "pool": "linux", "status": "ONLINE", "busy": true,
      "last_heartbeat": "2026-01-31T12:00:00.5+01:00", "slots": 4, "used": 1.0, "host": {"os": "debian"}}]})") ==
        "a linux busy debian 1769857200.5 1/4\n");
  CHECK(Parse(R"([{"id": 7, "status": "sleeping"}, {"id": "b", "status": "offline", "busy": {"id": 1}}])") ==
        "7  idle  -1 -1/-1\nb  offline  -1 -1/-1\n");
}

TEST_CASE("runner list: times as people write them") {
  const auto heartbeat = [](const std::string& value) {
    return Parse("[{\"id\": \"a\", \"last_heartbeat\": " + value + "}]");
  };
  const std::string noon = "a    1769860800 -1/-1\n";
  CHECK(heartbeat("\"2026-01-31T12:00:00Z\"") == noon);
  CHECK(heartbeat("\"2026-01-31 12:00:00\"") == noon);
  CHECK(heartbeat("1769860800") == noon);
  CHECK(heartbeat("1769860800000") == noon);
  CHECK(heartbeat("\"1769860800\"") == noon);
  CHECK(heartbeat("null") == "a    -1 -1/-1\n");
  CHECK(heartbeat("\"yesterday\"") == "a    -1 -1/-1\n1 unusable: a heartbeat is no time\n");
  CHECK(heartbeat("-5") == "a    -1 -1/-1\n1 unusable: a heartbeat is no time\n");
}

TEST_CASE("runner list: what is no runner is counted, the rest is kept") {
  CHECK(Parse(R"([{"id": "a", "status": "odd"}, {"name": "b"}, 3, null, {"id": {}}, {"id": "c"}])") ==
        "a    -1 -1/-1\nc    -1 -1/-1\n5 unusable: nobody knows the state 'odd'\n");
  CHECK(Parse(R"([{"id": "a"}, {"id": "b"}, {"id": "c"}])", 2) == "a    -1 -1/-1\nb    -1 -1/-1\nand more\n");
}

TEST_CASE("runner list: what is no list is an error") {
  CHECK(Parse("<html>").starts_with("the answer is no JSON: "));
  CHECK(Parse("").starts_with("the answer is no JSON: "));
  CHECK(Parse(R"({"runners": {"a": 1}})") == "the answer has no list at 'runners .'");
  CHECK(Parse("[]") == "");
  CHECK(Parse(std::string(100'000, '[')).starts_with("the answer is no JSON: "));
}

}  // namespace
}  // namespace fleet
