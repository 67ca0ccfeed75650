// The simulated fleet as a process, against a real exporter.
#include <catch2/catch.hpp>

#include "tests/support/fleet_server.h"
#include "tests/support/http.h"
#include "tests/support/paths.h"
#include "tests/support/process.h"

using fleet::test::ExporterServer;
using fleet::test::Finished;
using fleet::test::FreePort;
using fleet::test::Get;
using fleet::test::RunProgram;

TEST_CASE("a real exporter takes every event of a simulated fleet") {
  ExporterServer exporter;
  const Finished run =
      RunProgram({fleet::test::ExporterProgram(), "simulate", "--url", exporter.IngestUrl(""), "--workers=20",
                  "--rate=50", "--heartbeat-interval=1s", "--duration=3s", "--incident=error-burst",
                  "--incident-after=1s"});
  INFO(run.out);
  CHECK(run.exit_code == 0);
  CHECK(run.out.find(" 0 duplicates, 0 rejected\n") != std::string::npos);
  const std::string page = Get(exporter.Url("/metrics")).body;
  CHECK(page.find("fleet_workers{worker_type=\"orchestrator\",state=\"healthy\"} 5\n") != std::string::npos);
  CHECK(page.find("fleet_exporter_ingest_events_rejected_total{reason=\"malformed\"} 0\n") !=
        std::string::npos);
}

TEST_CASE("two runs with one run id are duplicates, and count once") {
  ExporterServer exporter;
  const std::vector<std::string> command = {
      fleet::test::ExporterProgram(), "simulate",        "--url",
      exporter.IngestUrl(""),         "--run-id=a-test", "--duration=500ms"};
  CHECK(RunProgram(command).exit_code == 0);
  const Finished again = RunProgram(command);
  INFO(again.out);
  CHECK(again.exit_code == 0);
  CHECK(again.out.find(": 0 accepted, ") != std::string::npos);
}

TEST_CASE("without an exporter the simulator says so after ten seconds, and ends with 2") {
  const std::string url = "http://127.0.0.1:" + std::to_string(FreePort());
  const Finished run = RunProgram({fleet::test::ExporterProgram(), "simulate", "--url", url});
  CHECK(run.exit_code == 2);
  CHECK(run.out.starts_with("fleet_exporter simulate: error: no exporter answers at " + url));
  CHECK(run.out.ends_with("; start one with: fleet_exporter, or name another with --url\n"));
}
