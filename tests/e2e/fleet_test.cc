// The main job, end to end: a fleet reports, Prometheus scrapes, the committed rules fire and resolve.
#include <catch2/catch.hpp>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/support/fleet_server.h"
#include "tests/support/http.h"
#include "tests/support/paths.h"
#include "tests/support/process.h"

using fleet::test::ExporterServer;
using fleet::test::kPatience;
using fleet::test::PrometheusServer;
using fleet::test::WaitFor;
using nlohmann::json;

namespace {

// Rule groups are evaluated every 30 s.

void Beat(ExporterServer& exporter, const std::string& worker) {
  exporter.Send("worker.heartbeat", {{"worker_id", worker}, {"worker_type", "sandbox"}, {"active_tasks", 2}});
}

// The value of the only series that answers, or -1.
double Value(const PrometheusServer& prometheus, const std::string& expression) {
  const json result = prometheus.Query(expression);
  return result.size() == 1 ? std::stod(result[0]["value"][1].get<std::string>()) : -1;
}

// pending, firing, or empty when inactive. Not asked of the series ALERTS: Prometheus writes it only from the
// third evaluation after its start, when a pending alert may be firing already.
std::string StateOf(const PrometheusServer& prometheus, const std::string& name) {
  const json answer = json::parse(fleet::test::Get(prometheus.Url("/api/v1/alerts")).body);
  for (const json& alert : answer["data"]["alerts"]) {
    if (alert["labels"]["alertname"] == name) return alert["state"];
  }
  return "";
}

// What Prometheus saw and when it last evaluated: without this a failure on another machine says nothing.
std::string WhatItKnows(const PrometheusServer& prometheus) {
  return "fleet_workers: " + prometheus.Query("fleet_workers").dump() +
         "\nup: " + prometheus.Query("up").dump() + "\nALERTS: " + prometheus.Query("ALERTS").dump() +
         "\nrules: " + fleet::test::Get(prometheus.Url("/api/v1/rules?type=alert")).body;
}

}  // namespace

TEST_CASE("a dead worker fires WorkerDown in Prometheus, and its return resolves it") {
  ExporterServer exporter({"--worker.stale-after=2s", "--worker.down-after=4s"});
  const PrometheusServer prometheus(exporter.target(), fleet::test::SourcePath("alerts/*.yaml"));

  REQUIRE(WaitFor(kPatience, [&] {
    Beat(exporter, "w-1");
    Beat(exporter, "w-2");
    return Value(prometheus, R"(fleet_workers{worker_type="sandbox",state="healthy"})") == 2;
  }));
  CHECK(Value(prometheus, R"(up{job="fleet"})") == 1);
  CHECK(Value(prometheus, R"(fleet_worker_active_tasks{worker_id="w-1"})") == 2);
  CHECK(prometheus.Query(R"(ALERTS{alertname="WorkerDown"})").empty());

  const std::string firing = R"(ALERTS{alertname="WorkerDown",alertstate="firing"})";
  const bool is_pending = WaitFor(kPatience, [&] {
    Beat(exporter, "w-1");
    return StateOf(prometheus, "WorkerDown") == "pending";
  });
  if (!is_pending) FAIL("not pending\n" + WhatItKnows(prometheus));
  const bool is_firing = WaitFor(kPatience + std::chrono::seconds(60), [&] {
    Beat(exporter, "w-1");
    return !prometheus.Query(firing).empty();
  });
  if (!is_firing) FAIL("not firing\n" + WhatItKnows(prometheus));
  const json alert = prometheus.Query(firing)[0]["metric"];
  CHECK(alert["worker_type"] == "sandbox");
  CHECK(alert["severity"] == "critical");
  CHECK(Value(prometheus, R"(fleet_workers{worker_type="sandbox",state="down"})") == 1);

  REQUIRE(WaitFor(kPatience, [&] {
    Beat(exporter, "w-1");
    Beat(exporter, "w-2");
    return prometheus.Query(R"(ALERTS{alertname="WorkerDown"})").empty();
  }));
}

TEST_CASE("Prometheus evaluates the committed rules without an error") {
  ExporterServer exporter;
  const PrometheusServer prometheus(exporter.target(), fleet::test::SourcePath("alerts/*.yaml"));
  std::map<std::string, int> rules;  // by health; the groups of long windows come later: "unknown"
  REQUIRE(WaitFor(kPatience, [&] {
    rules.clear();
    const json answer = json::parse(fleet::test::Get(prometheus.Url("/api/v1/rules")).body);
    for (const json& group : answer["data"]["groups"]) {
      for (const json& rule : group["rules"]) ++rules[rule["health"]];
    }
    return rules["ok"] > 40;
  }));
  CHECK(rules["err"] == 0);
}
