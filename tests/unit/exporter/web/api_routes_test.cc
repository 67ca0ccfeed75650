#include "exporter/web/api_routes.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/support/manual_clock.h"
#include "tests/unit/exporter/fleet/fleet_fixture.h"
#include "tests/unit/exporter/web/fake_request.h"
#include "tests/unit/exporter/web/openapi.h"

using fleet::ApiRoutes;
using fleet::HttpResponse;
using fleet::Route;
using fleet::Snapshot;
using fleet::UnixMillis;
using fleet::test::FakeRequest;
using fleet::test::FleetFixture;
using fleet::test::OpenApi;
using nlohmann::json;

namespace {

constexpr double kNow = 3600;

// A fleet with something of everything, an hour after the start.
class Api {
 public:
  Api() {
    for (int i = 0; i < 5; ++i) Beat("w-" + std::to_string(i), kNow - 1);
    Beat("w-stale", kNow - 360);
    Beat("w-<down>", 0);
    Send("worker.crashed", {{"worker_id", "w-crash"}, {"worker_type", "sandbox"}}, kNow - 1);
    Send("runner.heartbeat",
         {{"runner_id", "r1"}, {"pool", "linux"}, {"slots", 4}, {"active_runs", 1}, {"version", "3"}}, kNow);
    Send("runner.heartbeat", {{"runner_id", "r2"}, {"pool", "linux"}}, 0);
    Send("task.created", {{"task_id", "t1"}, {"task_type", "lint"}, {"user", "ann"}, {"priority", "high"}},
         0);
    Send("task.started", {{"task_id", "t1"}}, 10);
    Send("task.created", {{"task_id", "t2"}, {"task_type", "lint"}, {"user", "ann"}}, kNow);
    Send("task.created", {{"task_id", "t3"}, {"task_type", "test"}}, 0);
    Send("task.completed", {{"task_id", "t3"}}, kNow);
    Send("sandbox.requested", {{"sandbox_id", "s1"}, {"sandbox_type", "docker"}, {"task_id", "t3"}}, 0);
    Send("sandbox.ready", {{"sandbox_id", "s1"}, {"sandbox_type", "docker"}}, 5);
    Send("sandbox.ready", {{"sandbox_id", "s2"}, {"sandbox_type", "docker"}}, kNow);
    Send("queue.state", {{"queue", "mail"}, {"depth", 7}, {"dead_letter", 2}, {"priority", "high"}}, kNow);
    Send("queue.state", {{"queue", "build"}, {"depth", 1}, {"circuit_breaker_open", true}}, kNow);
    Send("component.state", {{"component", "api"}, {"up", true}}, kNow);
    routes_ = ApiRoutes({&fleet_.fleet(), &clock_,
                         [this] {
                           auto snapshot = std::make_shared<Snapshot>();
                           fleet_.fleet().Collect(clock_.Now(), *snapshot);
                           return snapshot;
                         },
                         "fleet", "/metrics", "host:1"});
  }

  HttpResponse Get(const std::string& path, const std::string& query = "") {
    FakeRequest request("GET", path);
    request.query = query;
    const auto route = std::ranges::find(routes_, path, &Route::pattern);
    REQUIRE(route != routes_.end());
    return route->serve(request, {});
  }
  json Answer(const std::string& path, const std::string& query = "") {
    return json::parse(Get(path, query).body);
  }

 private:
  void Send(std::string_view type, const std::vector<fleet::test::SentField>& fields, double at) {
    REQUIRE(fleet_.Send(type, fields, at) == "");
  }
  void Beat(const std::string& worker, double at) {
    Send("worker.heartbeat", {{"worker_id", worker}, {"worker_type", "sandbox"}, {"version", "2"}}, at);
  }

