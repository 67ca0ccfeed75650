// Hours of samples in seconds: what is written, and that it depends on the options alone.
#include "exporter/simulate/history.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "lib/base/file_system.h"
#include "lib/base/text.h"
#include "tests/support/process.h"

namespace fleet::simulate {
namespace {

std::string Write(const std::string& file) {
  SimulationOptions simulation;
  simulation.workers = 2;
  simulation.rate = 0.5;
  const HistoryOptions options = {.file = file,
                                  .length = std::chrono::seconds(60),
                                  .interval = std::chrono::seconds(30),
                                  .end = UnixMillis{1'795'310'400'000}};
  REQUIRE(WriteHistory(simulation, options).has_value());
  return ReadFile(file).value();
}

std::vector<std::string> LinesOf(const std::string& text, std::string_view name) {
  std::vector<std::string> lines;
  for (const std::string_view line : Split(text, '\n')) {
    if (line.starts_with(name)) lines.emplace_back(line);
  }
  return lines;
}

TEST_CASE("history: every sample has the target's labels and the time of its scrape") {
  const test::TemporaryFolder folder;
  const std::string text = Write(folder.path() + "/h.om");
  CHECK(LinesOf(text, "up{") ==
        std::vector<std::string>{"up{job=\"fleet\",instance=\"127.0.0.1:9941\"} 1 1795310340",
                                 "up{job=\"fleet\",instance=\"127.0.0.1:9941\"} 1 1795310370",
                                 "up{job=\"fleet\",instance=\"127.0.0.1:9941\"} 1 1795310400"});
  CHECK(text.find("fleet_workers{job=\"fleet\",instance=\"127.0.0.1:9941\",worker_type=\"sandbox\","
                  "state=\"down\"} 0 1795310400\n") != std::string::npos);
  CHECK(text.ends_with("# EOF\n"));
  CHECK(LinesOf(text, "#") == std::vector<std::string>{"# EOF"});
}

TEST_CASE("history: the same options write the same bytes") {
  const test::TemporaryFolder folder;
  CHECK(Write(folder.path() + "/a.om") == Write(folder.path() + "/b.om"));
}

// The last value of the series that begins so.
double Last(const std::string& text, std::string_view series) {
  const std::vector<std::string> lines = LinesOf(text, series);
  REQUIRE_FALSE(lines.empty());
  const std::string& line = lines.back();
  const std::size_t value = line.find("} ") + 2;
  return std::stod(line.substr(value, line.find(' ', value) - value));
}

TEST_CASE("history: a bad network loses single scrapes, and what is sent again cannot be") {
  const test::TemporaryFolder folder;
  SimulationOptions simulation;
  simulation.incidents.sequence = {Incident::kNetworkLoss};
  simulation.incidents.duration = std::chrono::minutes(20);
  const HistoryOptions options = {.file = folder.path() + "/h.om",
                                  .length = std::chrono::minutes(10),
                                  .interval = std::chrono::seconds(30),
                                  .end = UnixMillis{1'795'310'400'000}};
  REQUIRE(WriteHistory(simulation, options).has_value());
  const std::string text = ReadFile(options.file).value();
  std::string ups;
  for (const std::string& line : LinesOf(text, "up{")) ups += line[line.find("} ") + 2];
  CHECK(ups.size() == 21);
  CHECK(std::ranges::count(ups, '0') == 2);
  CHECK(ups.find("00") == std::string::npos);
  CHECK(Last(text, "fleet_exporter_config_last_reload_successful{") == 0);
  double impossible = 0;
  for (const std::string_view type : {"summarize", "lint", "code_review", "run_tests"}) {
    impossible += Last(text,
                       "fleet_task_invalid_transitions_total{job=\"fleet\",instance=\"127.0.0.1:9941\","
                       "task_type=\"" +
                           std::string(type) + "\"");
  }
  CHECK(impossible > 10);
}

TEST_CASE("history: a file that cannot be written is said") {
  const HistoryOptions options = {.file = "/nowhere/h.om", .length = std::chrono::seconds(1), .end = {}};
  const Result<void> written = WriteHistory({}, options);
  REQUIRE_FALSE(written.has_value());
  CHECK(written.error().message == "cannot write /nowhere/h.om");
}

}  // namespace
}  // namespace fleet::simulate
