// The source `coordinator` against a real HTTP server that behaves, and against ones that do not.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <chrono>

#include "tests/e2e/source_server.h"
#include "tests/support/paths.h"
#include "tests/support/tiny_server.h"

using fleet::test::HasLine;
using fleet::test::kMostMemory;
using fleet::test::kScrape;
using fleet::test::ParallelScrapes;
using fleet::test::ScrapeInParallel;
using fleet::test::SourceServer;
using fleet::test::TinyExchange;
using fleet::test::TinyServer;

namespace {

std::string CoordinatorConfig(const TinyServer& server, const std::string& more = {}) {
  return fmt::format("sources:\n  - {{type: coordinator, url: \"{}\", min_interval: 0s{}}}\n", server.Url(),
                     more);
}

constexpr char kRunners[] = R"({"runners": [
  {"id": "r-1", "pool": "linux", "status": "online", "slots": 4, "active_runs": 1},
  {"id": "r-2", "pool": "linux", "status": "idle", "slots": 4},
  {"id": "r-3", "pool": "mac", "status": "offline", "last_heartbeat": "2020-01-01T00:00:00"}]})";

void Behave(const TinyExchange& exchange) {
  if (exchange.path == "/health") return exchange.Answer(200, "ok");
  if (exchange.path == "/runners") return exchange.Answer(200, kRunners);
  exchange.Answer(404, "");
}

}  // namespace

TEST_CASE("coordinator: its health and its runners are on the page of the same scrape") {
  TinyServer coordinator(Behave);
  SourceServer server(CoordinatorConfig(coordinator));
  const std::string page = server.Page();
  CHECK(HasLine(page, "fleet_component_up{component=\"coordinator\"} 1"));
  CHECK(HasLine(page, "fleet_runners{pool=\"linux\",state=\"busy\"} 1"));
  CHECK(HasLine(page, "fleet_runners{pool=\"linux\",state=\"idle\"} 1"));
  CHECK(HasLine(page, "fleet_runner_slots{pool=\"linux\",state=\"free\"} 7"));
  CHECK(HasLine(page, "fleet_source_up{source=\"coordinator\"} 1"));
  CHECK(HasLine(page, "fleet_exporter_collector_success{collector=\"coordinator\"} 1"));
  CHECK(page.find("fleet_source_last_success_timestamp_seconds{source=\"coordinator\"} ") !=
        std::string::npos);
}

TEST_CASE("coordinator: it dies silently, which the next page says, once in the log, and comes back") {
  TinyServer coordinator(Behave);
  SourceServer server(CoordinatorConfig(coordinator));
  server.Page();
  coordinator.SetHandler([](const TinyExchange& exchange) { exchange.Hang(); });
  for (int i = 0; i < 2; ++i) {
    const std::string page = server.Page(kScrape);
    CHECK(HasLine(page, "fleet_component_up{component=\"coordinator\"} 0"));
    CHECK(HasLine(page, "fleet_source_up{source=\"coordinator\"} 0"));
    CHECK(HasLine(page, "fleet_exporter_collector_success{collector=\"coordinator\"} 0"));
    CHECK(page.find("fleet_source_last_success_timestamp_seconds{source=\"coordinator\"} ") !=
          std::string::npos);
  }
  CHECK(server.CountInLog("msg=\"Source failed\"") == 1);
  coordinator.SetHandler(Behave);
  CHECK(server.Shows("fleet_component_up{component=\"coordinator\"} 1"));
  CHECK(server.CountInLog("msg=\"Source works again\"") == 1);
}

TEST_CASE("coordinator: hanging, it stops none of ten parallel scrapes and holds two connections") {
  TinyServer coordinator([](const TinyExchange& exchange) { exchange.Hang(); });
  SourceServer server(CoordinatorConfig(coordinator));
  const ParallelScrapes scrapes = ScrapeInParallel(server);
  CHECK(scrapes.answered == 10);
  CHECK(scrapes.longest_seconds <= kScrape);
  CHECK(coordinator.most_open() <= 4);  // a connection that was given up may not be closed yet
  CHECK(server.CountInLog("msg=\"Source failed\"") == 1);
}

