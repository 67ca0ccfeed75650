#include "lib/catalog/print.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>

#include "lib/base/file_system.h"
#include "lib/base/text.h"
#include "lib/catalog/catalog.h"
#include "tests/support/paths.h"

namespace fleet::catalog {
namespace {

// The line of `text` that contains `needle`; empty when there is none.
std::string LineWith(std::string_view text, std::string_view needle) {
  for (const std::string_view line : Split(text, '\n')) {
    if (line.find(needle) != std::string_view::npos) return std::string(line);
  }
  return "";
}

TEST_CASE("print: JSON has one metric a line") {
  const std::string json = PrintJson("fleet");
  CHECK(json.starts_with(
      "{\"namespace\": \"fleet\", \"metrics\": [\n{\"name\":\"fleet_exporter_build_info\","));
  CHECK(json.ends_with("}\n]}\n"));
  CHECK(std::ranges::count(json, '\n') == static_cast<std::ptrdiff_t>(kMetricCount) + 2);
}

TEST_CASE("print: JSON of a metric") {
  const std::string json = PrintJson("acme");
  CHECK(LineWith(json, "acme_queue_depth\"") ==
        R"({"name":"acme_queue_depth","type":"gauge","unit":"","help":"Messages ready for delivery",)"
        R"("group":"queues","scope":"aggregate","on_by_default":true,"labels":[)"
        R"({"name":"queue","values":[],"bound":100},)"
        R"({"name":"priority","values":["critical","high","normal","low","none"],"bound":5}],)"
        R"("buckets":[]},)");
  CHECK(LineWith(json, "acme_event_size_bytes\"") ==
        R"({"name":"acme_event_size_bytes","type":"histogram","unit":"bytes",)"
        R"("help":"Size of the payload of an event","group":"events","scope":"aggregate",)"
        R"("on_by_default":true,"labels":[],)"
        R"("buckets":[128.0,512.0,2048.0,8192.0,32768.0,131072.0,524288.0,1048576.0]},)");
  CHECK(LineWith(json, "acme_user_tasks\"") ==
        R"({"name":"acme_user_tasks","type":"gauge","unit":"",)"
        R"("help":"Unfinished tasks of the users with the most of them","group":"tasks",)"
        R"("scope":"entity","on_by_default":false,"labels":[{"name":"user","values":[],"bound":20}],)"
        R"("buckets":[]},)");
}

TEST_CASE("print: rows of the Markdown tables") {
  const std::string markdown = PrintMarkdown("acme");
  CHECK(LineWith(markdown, "acme_queue_depth`") ==
        "| `acme_queue_depth` | gauge |  | `queue` (100)<br>`priority`: critical, high, normal, low, none | "
        "Messages ready for delivery |");
  CHECK(LineWith(markdown, "acme_queue_processing_duration_seconds`") ==
        "| `acme_queue_processing_duration_seconds` | histogram, [latency](#bucket-sets) | seconds | "
        "`queue` (100) | Time taken to process a message |");
  CHECK(LineWith(markdown, "acme_runner_last_heartbeat_timestamp_seconds`") ==
        "| `acme_runner_last_heartbeat_timestamp_seconds` | gauge | unix seconds | `runner_id` (500) | "
        "Time of the last heartbeat of the runner |");
  CHECK(LineWith(markdown, "| bytes | bytes |") ==
        "| bytes | bytes | 128.0, 512.0, 2048.0, 8192.0, 32768.0, 131072.0, 524288.0, 1.048576e+06 |");
}

TEST_CASE("print: the namespace is the only thing that depends on it") {
  std::string markdown = PrintMarkdown("acme");
  for (std::size_t at = 0; (at = markdown.find("acme", at)) != std::string::npos;) {
    markdown.replace(at, 4, "fleet");
  }
  CHECK(markdown == PrintMarkdown("fleet"));
}

TEST_CASE("print: every metric stands in the Markdown once") {
  const std::string markdown = PrintMarkdown("fleet");
  for (const std::string_view name : Names()) {
    const std::string cell = "| `fleet_" + std::string(name) + "` |";
    const std::size_t first = markdown.find(cell);
    CAPTURE(name);
    CHECK(first != std::string::npos);
    CHECK(markdown.find(cell, first + 1) == std::string::npos);
  }
}

TEST_CASE("print: docs/metrics.md is what the catalog prints") {
  const Result<std::string> committed = ReadFile(fleet::test::SourcePath("docs/metrics.md"));
  REQUIRE(committed.has_value());
  CHECK(*committed == PrintMarkdown("fleet"));
}

}  // namespace
}  // namespace fleet::catalog
