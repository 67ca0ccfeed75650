#include "rulegen/proof/threshold_cases.h"

#include <catch2/catch.hpp>
#include <set>

#include "tests/unit/rulegen/plan/sample_policy.h"

namespace fleet::rulegen {
namespace {

struct Planned {
  Policy policy;
  std::vector<RuleGroup> groups;
};

Planned AlertOn(const std::string& text) {
  Planned planned{PolicyOf(R"(version: 1
service: s
runbook_url: https://example.org/{runbook}
dashboard_url: https://example.org/d/{uid}
alerts:
  - alert: A
    group: g
    severity: warning
    summary: s
    description: d
    runbook: r
)" + text),
                  {}};
  planned.groups = MakePlan(planned.policy).rule_files.front().groups;
  return planned;
}

Result<ProofFile> Proof(const std::string& text, bool closed_ranges = true) {
  const Planned planned = AlertOn(text);
  return ThresholdProof(planned.policy, planned.policy.alerts.front(), planned.groups, closed_ranges);
}

std::string NamesOf(const ProofFile& proof) {
  std::string names;
  for (const PromtoolCase& one : proof.tests.cases) names += (names.empty() ? "" : ", ") + one.name;
  return names;
}

// When the first case expects somebody to fire, or nobody, who did otherwise at the evaluation before.
std::vector<Duration> Changes(const ProofFile& proof, bool to_firing) {
  std::vector<Duration> changes;
  const auto& expectations = proof.tests.cases.front().expectations;
  for (std::size_t i = 1; i < expectations.size(); ++i) {
    const bool is_same = expectations[i].expr == expectations[i - 1].expr;
    const bool changes_so =
        expectations[i - 1].samples.empty() == to_firing && expectations[i].samples.empty() != to_firing;
    if (is_same && changes_so) changes.push_back(expectations[i].at);
  }
  return changes;
}

std::vector<Duration> FirstEvaluations(const ProofFile& proof) { return Changes(proof, true); }
std::vector<Duration> LastEvaluations(const ProofFile& proof) { return Changes(proof, false); }

TEST_CASE("a gauge fires one `for` after it passed its bound") {
  const auto proof =
      Proof("    value: {metric: fleet_queue_depth, by: [queue]}\n    above: 1000\n    for: 5m\n");
  REQUIRE(proof.has_value());
  CHECK(NamesOf(*proof) == "Around the bound, Nothing is there");
  // Phases of 7 minutes: `for` and four steps. Quiet, beside, on the bound, just beyond, quiet, far beyond.
  using std::chrono::minutes;
  CHECK(FirstEvaluations(*proof) == std::vector<Duration>{minutes(21 + 5), minutes(35 + 5)});
  const Expectation& fires = proof->tests.cases.front().expectations[1];
  CHECK(fires.expr == "count by (queue) (ALERTS{alertname=\"A\",alertstate=\"firing\"})");
  CHECK(fires.samples == std::vector<std::pair<std::string, std::string>>{{"{queue=\"g\"}", "1"}});
}

TEST_CASE("groups whose label is chosen by a condition are one of its values each") {
  const auto groups = [](const std::string& where) {
    const auto proof = Proof("    value: {metric: fleet_runs, where: {state: " + where +
                             "}, by: [state]}\n    above: 10\n    for: 1m\n");
    REQUIRE(proof.has_value());
    std::set<std::string> names;
    for (const InputSeries& series : proof->tests.cases.front().series) names.insert(series.series);
    CHECK(FirstEvaluations(*proof).size() == 2);
    return names;
  };
  // Two members of a group, and a state that is not asked for.
  CHECK(groups("pending").size() == 2 + 1);
  CHECK(groups("[pending, running]").size() == 2 + 2 + 1);
}

TEST_CASE("keep_firing_for bridges a break that is one evaluation shorter") {
  const auto proof = Proof(
      "    value: {metric: fleet_queue_depth, by: [queue]}\n    above: 1000\n    for: 1m\n"
      "    keep_firing_for: 5m\n");
  REQUIRE(proof.has_value());
  // Phases of 8 minutes: both times and four steps. From 56m the value is beyond its bound for a minute,
  // which is too short, and from 65m to 86m but for 5 minutes, which are, too.
  using std::chrono::minutes;
  CHECK(FirstEvaluations(*proof) == std::vector<Duration>{minutes(24 + 1), minutes(40 + 1), minutes(65 + 1)});
  CHECK(LastEvaluations(*proof) == std::vector<Duration>{minutes(32 + 5), minutes(48 + 5), minutes(86 + 5)});
}

TEST_CASE("a rate fires when its window is full enough, a scrape earlier where ranges are open") {
  const std::string alert =
      "    value: {metric: fleet_errors_total, rate: 5m, aggregate: sum}\n    above: 10\n    for: 0s\n";
  const auto closed = Proof(alert, true);
  const auto open = Proof(alert, false);
  REQUIRE(closed.has_value());
  REQUIRE(open.has_value());
  // From 9.907 to 10.123 at 14m: 0.43 of ten steps of growth, and of nine.
  using std::chrono::minutes;
  using std::chrono::seconds;
  CHECK(FirstEvaluations(*closed).front() == minutes(14) + 4 * seconds(30));
  CHECK(FirstEvaluations(*open).front() == minutes(14) + 3 * seconds(30));
}

TEST_CASE("quotients and conditions have cases of their own") {
  const auto proof =
      Proof(R"(    value: {metric: fleet_db_connections, over: {metric: fleet_db_connections_max}}
    only_if: {metric: fleet_source_up, where: {source: a}, aggregate: max, equals: 1}
    above: 80%
    for: 5m
)");
  REQUIRE(proof.has_value());
  CHECK(NamesOf(*proof) ==
        "Around the bound, Nothing is there, Over nothing, The condition holds for some time");
}

TEST_CASE("what young windows do is predicted, and no reason to give up") {
  const auto proof = Proof(R"(    value:
      metric: fleet_tasks_processed_total
      where: {outcome: failed}
      rate: 10m
      over: {metric: fleet_tasks_processed_total, rate: 1h}
    above: 5%
    for: 5m
)");
  REQUIRE(proof.has_value());
  // A full window of ten minutes over one of an hour that is not full yet.
  using std::chrono::minutes;
  CHECK(FirstEvaluations(*proof).front() < minutes(60));
  CHECK(FirstEvaluations(*proof).size() == 3);
}

TEST_CASE("an alert that cannot be driven says why") {
  const auto reason = [](const std::string& text) {
    const auto proof = Proof(text + "    for: 5m\n");
    return proof ? std::string("proven") : proof.error().message;
  };
  CHECK(reason("    value: {metric: fleet_errors_total, rate: 5m}\n    equals: 3\n") ==
        "whether a rate equals a number depends on its rounding");
  CHECK(reason("    value: {metric: up, aggregate: count}\n    below: 1000\n") ==
        "that many series are not made up");
  CHECK(reason("    value: {metric: fleet_errors_total, rate: 5m, aggregate: count}\n    above: 3\n") ==
        "a count of rates is not driven");
  CHECK(reason(
            "    value: {metric: fleet_runs}\n    only_if: {metric: fleet_runs, above: 1}\n    above: 3\n") ==
        "its condition is about the same series");
  CHECK(reason("    value: {promql: \"predict_linear(x[1h], 3600)\"}\n    above: 3\n") ==
        "nobody can invert predict_linear()");
}

TEST_CASE("an alert that the rules lost is not proven") {
  const Planned planned = AlertOn("    value: {metric: fleet_runs}\n    above: 3\n    for: 5m\n");
  const auto proof = ThresholdProof(planned.policy, planned.policy.alerts.front(), {}, true);
  REQUIRE_FALSE(proof.has_value());
  CHECK(proof.error().message == "the rules do not have it");
}

}  // namespace
}  // namespace fleet::rulegen
