#include "exporter/config.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <string>

#include "exporter/settings.h"
#include "lib/base/file_system.h"
#include "tests/support/paths.h"

namespace fleet {
namespace {

Config Read(std::string text) {
  const SourceText source("exporter.yaml", std::move(text));
  Diagnostics diagnostics(source);
  const Config config = ReadConfig(source, diagnostics);
  CHECK(diagnostics.Render() == "");
  return config;
}

std::string ErrorsOf(std::string text) {
  const SourceText source("exporter.yaml", std::move(text));
  Diagnostics diagnostics(source);
  ReadConfig(source, diagnostics);
  return diagnostics.Render();
}

TEST_CASE("config: an empty file is the defaults") {
  for (const char* text : {"", "# nothing\n\n  # at all", "web:\n  telemetry_path: /metrics\n"}) {
    CHECK(Read(text).web.telemetry_path == "/metrics");
  }
}

TEST_CASE("config: values of every kind") {
  const Config config = Read(R"(
web:
  listen_addresses: [":1", "unix:/run/f.sock"]
  telemetry_path: /m
  max_requests: 7
  disable_exporter_metrics: true
ingest:
  max_body_bytes: 2048
  body_deadline: 3s
metrics: {namespace: acme}
workers:
  stale_after: 1m
  down_after: 2m
  types:
    sandbox: {stale_after: 10s, down_after: 30s}
series: {workers: 0, sandboxes: 50}
log: {level: warn, format: json}
)");
  CHECK(config.web.listen_addresses == std::vector<std::string>{":1", "unix:/run/f.sock"});
  CHECK(config.web.max_requests == 7);
  CHECK(config.web.disable_exporter_metrics);
  CHECK(config.ingest.limits.max_body_bytes == 2048);
  CHECK(config.ingest.body_deadline == std::chrono::seconds(3));
  CHECK(config.metric_namespace == "acme");
  CHECK(config.fleet.worker.stale == std::chrono::minutes(1));
  CHECK(config.fleet.by_type.at("sandbox").down == std::chrono::seconds(30));
  CHECK(config.fleet.max_worker_series == 0);
  CHECK(config.fleet.max_sandbox_series == 50);
  CHECK(config.log_level == LogLevel::kWarn);
  CHECK(config.log_format == LogFormat::kJson);
}

TEST_CASE("config: all that is wrong at once, with its place") {
  CHECK(
      ErrorsOf(R"(web:
  listen_addresses: [nowhere, ":1"]
  max_requests: 0
  telemetry: /m
workers:
  stale_after: 5
  types:
    sandbox: {stale_after: 1h, down_after: 30m}
    runner: {stale_after: 1m}
log: {level: "loud"}
metrics: fleet
)") ==
      R"(exporter.yaml:2:22: error: an item of 'listen_addresses' must be an address: [HOST]:PORT or unix:/PATH, not 'nowhere' [value-type]
 2 |   listen_addresses: [nowhere, ":1"]
   |                      ^~~~~~~
exporter.yaml:3:17: error: 'max_requests' must be a whole number from 1 to 1000, not '0' [value-type]
 3 |   max_requests: 0
   |                 ^
exporter.yaml:4:3: error: section 'web' has no key 'telemetry' [key-unknown]
 4 |   telemetry: /m
   |   ^~~~~~~~~
note: it has: listen_addresses, telemetry_path, max_requests, max_connections, config_file, open_health, disable_exporter_metrics, scrape_timeout, enable_lifecycle
exporter.yaml:6:16: error: 'stale_after' must be a duration such as 90s, 5m or 1h30m, not '5' [value-type]
 6 |   stale_after: 5
   |                ^
exporter.yaml:8:44: error: workers.types.sandbox.down_after (30m) must be longer than workers.types.sandbox.stale_after (1h) [value-conflict]
 8 |     sandbox: {stale_after: 1h, down_after: 30m}
   |                                            ^~~
exporter.yaml:9:14: error: worker type 'runner' needs the key 'down_after' [key-missing]
 9 |     runner: {stale_after: 1m}
   |              ^~~~~~~~~~~
exporter.yaml:10:14: error: 'level' must be one of debug, info, warn, error, not 'loud' [value-type]
 10 | log: {level: "loud"}
    |              ^~~~~~
exporter.yaml:11:10: error: section 'metrics' must be a map, not a single value [value-type]
 11 | metrics: fleet
    |          ^~~~~
)");
}

TEST_CASE("config: sections and worker types that are none") {
  CHECK(ErrorsOf("wep: {}\n").find("exporter.yaml:1:1: error: the configuration has no key 'wep'") == 0);
  CHECK(ErrorsOf("workers: {types: [sandbox]}\n").find("'types' must be a map of worker types") !=
        std::string::npos);
  CHECK(ErrorsOf("- web\n").find("exporter.yaml:1:1: error: ") == 0);
}

TEST_CASE("config: conflicts name the key to change") {
  Config config;
  CHECK(FindConflicts(config).empty());
  config.fleet.worker.stale = config.fleet.worker.down;
  config.fleet.runner.stale = std::chrono::hours(1);
  config.ingest.limits.max_plain_bytes = 10;
  const auto conflicts = FindConflicts(config);
  REQUIRE(conflicts.size() == 3);
  CHECK(conflicts[0].key == "workers.down_after");
  CHECK(conflicts[1].text == "runners.offline_after (5m) must be longer than runners.stale_after (1h)");
  CHECK(conflicts[2].text ==
        "ingest.max_plain_bytes (10) must not be less than ingest.max_body_bytes (1048576)");
}

TEST_CASE("settings: the defaults fit, nothing fits the empty text, names are unique") {
  std::vector<std::string_view> names;
  for (const Setting& setting : Settings()) {
    CAPTURE(setting.key);
    Config config;
    CHECK(setting.set(config, "").has_value());
    if (!setting.is_list()) {
      const std::string value = setting.print(config);
      if (!value.empty()) CHECK_FALSE(setting.set(config, value).has_value());
      CHECK(setting.print(config) == setting.print(Config()));
    }
    for (const std::string_view name : {setting.key, setting.flag}) {
      if (name.empty()) continue;
      CHECK(std::find(names.begin(), names.end(), name) == names.end());
      names.push_back(name);
    }
  }
}

// FLEET_WRITE_DOCS=1 writes the file instead.
TEST_CASE("settings: docs/exporter-config.md is up to date") {
  const std::string path = fleet::test::SourcePath("docs/exporter-config.md");
  if (std::getenv("FLEET_WRITE_DOCS") != nullptr) REQUIRE(WriteFileAtomically(path, PrintConfigMarkdown()));
  CHECK(ReadFile(path).value_or("") == PrintConfigMarkdown());
}

TEST_CASE("settings: examples/exporter.yaml has every key, with its default") {
  const auto example = ReadFile(fleet::test::SourcePath("examples/exporter.yaml"));
  REQUIRE(example);
  const Config config = Read(*example);
  for (const Setting& setting : Settings()) {
    CAPTURE(setting.key);
    CHECK(setting.print(config) == setting.print(Config()));
    const std::string key(setting.key.substr(setting.key.find('.') + 1));
    const std::string line = (setting.print(Config()).empty() ? "\n  # " : "\n  ") + key + ": ";
    CHECK(example->find(line) != std::string::npos);
  }
}

}  // namespace
}  // namespace fleet