  FleetFixture fleet_;
  fleet::test::ManualClock clock_{FleetFixture::At(kNow)};
  std::vector<Route> routes_;
};

// The ids of a page, by the field that holds them.
std::vector<std::string> Ids(const json& page, const std::string& list, const std::string& field) {
  std::vector<std::string> ids;
  for (const json& item : page[list]) ids.push_back(item[field]);
  return ids;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("every answer of the API is what docs/openapi.yaml says, and every path of it exists") {
  Api api;
  const OpenApi described;
  CHECK(described.Paths().size() == 6);
  for (const std::string& path : described.Paths()) {
    const HttpResponse response = api.Get(path);
    CAPTURE(path, response.body);
    CHECK(response.status == 200);
    CHECK(response.content_type == "application/json");
    CHECK(described.Check(path, 200, response.body) == Names{});
    const HttpResponse refused = api.Get(path, "nonsense=1");
    CHECK(refused.status == 400);
    CHECK(described.Check(path, 400, refused.body) == Names{});
    for (const std::string& parameter : described.Parameters(path)) {
      const bool takes_words = parameter == "state" || parameter == "limit" || parameter == "silent_for";
      CAPTURE(parameter);
      CHECK(api.Get(path, parameter + "=a").status == (takes_words ? 400 : 200));
    }
  }
}

TEST_CASE("the check of the description notices a field too many, one missing and a wrong type") {
  const OpenApi described;
  CHECK(described.Check("/api/v1/queues", 200, R"({"time":"t","total":1.5,"next":null,"more":1})") ==
        Names{"/api/v1/queues.queues: missing", "/api/v1/queues.more: not described",
              "/api/v1/queues.total: must be integer"});
}

TEST_CASE("workers are listed by state, with ages and reasons") {
  Api api;
  const json stale = api.Answer("/api/v1/workers", "state=stale");
  CHECK(stale["total"] == 1);
  CHECK(stale["workers"][0] == json::parse(R"({"worker_id":"w-stale","worker_type":"sandbox","state":"stale",
      "reason":"no heartbeat for 6m, the limit is 5m","process_state":"running",
      "last_heartbeat_time":"2023-11-14T23:07:20.000Z","heartbeat_age_seconds":360.0,
      "last_event_time":"2023-11-14T23:07:20.000Z","active_tasks":0.0,"version":"2","host":null})"));
  CHECK(Ids(api.Answer("/api/v1/workers", "state=down"), "workers", "worker_id") ==
        Names{"w-<down>", "w-crash"});
  CHECK(api.Answer("/api/v1/workers", "state=healthy&worker_type=orchestrator")["total"] == 0);
  CHECK(Ids(api.Answer("/api/v1/workers", "silent_for=5m"), "workers", "worker_id") ==
        Names{"w-<down>", "w-stale"});
}

TEST_CASE("a list is read page by page, each entry once") {
  Api api;
  Names all;
  std::string query = "limit=3";
  for (int pages = 0; pages < 10; ++pages) {
    const json page = api.Answer("/api/v1/workers", query);
    CHECK(page["total"] == 8);
    for (const std::string& id : Ids(page, "workers", "worker_id")) all.push_back(id);
    if (page["next"].is_null()) break;
    query = "limit=3&after=" + page["next"].get<std::string>();
  }
  CHECK(all == Names{"w-0", "w-1", "w-2", "w-3", "w-4", "w-<down>", "w-crash", "w-stale"});
}

TEST_CASE("a cleanup job finds zombies and orphans, and why") {
  Api api;
  const json zombies = api.Answer("/api/v1/sandboxes", "state=zombie");
  REQUIRE(zombies["total"] == 1);
  CHECK(zombies["sandboxes"][0]["sandbox_id"] == "s1");
  CHECK(zombies["sandboxes"][0]["age_seconds"] == 3600);
  CHECK(zombies["sandboxes"][0]["silent_seconds"] == 3595);
  CHECK(zombies["sandboxes"][0]["reason"] == "no event for 59m55s, the limit is 10m; its task 't3' is over");
  CHECK(Ids(api.Answer("/api/v1/sandboxes", "state=orphaned"), "sandboxes", "sandbox_id") == Names{"s1"});
  CHECK(Ids(api.Answer("/api/v1/sandboxes", "state=running"), "sandboxes", "sandbox_id") ==
        Names{"s1", "s2"});
}

TEST_CASE("tasks are summed by state, and those that are stuck are listed") {
  Api api;
  const json summary = api.Answer("/api/v1/tasks/summary");
  CHECK(summary["states"][0] == json::parse(R"({"state":"pending","tasks":1,"stuck":0,
      "oldest_since":"2023-11-14T23:13:20.000Z","oldest_age_seconds":0.0})"));
  CHECK(summary["states"][2]["stuck"] == 1);
  CHECK(summary["by_type"]["lint"] == json::parse(R"({"pending":1,"running":1})"));
  CHECK(summary["unfinished_by_priority"] == json::parse(R"({"high":1,"none":1})"));
  CHECK(summary["unfinished_by_user"] == json::parse(R"([{"user":"ann","tasks":2}])"));
  CHECK(summary["stuck"][0]["reason"] == "no progress for 59m50s, the limit is 30m");
}

TEST_CASE("runners, queues and the whole are there, too") {
  Api api;
  const json runners = api.Answer("/api/v1/runners", "state=offline");
  CHECK(Ids(runners, "runners", "runner_id") == Names{"r2"});
  CHECK(runners["runners"][0]["reason"] == "no heartbeat for 1h, the limit is 5m");
  const json queues = api.Answer("/api/v1/queues", "limit=1");
  CHECK(Ids(queues, "queues", "queue") == Names{"build"});
  CHECK(queues["next"] == "build");
  const json mail = api.Answer("/api/v1/queues", "after=build")["queues"][0];
  CHECK(mail["depth"] == 7);
  CHECK(mail["depth_by_priority"] == json::parse(R"({"high":7.0})"));
  CHECK(mail["dead_letter"] == 2);
  CHECK(mail["consumers"].is_null());
  const json status = api.Answer("/api/v1/status");
  CHECK(status["workers"] == json::parse(R"({"healthy":5.0,"stale":1.0,"down":2.0})"));
  CHECK(status["tasks_stuck"] == 1);
  CHECK(status["queues"] == json::parse(R"({"queues":2,"depth":8.0,"dead_letter":2.0})"));
}

TEST_CASE("a query that is not understood is refused with a sentence") {
  Api api;
  const auto error = [&](const std::string& path, const std::string& query) {
    return api.Answer(path, query)["error"].get<std::string>();
  };
  CHECK(error("/api/v1/workers", "state=ill") ==
        "state must be one of healthy, stale, down, stopped, not 'ill'");
  CHECK(error("/api/v1/workers", "limit=0") == "limit must be a whole number from 1 to 1000");
  CHECK(error("/api/v1/workers", "limit") == "'limit' has no value");
  CHECK(error("/api/v1/sandboxes", "silent_for=soon") ==
        "silent_for must be a duration such as 90s, 5m or 1h30m");
  CHECK(error("/api/v1/queues", "state=open") == "there is no parameter 'state' here");
  CHECK(error("/api/v1/queues", "after=%zz") == "malformed escape in the query");
}

TEST_CASE("the page shows the fleet to people, harmless whatever names things have") {
  Api api;
  const HttpResponse page = api.Get("/");
  CHECK(page.content_type == "text/html; charset=utf-8");
  CHECK(fleet::test::HeaderOf(page, "Content-Security-Policy") ==
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:");
  for (const char* text :
       {"of 8 healthy", "1 stale, 2 down", "w-&lt;down&gt;", "no heartbeat for 6m, the limit is 5m",
        "1 zombies, 1 orphaned", "its task 't3' is over", "no progress for 59m50s", "<td>mail</td>",
        "curl -X PUT http://host:1/api/v1/heartbeats/sandbox/worker-7", "<a href=\"/metrics\">",
        "<meta http-equiv=\"refresh\" content=\"10\">"}) {
    CAPTURE(text);
    CHECK(page.body.find(text) != std::string::npos);
  }
  CHECK(page.body.find("<script") == std::string::npos);
  CHECK(page.body.find("<down>") == std::string::npos);
  CHECK(page.body.find("src=") == std::string::npos);
  CHECK(api.Get("/", "refresh=0").body.find("http-equiv") == std::string::npos);
}
