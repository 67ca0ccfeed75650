#include "exporter/sources/source_config.h"

#include <catch2/catch.hpp>

#include "exporter/sources/source_types.h"

namespace fleet {
namespace {

struct Read {
  std::vector<SourceConfig> sources;
  std::string errors;
};

Read ReadText(const std::string& text) {
  const SourceText source("x.yaml", text);
  Diagnostics diagnostics(source);
  const auto node = yaml::Parse(source, diagnostics);
  REQUIRE(node);
  auto sources = ReadSources(*node, diagnostics);
  return {std::move(sources), diagnostics.Render()};
}

TEST_CASE("source config: a name, an interval and what the type needs") {
  const Read read = ReadText(R"(
- {type: coordinator, url: "http://a:1"}
- {type: coordinator, name: second, url: "https://b", min_interval: 1m, states: {away: offline}}
)");
  CHECK(read.errors == "");
  REQUIRE(read.sources.size() == 2);
  CHECK(read.sources[0].name == "coordinator");
  CHECK(read.sources[0].min_interval == std::chrono::seconds(5));
  CHECK(read.sources[1].name == "second");
  CHECK(read.sources[1].min_interval == std::chrono::minutes(1));
  CHECK(read.sources[1].make() != nullptr);
}

TEST_CASE("source config: all that is wrong at once") {
  CHECK(
      ReadText(R"(- {type: coordnator, url: "http://a"}
- {type: coordinator}
- {type: coordinator, name: b, url: "ftp://a"}
- {type: coordinator, name: c, url: "http://a", max_runners: many}
- {type: coordinator, name: d, url: "http://a", fields: {ident: id}}
- {type: coordinator, name: e, url: "http://a", states: {x: y}}
- {type: coordinator, name: workers, url: "http://a"}
- {type: coordinator, name: F, url: "http://a"}
- {type: coordinator, name: b, url: "http://a"}
)")
          .errors ==
      R"(x.yaml:1:10: error: 'type' must be coordinator, postgres, redis or cgroup, not 'coordnator' [value-type]
 1 | - {type: coordnator, url: "http://a"}
   |          ^~~~~~~~~~
x.yaml:2:4: error: a source needs the key 'url' [key-missing]
 2 | - {type: coordinator}
   |    ^~~~
x.yaml:3:37: error: 'url' must begin with http:// or https:// and hold no password [value-conflict]
 3 | - {type: coordinator, name: b, url: "ftp://a"}
   |                                     ^~~~~~~~~
x.yaml:4:62: error: 'max_runners' must be a whole number from 1 to 1000000, not 'many' [value-type]
 4 | - {type: coordinator, name: c, url: "http://a", max_runners: many}
   |                                                              ^~~~
x.yaml:5:58: error: a key of 'fields' must be one of list, id, pool, state, busy, heartbeat, slots, slots_used, active_runs, version, os, not 'ident' [key-unknown]
 5 | - {type: coordinator, name: d, url: "http://a", fields: {ident: id}}
   |                                                          ^~~~~
x.yaml:6:58: error: the state 'x' must become idle, busy, draining or offline, not 'y' [value-conflict]
 6 | - {type: coordinator, name: e, url: "http://a", states: {x: y}}
   |                                                          ^
x.yaml:7:29: error: 'workers' is the name of a collector [name-reserved]
 7 | - {type: coordinator, name: workers, url: "http://a"}
   |                             ^~~~~~~
x.yaml:8:4: error: two sources have the name 'coordinator'; give one another 'name' [name-duplicate]
 8 | - {type: coordinator, name: F, url: "http://a"}
   |    ^~~~
x.yaml:8:29: error: 'name' must have lower-case letters, digits, _ and - only [value-type]
 8 | - {type: coordinator, name: F, url: "http://a"}
   |                             ^
x.yaml:9:4: error: two sources have the name 'b'; give one another 'name' [name-duplicate]
 9 | - {type: coordinator, name: b, url: "http://a"}
   |    ^~~~
)");
}

TEST_CASE("source types: every row is complete, and its defaults pass their own checks") {
  for (const SourceType& type : SourceTypes()) {
    CAPTURE(type.name);
    CHECK_FALSE(type.summary.empty());
    const auto options = type.defaults();
    for (const SourceKey& key : type.keys) {
      CAPTURE(key.name);
      CHECK_FALSE(key.help.empty());
      CHECK(key.print != nullptr);
      if (key.kind != SourceKey::Kind::kValue || key.print(*options).empty()) continue;
      CHECK_FALSE(key.set(*options, key.print(*options)).has_value());
    }
    CHECK_FALSE(type.check(*options).has_value());
  }
}

}  // namespace
}  // namespace fleet
