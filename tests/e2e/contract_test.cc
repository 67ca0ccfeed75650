// The contract between the project's policy and what a live exporter shows, asked over HTTP by the real
// rulegen.
#include <catch2/catch.hpp>
#include <string>

#include "lib/base/file_system.h"
#include "tests/support/fleet_server.h"
#include "tests/support/http.h"
#include "tests/support/paths.h"
#include "tests/support/process.h"

using fleet::test::ExporterServer;
using fleet::test::Finished;
using fleet::test::RunProgram;
using fleet::test::SourcePath;
using fleet::test::TemporaryFolder;

namespace {

Finished CheckMetrics(const std::string& from) {
  return RunProgram({fleet::test::RulegenProgram(), "check", "--policy", SourcePath("slo/policies.yaml"),
                     "--output-dir", SourcePath(""), "--metrics", from});
}

// An exporter that a fleet has reported to for some seconds, with some failures.
void Simulate(const ExporterServer& exporter) {
  const Finished run =
      RunProgram({fleet::test::ExporterProgram(), "simulate", "--url", exporter.IngestUrl(""), "--workers=20",
                  "--rate=50", "--heartbeat-interval=1s", "--duration=4s", "--incident=error-burst",
                  "--incident-after=1s"});
  INFO(run.out);
  REQUIRE(run.exit_code == 0);
}

// Every `what` in the page is `with`.
std::string Replaced(std::string page, const std::string& what, const std::string& with) {
  REQUIRE(page.find(what) != std::string::npos);
  for (std::size_t at = page.find(what); at != std::string::npos; at = page.find(what, at + with.size())) {
    page.replace(at, what.size(), with);
  }
  return page;
}

std::string WithoutLinesOf(const std::string& page, const std::string& what) {
  std::string kept;
  for (std::size_t at = 0; at < page.size();) {
    const std::size_t end = page.find('\n', at) + 1;
    if (page.substr(at, end - at).find(what) == std::string::npos) kept += page.substr(at, end - at);
    at = end;
  }
  REQUIRE(kept != page);
  return kept;
}

}  // namespace

TEST_CASE("the project's policy keeps its contract with a live exporter") {
  ExporterServer exporter;
  Simulate(exporter);
  const Finished check = CheckMetrics(exporter.Url("/metrics"));
  INFO(check.out);
  CHECK(check.exit_code == 0);
  CHECK(check.out.find(" metrics that rules and dashboards ask for are there\n") != std::string::npos);
  CHECK(check.out.find("fleet_http_requests_total") == std::string::npos);
}

TEST_CASE("a scrape that lost a label, a bucket or a metric breaks the contract, and is told") {
  ExporterServer exporter;
  Simulate(exporter);
  const std::string page = fleet::test::Get(exporter.Url("/metrics")).body;
  const TemporaryFolder folder;
  const auto check = [&](const std::string& changed) {
    Finished finished = CheckMetrics(folder.Write("metrics", changed));
    CHECK(finished.exit_code == 1);
    return finished.out;
  };
  CHECK(check(Replaced(page, "component=\"", "part=\""))
            .find("fleet_http_requests_total: has no label 'component'\n") != std::string::npos);
  const std::string no_bound = check(WithoutLinesOf(page, "le=\"0.2\""));
  CHECK(no_bound.find("fleet_http_request_duration_seconds_bucket: no series has le=\"0.2\"\n") !=
        std::string::npos);
  // As of an exporter that is too old to have it: one of this build would only not have it yet.
  const std::string old = Replaced(page, "revision=\"", "revision=\"old-");
  CHECK(
      check(WithoutLinesOf(old, "fleet_queue_depth")).find("fleet_queue_depth: there is no such metric\n") !=
      std::string::npos);
  CHECK(check(Replaced(page, "TYPE fleet_queue_depth gauge", "TYPE fleet_queue_depth counter"))
            .find("fleet_queue_depth: is a counter, not a gauge\n") != std::string::npos);
}

TEST_CASE("a target that does not answer is no broken contract") {
  const Finished check =
      CheckMetrics("http://127.0.0.1:" + std::to_string(fleet::test::FreePort()) + "/metrics");
  CHECK(check.exit_code == 2);
}
