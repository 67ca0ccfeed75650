#include "rulegen/proof/operand.h"

#include <catch2/catch.hpp>

#include "tests/unit/rulegen/plan/sample_policy.h"

namespace fleet::rulegen {
namespace {

// The value of an alert, given as in a policy.
Result<DrivenQuery> TakenApart(const std::string& value) {
  const Policy policy = PolicyOf(R"(version: 1
service: s
runbook_url: https://example.org/{runbook}
dashboard_url: https://example.org/d/{uid}
alerts:
  - alert: A
    group: g
    value: )" + value + R"(
    above: 100ms
    for: 5m
    severity: warning
    summary: s
    description: d
    runbook: r
)");
  return TakeApart(policy.alerts.front().value, *policy.alerts.front().threshold.bound, Vocabulary("fleet"));
}

std::string Reason(const std::string& promql) {
  const auto driven = TakenApart("{promql: '" + promql + "'}");
  return driven ? std::string("driven") : driven.error().message;
}

TEST_CASE("a quantile is the share of observations beyond its bucket") {
  const auto driven = TakenApart("{metric: fleet_db_query_duration_seconds, quantile: 0.99, rate: 10m}");
  REQUIRE(driven.has_value());
  CHECK(driven->form == DrivenQuery::Form::kSlowShare);
  CHECK(driven->operand.metric == "fleet_db_query_duration_seconds_bucket");
  CHECK(*driven->operand.where.front().values.front() == "0.1");
  CHECK(driven->over->metric == "fleet_db_query_duration_seconds_count");
}

TEST_CASE("PromQL that is a rate, an aggregation, a factor or an age is taken apart") {
  const auto driven =
      TakenApart("{promql: 'max by (queue) (increase(work_seconds_total{a!=\"b\"}[5m])) / 4'}");
  REQUIRE(driven.has_value());
  CHECK(driven->operand.each == Operand::Each::kRate);
  CHECK(driven->operand.metric == "work_seconds_total");
  CHECK(driven->operand.where.size() == 1);
  CHECK(driven->operand.window == std::chrono::minutes(5));
  CHECK(driven->operand.aggregation == Aggregation::kMax);
  CHECK(driven->operand.by == std::vector<std::string>{"queue"});
  CHECK(driven->operand.scale == 75);

  const auto age = TakenApart("{promql: 'time() - done_timestamp_seconds'}");
  REQUIRE(age.has_value());
  CHECK(age->operand.each == Operand::Each::kAge);

  const auto quotient = TakenApart("{promql: 'sum(rate(a_total[5m])) / (sum(rate(b_total[5m])) > 0)'}");
  REQUIRE(quotient.has_value());
  CHECK(quotient->form == DrivenQuery::Form::kQuotient);
  CHECK(quotient->over->metric == "b_total");
}

TEST_CASE("what nobody can invert says why") {
  CHECK(Reason("sum(x) * 2") == "driven");
  CHECK(Reason("max_over_time(x[5m])") == "nobody can invert max_over_time()");
  CHECK(Reason("topk(3, x)") == "nobody can invert topk()");
  CHECK(Reason("x + y") == "nobody can invert '+'");
  CHECK(Reason("x offset 5m") == "a selector looks at another time");
  CHECK(Reason("sum without (pod) (x)") == "without() is not driven");
  CHECK(Reason("sum(max by (a) (x))") == "an aggregation of aggregations is not driven");
  CHECK(Reason("sum by (a) (x) / on (a) sum by (a) (y)") == "nobody can invert '/'");
  CHECK(Reason("x / y") == "a quotient of single series is not driven");
}

}  // namespace
}  // namespace fleet::rulegen