TEST_CASE("coordinator: nobody listens") {
  std::string config;
  {
    TinyServer coordinator(Behave);
    config = CoordinatorConfig(coordinator);
  }
  SourceServer server(config);
  CHECK(HasLine(server.Page(), "fleet_component_up{component=\"coordinator\"} 0"));
  CHECK(HasLine(server.Page(), "fleet_source_up{source=\"coordinator\"} 0"));
}

TEST_CASE("coordinator: answers nobody can use are a failed source, never a failed page") {
  struct Case {
    const char* what;
    std::function<void(const TinyExchange&)> answer;
    const char* error;
  };
  const auto body = [](std::string text) {
    return [text](const TinyExchange& exchange) { exchange.Answer(200, text); };
  };
  const Case cases[] = {
      {"no JSON", body("<html>"), "GET /runners: the answer is no JSON"},
      {"another type", body(R"({"runners": 3})"), "GET /runners: the answer has no list at"},
      {"a redirect loop",
       [](const TinyExchange& exchange) { exchange.Answer(302, "", "Location: /runners\r\n"); },
       "GET /runners: the answer has the status 302"},
      {"an error", [](const TinyExchange& exchange) { exchange.Answer(500, "secret"); },
       "GET /runners: the answer has the status 500"},
      {"endless JSON",
       [](const TinyExchange& exchange) {
         exchange.Send("HTTP/1.1 200 OK\r\n\r\n[");
         while (exchange.Send(std::string(100'000, ' '))) {
         }
       },
       "GET /runners: the answer is larger than 8388608 bytes"},
      {"a slow drip",
       [](const TinyExchange& exchange) {
         exchange.Send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n[");
         exchange.Hang();
       },
       "GET /runners: no answer by the deadline"},
  };
  for (const Case& test : cases) {
    CAPTURE(test.what);
    TinyServer coordinator([&](const TinyExchange& exchange) {
      if (exchange.path == "/health") return exchange.Answer(200, "ok");
      test.answer(exchange);
    });
    SourceServer server(CoordinatorConfig(coordinator));
    const std::string page = server.Page(kScrape);
    CHECK(HasLine(page, "fleet_source_up{source=\"coordinator\"} 0"));
    CHECK(HasLine(page, "fleet_component_up{component=\"coordinator\"} 1"));
    CHECK(server.CountInLog("msg=\"Source failed\"") == 1);
    CHECK(server.CountInLog(test.error) == 1);
    CHECK(server.PeakMemory() < kMostMemory);
  }
}

TEST_CASE("coordinator: runners that lie are counted as far as they can be, in one log line") {
  TinyServer coordinator([](const TinyExchange& exchange) {
    if (exchange.path == "/health") return exchange.Answer(200, "ok");
    exchange.Answer(200, R"([{"id": "a", "status": "idle", "slots": -4},
      {"id": "b", "status": "haunted", "last_heartbeat": "2999-01-01T00:00:00Z"},
      {"id": "c\n", "status": "idle"}, {"id": "d", "status": "idle", "slots": 1e300}, {}])");
  });
  SourceServer server(CoordinatorConfig(coordinator));
  server.Page();
  const std::string page = server.Page();
  CHECK(HasLine(page, "fleet_runners{pool=\"default\",state=\"idle\"} 3"));
  CHECK(HasLine(page, "fleet_source_up{source=\"coordinator\"} 1"));
  CHECK(server.CountInLog("msg=\"Source told what cannot be used\" source_name=coordinator facts=5 ") == 1);
}

TEST_CASE("examples pass the check of the configuration") {
  for (const char* name : {"exporter", "monotask", "workers-and-sandboxes", "agents", "coordinator"}) {
    const std::string path = fleet::test::SourcePath(fmt::format("examples/{}.yaml", name));
    const auto checked =
        fleet::test::RunProgram({fleet::test::ExporterProgram(), "--config.file=" + path, "--config.check"});
    CHECK(checked.out == path + ": ok\n");
    CHECK(checked.exit_code == 0);
  }
}

TEST_CASE("coordinator: a clock that is wrong makes no runner old") {
  TinyServer coordinator([](const TinyExchange& exchange) {
    if (exchange.path == "/health") return exchange.Answer(200, "ok");
    exchange.Answer(200, R"([{"id": "a", "status": "idle", "last_heartbeat": "2020-01-01T00:00:00Z"}])",
                    "Date: Wed, 01 Jan 2020 00:00:10 GMT\r\n");
  });
  SourceServer server(CoordinatorConfig(coordinator));
  CHECK(HasLine(server.Page(), "fleet_runners{pool=\"default\",state=\"idle\"} 1"));
}

TEST_CASE("coordinator: a runner that is no longer listed is offline") {
  TinyServer coordinator(Behave);
  SourceServer server(CoordinatorConfig(coordinator));
  CHECK(HasLine(server.Page(), "fleet_runners{pool=\"linux\",state=\"offline\"} 0"));
  coordinator.SetHandler([](const TinyExchange& exchange) { exchange.Answer(200, R"([{"id": "r-1"}])"); });
  CHECK(HasLine(server.Page(), "fleet_runners{pool=\"linux\",state=\"offline\"} 1"));
}

TEST_CASE("coordinator: the token comes from its file, and stays out of log and page") {
  const fleet::test::TemporaryFolder folder;
  const std::string token = folder.Write("token", "s3cr3t-token\n");
  TinyServer coordinator([](const TinyExchange& exchange) {
    const bool allowed = exchange.head.find("Authorization: Bearer s3cr3t-token\r\n") != std::string::npos;
    exchange.Answer(allowed ? 200 : 401, "[]");
  });
  SourceServer server(CoordinatorConfig(coordinator, ", bearer_token_file: " + token));
  CHECK(HasLine(server.Page(), "fleet_source_up{source=\"coordinator\"} 1"));
  folder.Write("token", "s3cr3t-wrong\n");  // rotated
  CHECK(HasLine(server.Page(), "fleet_source_up{source=\"coordinator\"} 0"));
  CHECK(server.CountInLog("s3cr3t") == 0);
}

TEST_CASE("coordinator: presets for the answers of others") {
  struct Case {
    const char* preset;
    const char* path;
    const char* body;
    const char* line;
  };
  const Case cases[] = {
      {"github", "/actions/runners?per_page=100",
       R"({"total_count": 1, "runners": [{"id": 23, "name": "m", "os": "macos", "status": "online",
           "busy": true, "runner_group_id": 1, "labels": []}]})",
       "fleet_runners{pool=\"1\",state=\"busy\"} 1"},
      {"gitlab", "/api/v4/runners/all?per_page=100",
       R"([{"active": true, "paused": false, "id": 6, "runner_type": "group_type", "online": true,
           "status": "online", "name": "gitlab-runner"}])",
       "fleet_runners{pool=\"group_type\",state=\"idle\"} 1"},
      {"buildkite", "/agents?per_page=100",
       R"([{"id": "0b461f65", "name": "a-1", "connection_state": "connected", "version": "3.1",
           "job": {"id": "cd164868"}}])",
       "fleet_runners{pool=\"default\",state=\"busy\"} 1"},
  };
  for (const Case& test : cases) {
    CAPTURE(test.preset);
    TinyServer api([&](const TinyExchange& exchange) {
      exchange.Answer(exchange.path == test.path ? 200 : 404, test.body);
    });
    SourceServer server(CoordinatorConfig(api, fmt::format(", health_path: none, preset: {}", test.preset)));
    CHECK(HasLine(server.Page(), test.line));
  }
}

TEST_CASE("coordinator: collect[] and exclude[] say what is read and shown") {
  TinyServer coordinator([](const TinyExchange& exchange) { exchange.Hang(); });
  SourceServer server(CoordinatorConfig(coordinator));
  const std::string unread = server.Page(10, "?exclude[]=coordinator");
  CHECK(unread.find("fleet_source_up{source=\"coordinator\"}") == std::string::npos);
  const std::string process = server.Page(10, "?collect[]=process&exclude=x&collect[]=process");
  CHECK(process.find("fleet_") == std::string::npos);
  CHECK(process.find("\nprocess_open_fds ") != std::string::npos);
  const auto wrong = fleet::test::Get(server.exporter().Url("/metrics?collect[]=nobody"));
  CHECK(wrong.status == 400);
  CHECK(wrong.body == "no collector 'nobody'\n");
}
