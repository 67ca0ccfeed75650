#include "rulegen/proof/prove.h"

#include <catch2/catch.hpp>

#include "tests/unit/rulegen/plan/sample_policy.h"

namespace fleet::rulegen {
namespace {

constexpr char kHead[] = R"(version: 1
service: s
runbook_url: https://example.org/{runbook}
dashboard_url: https://example.org/d/{uid}
)";

std::string SloOf(const std::string& name, const std::string& sli) {
  return "  - {name: " + name + ", runbook: r, objective: 99, burn_rates: [], sli: {" + sli + "}}\n";
}

ProofPlan PlanOf(const std::string& text) {
  const Policy policy = PolicyOf(text);
  std::vector<RuleGroup> groups;
  for (RuleFile& file : MakePlan(policy).rule_files) {
    for (RuleGroup& group : file.groups) groups.push_back(std::move(group));
  }
  return PlanProofs(policy, groups, BurnProofOptions{{Decimal(1, 0)}, false, true});
}

const ProofFile* FindProof(const ProofPlan& plan, const std::string& name) {
  for (const ProofFile& file : plan.files) {
    if (file.name == name) return &file;
  }
  return nullptr;
}

TEST_CASE("every kind of SLI has a proof from its raw series, but for native histograms") {
  const std::string slos =
      SloOf("events", "events: {total: {metric: fleet_http_requests_total}, bad: {where: {code: \"500\"}}}") +
      SloOf("latency", "latency: {metric: fleet_http_request_duration_seconds, below: 50ms}") +
      SloOf("native", "native_latency: {metric: fleet_http_request_duration_seconds, below: 70ms}") +
      SloOf("ratio", "ratio: {good: {metric: fleet_sync_progress_ratio}}") +
      SloOf("boolean", "boolean: {metric: fleet_db_up}") +
      SloOf("freshness", "freshness: {metric: fleet_backup_last_success_timestamp_seconds, within: 1h}") +
      SloOf("threshold", "threshold: {metric: fleet_queue_depth, bad: {above: 10}}") +
      SloOf("timeslice", "timeslice: {slo: events, at_most: 5%}") +
      SloOf("composite", "composite: {slos: [events, latency], method: minimum}") +
      SloOf("promql", "promql: {total: \"rate(a_total[$window])\", bad: \"rate(b_total[$window])\"}");
  const ProofPlan plan = PlanOf(std::string(kHead) + "slos:\n" + slos);
  CHECK(plan.unproven ==
        std::vector<std::string>{
            "s/native: the events of each step: promtool's tests cannot write native histograms"});
  for (const char* kind : {"events", "latency", "ratio", "boolean", "freshness", "threshold", "timeslice",
                           "composite", "promql"}) {
    INFO(kind);
    CHECK(FindProof(plan, std::string(kind) + "-base") != nullptr);
  }
}

TEST_CASE("with maintenance the events of each step are proven before the windows are taken out") {
  const ProofPlan plan =
      PlanOf(std::string(kHead) +
             "maintenance: [{name: m, days: [sunday], from: \"02:00\", to: \"04:00\"}]\nslos:\n" +
             SloOf("up", "boolean: {metric: fleet_db_up}"));
  CHECK(plan.unproven.empty());
  const ProofFile* proof = FindProof(plan, "up-base");
  REQUIRE(proof != nullptr);
  REQUIRE(proof->groups.size() == 1);
  REQUIRE(proof->groups.front().rules.size() == 2);
  CHECK(proof->groups.front().rules.front().name == "slo:sli_total:rate_all");
}

TEST_CASE("PromQL that nobody can invert is named with the reason, in SLIs and in alerts") {
  const ProofPlan plan =
      PlanOf(std::string(kHead) + "slos:\n" +
             SloOf("odd", "promql: {total: \"sum(x) + sum(y)\", bad: \"sum(rate(z[$window]))\"}") +
             R"(alerts:
  - alert: Odd
    group: g
    value: {promql: 'deriv(x[5m])'}
    above: 1
    for: 5m
    severity: warning
    summary: s
    description: d
    runbook: r
  - alert: Plain
    group: g
    value: {metric: fleet_runs}
    above: 1
    for: 5m
    severity: warning
    summary: s
    description: d
    runbook: r
)");
  CHECK(plan.unproven == std::vector<std::string>{"s/odd: the events of each step: nobody can invert '+'",
                                                  "s: alert Odd: nobody can invert deriv()"});
  CHECK(plan.threshold_alerts == 1);
}

}  // namespace
}  // namespace fleet::rulegen
