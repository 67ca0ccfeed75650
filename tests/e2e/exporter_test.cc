// The exporter as a process: its pages as the field's own tools read them, its signals, its refusals.
#include <signal.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/support/fleet_server.h"
#include "tests/support/http.h"
#include "tests/support/paths.h"
#include "tests/support/process.h"

using fleet::test::ExporterServer;
using fleet::test::Fetch;
using fleet::test::FindProgram;
using fleet::test::Get;
using fleet::test::HttpReply;
using fleet::test::RunProgram;
using nlohmann::json;

namespace {

// A bit of everything, so that the page holds counters, gauges, histograms and entity series.
void SendAFleet(ExporterServer& exporter) {
  exporter.Send("worker.heartbeat",
                {{"worker_id", "w-1"}, {"worker_type", "orchestrator"}, {"host", "a\"b\\c"}});
  exporter.Send("runner.heartbeat",
                {{"runner_id", "r-1"}, {"pool", "linux"}, {"slots", 4}, {"slots_used", 1}});
  exporter.Send("task.created", {{"task_id", "t-1"}, {"task_type", "build"}});
  exporter.Send("queue.state", {{"queue", "jobs"}, {"depth", 7}});
  exporter.Send("queue.processed", {{"queue", "jobs"}, {"outcome", "succeeded"}, {"duration_seconds", 0.25}});
  exporter.Send("sandbox.requested", {{"sandbox_id", "s-1"}, {"sandbox_type", "docker"}});
  exporter.Send("http.request", {{"component", "api"},
                                 {"endpoint", "/runs"},
                                 {"method", "GET"},
                                 {"code", 200},
                                 {"duration_seconds", 0.031}});
}

}  // namespace

TEST_CASE("promtool finds nothing to say about a filled page") {
  ExporterServer exporter;
  SendAFleet(exporter);
  const HttpReply page = Get(exporter.Url("/metrics"));
  REQUIRE(page.status == 200);
  CHECK(page.headers.at("content-type") == "text/plain; version=0.0.4; charset=utf-8");
  CHECK(page.body.find("fleet_queue_depth{queue=\"jobs\",priority=\"none\"} 7\n") != std::string::npos);
  const auto checked = RunProgram({FindProgram("promtool"), "check", "metrics"}, page.body);
  CHECK(checked.out.empty());
  CHECK(checked.exit_code == 0);
}

TEST_CASE("OpenMetrics is served when asked for, and ends in # EOF") {
  ExporterServer exporter;
  SendAFleet(exporter);
  const HttpReply page =
      Get(exporter.Url("/metrics"), {"Accept: application/openmetrics-text;version=1.0.0,text/plain;q=0.5"});
  CHECK(page.headers.at("content-type") == "application/openmetrics-text; version=1.0.0; charset=utf-8");
  CHECK(page.body.substr(page.body.size() - 6) == "# EOF\n");
}

TEST_CASE("what was valid in a batch is kept, and the rest is named") {
  ExporterServer exporter;
  const HttpReply reply = Fetch(
      "POST", exporter.IngestUrl("/api/v1/events"),
      R"({"specversion":"1.0","id":"1","source":"e","type":"fleet.queue.enqueued","data":{"queue":"jobs"}}
{"specversion":"1.0","id":"2","source":"e","type":"fleet.queue.enqueue","data":{"queue":"jobs"}}
not json
{"specversion":"1.0","id":"1","source":"e","type":"fleet.queue.enqueued","data":{"queue":"jobs"}}
)",
      {"Content-Type: application/x-ndjson"});
  REQUIRE(reply.status == 200);
  const json answer = json::parse(reply.body);
  CHECK(answer["accepted"] == 1);
  CHECK(answer["duplicates"] == 1);
  REQUIRE(answer["rejected"].size() == 2);
  CHECK(answer["rejected"][0]["index"] == 1);
  CHECK(answer["rejected"][1]["index"] == 2);
  CHECK(Get(exporter.Url("/metrics")).body.find("fleet_queue_messages_enqueued_total{queue=\"jobs\"} 1\n") !=
        std::string::npos);
}

TEST_CASE("SIGTERM ends it with 0, SIGHUP does not end it") {
  ExporterServer exporter;
  exporter.process().Signal(SIGHUP);
  CHECK_FALSE(exporter.process().Wait(std::chrono::milliseconds(500)).has_value());
  CHECK(Get(exporter.Url("/-/healthy")).status == 200);
  exporter.process().Signal(SIGTERM);
  CHECK(exporter.process().Wait(std::chrono::seconds(10)) == 0);
}

TEST_CASE("a port in use and a wrong flag end in one clear line and exit code 2") {
  ExporterServer exporter;
  const auto taken = RunProgram({fleet::test::ExporterProgram(), "--storage.mode=memory",
                                 "--web.listen-address=" + exporter.target(),
                                 "--ingest.listen-address=127.0.0.1:0", "--log.level=error"});
  CHECK(taken.exit_code == 2);
  CHECK(taken.out.find(exporter.target()) != std::string::npos);
  CHECK(taken.out.find("address already in use") != std::string::npos);

  const auto flag = RunProgram({fleet::test::ExporterProgram(), "--web.listen-adress=:1"});
  CHECK(flag.exit_code == 2);
  CHECK(flag.out ==
        "fleet_exporter: error: unknown flag '--web.listen-adress', did you mean '--web.listen-address'? "
        "try --help\n");

  const auto store = [](const std::vector<std::string>& rest) {
    std::vector<std::string> command = {fleet::test::ExporterProgram(), "store"};
    command.insert(command.end(), rest.begin(), rest.end());
    const auto finished = RunProgram(command);
    return std::to_string(finished.exit_code) + " " + finished.out;
  };
  CHECK(store({}) == "2 fleet_exporter store: error: which command? try --help\n");
  CHECK(store({"chek"}) ==
        "2 fleet_exporter store: error: unknown command 'chek', did you mean 'check'? try --help\n");
  CHECK(store({"check", "--bogus"}) == "2 fleet_exporter: error: unknown flag '--bogus', try --help\n");
  CHECK(store({"check", "--version"}).starts_with("0 fleet_exporter, version "));
}

TEST_CASE("a hundred scrapes leave no file descriptor open") {
  ExporterServer exporter;
  const std::filesystem::path fds = "/proc/" + std::to_string(exporter.process().pid()) + "/fd";
  const auto count = [&] { return std::distance(std::filesystem::directory_iterator(fds), {}); };
  Get(exporter.Url("/metrics"));
  const auto before = count();
  for (int i = 0; i < 100; ++i) REQUIRE(Get(exporter.Url("/metrics")).status == 200);
  // A connection may still be closing when its answer has been read.
  CHECK(fleet::test::WaitFor(std::chrono::seconds(10), [&] { return count() <= before; }));
}
