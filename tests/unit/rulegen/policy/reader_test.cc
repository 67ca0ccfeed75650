#include "rulegen/policy/reader.h"

#include <catch2/catch.hpp>
#include <string>

#include "rulegen/policy/checks.h"

namespace fleet::rulegen {
namespace {

constexpr char kHead[] =
    "version: 1\n"
    "service: s\n"
    "runbook_url: https://r.example/{runbook}\n"
    "dashboard_url: https://g.example/{uid}\n";

// The policy behind the usual head. It must have no error.
Policy Read(const std::string& text) {
  const SourceText source("p.yaml", kHead + text);
  Diagnostics diagnostics(source);
  Policy policy = ReadPolicy(source, diagnostics);
  CheckPolicy(policy, diagnostics);
  INFO(diagnostics.Render());
  CHECK(diagnostics.all().empty());
  return policy;
}

// What is reported for any text.
std::string Report(const std::string& text) {
  const SourceText source("p.yaml", text);
  Diagnostics diagnostics(source);
  CheckPolicy(ReadPolicy(source, diagnostics), diagnostics);
  return diagnostics.Render();
}

TEST_CASE("an empty policy has the defaults") {
  const Policy policy = Read("");
  CHECK(*policy.metric_namespace == "fleet");
  CHECK(*policy.scrape_interval == std::chrono::seconds(15));
  CHECK(*policy.job == "s");
  REQUIRE(policy.tiers.size() == 4);
  CHECK(*policy.tiers[0].alert == "FastBurnRateHigh");
  CHECK(policy.tiers[0].budget->ToString() == "0.02");
  CHECK(*policy.tiers[3].long_window == std::chrono::hours(72));
}

TEST_CASE("an SLO has the defaults") {
  const Policy policy = Read(
      "slos:\n"
      "  - name: a\n"
      "    runbook: r\n"
      "    objective: 99.9%\n"
      "    sli:\n"
      "      events: {total: {metric: fleet_http_requests_total}, bad: {where: {code: '500'}}}\n");
  REQUIRE(policy.slos.size() == 1);
  const Slo& slo = policy.slos[0];
  CHECK(SloId(policy, slo) == "s/a");
  CHECK(slo.objective->ToString() == "99.9");
  CHECK(*slo.period == std::chrono::hours(30 * 24));
  CHECK(slo.tiers.size() == 4);
  CHECK(slo.min_coverage->ToString() == "0.1");
  CHECK_FALSE(slo.breach.has_value());
  REQUIRE(slo.budget_low.has_value());
  CHECK(*slo.budget_low->alert == "SLOBudgetLow");
  CHECK(*slo.budget_spent->alert == "SLOBudgetExhausted");
  CHECK(*slo.no_data->severity == AlertSeverity::kCritical);
  CHECK_FALSE(slo.no_traffic.has_value());
  const auto& sli = std::get<EventsSli>(slo.sli);
  CHECK(sli.counts_bad);
  CHECK(*sli.counted.metric == "fleet_http_requests_total");
  REQUIRE(sli.counted.where.size() == 1);
  CHECK(*sli.counted.where[0].values[0] == "500");
}

TEST_CASE("an SLO chooses tiers in the order of the policy") {
  const Policy policy = Read(
      "slos:\n"
      "  - name: a\n"
      "    runbook: r\n"
      "    objective: 95\n"
      "    burn_rates: [ticket-slow, page-fast]\n"
      "    sli: {latency: {metric: fleet_http_request_duration_seconds, below: 50ms}}\n");
  REQUIRE(policy.slos[0].tiers.size() == 2);
  CHECK(*policy.slos[0].tiers[0].tier == "page-fast");
  CHECK(*policy.slos[0].tiers[1].tier == "ticket-slow");
  CHECK(*std::get<LatencySli>(policy.slos[0].sli).below == std::chrono::milliseconds(50));
}

TEST_CASE("conditions are read by form") {
  const Policy policy = Read(
      "alerts:\n"
      "  - alert: A\n"
      "    group: g\n"
      "    value:\n"
      "      metric: fleet_queue_depth\n"
      "      where: {queue: [a, b], priority: {not: [low, none]}, job: {matches: 'f.*'}, instance: "
      "{excludes: x}}\n"
      "      by: [queue]\n"
      "    above: 10\n"
      "    for: 0s\n"
      "    severity: info\n"
      "    summary: S\n"
      "    description: D\n"
      "    runbook: r\n");
  const std::vector<Condition>& where = policy.alerts[0].value.selector.where;
  REQUIRE(where.size() == 4);
  CHECK(where[0].kind == MatchKind::kOneOf);
  CHECK(where[0].values.size() == 2);
  CHECK(where[1].kind == MatchKind::kNoneOf);
  CHECK(where[1].values.size() == 2);
  CHECK(where[2].kind == MatchKind::kMatches);
  CHECK(where[3].kind == MatchKind::kExcludes);
}

TEST_CASE("bounds are in base units") {
  const auto bound = [](const std::string& metric, const std::string& text) {
    return Read("alerts:\n  - {alert: A, group: g, value: {metric: " + metric + "}, above: " + text +
                ", for: 1m, severity: info, summary: S, description: D, runbook: r}\n")
        .alerts[0]
        .threshold.bound->value.ToString();
  };
  CHECK(bound("fleet_runs", "1000") == "1000");
  CHECK(bound("fleet_sync_progress_ratio", "12.5%") == "0.125");
  CHECK(bound("fleet_backup_last_duration_seconds", "1h30m") == "5400");
  CHECK(bound("fleet_backup_last_duration_seconds", "50ms") == "0.05");
  CHECK(bound("fleet_db_size_bytes", "10GB") == "10000000000");
  CHECK(bound("fleet_db_size_bytes", "1.5KiB") == "1536");
}

TEST_CASE("panels have one query or several") {
  const Policy policy = Read(
      "dashboards:\n"
      "  - name: d\n"
      "    title: D\n"
      "    rows:\n"
      "      - title: R\n"
      "        collapsed: true\n"
      "        panels:\n"
      "          - {metric: fleet_runs, by: [state], legend: '{{state}}', kind: timeseries, width: 12}\n"
      "          - {title: T, queries: [{metric: fleet_agents_active}, {metric: fleet_agents_capacity}]}\n"
      "          - {metric: fleet_http_request_duration_seconds, quantile: [0.5, 0.95], target: 50ms}\n");
  const DashboardRow& row = policy.dashboards[0].rows[0];
  CHECK(**row.collapsed);
  REQUIRE(row.panels.size() == 3);
  CHECK(**row.panels[0].queries[0].legend == "{{state}}");
  CHECK(**row.panels[0].width == 12);
  CHECK(row.panels[1].queries.size() == 2);
  CHECK(row.panels[2].queries[0].quantiles.size() == 2);
  CHECK(DashboardUid(policy, *policy.dashboards[0].name) == "s-d");
}

TEST_CASE("what is no policy at all is reported once") {
  CHECK(Report("").find("error: the file is empty [yaml-empty]") != std::string::npos);
  CHECK(Report("- a\n").find("error: the policy must be a map, not a list [value-type]") !=
        std::string::npos);
  CHECK(Report("a: [\n").find("error: not valid YAML") != std::string::npos);
}

TEST_CASE("a value of the wrong form anywhere is an error and no crash") {
  for (const char* value :
       {"", "~", "x", "[]", "[x]", "[[]]", "{}", "{x: y}", "[{}]", "[{x: {}}]", "5", "'5'"}) {
    for (const char* key : {"version", "service", "namespace", "labels", "runbook_url", "dashboard_url",
                            "prometheus", "burn_rates", "slos", "alerts", "dashboards"}) {
      Report(std::string(kHead) + key + ": " + value + "\n");
    }
    for (const char* key : {"name", "runbook", "objective", "period", "sli", "by", "burn_rates", "min_errors",
                            "breach", "budget_low", "no_data", "labels"}) {
      Report(std::string(kHead) + "slos:\n  - " + key + ": " + value + "\n");
    }
    for (const char* key : {"alert", "group", "value", "above", "only_if", "for", "severity", "labels"}) {
      Report(std::string(kHead) + "alerts:\n  - " + key + ": " + value + "\n");
    }
    for (const char* key : {"metric", "where", "by", "aggregate", "rate", "quantile", "over"}) {
      Report(std::string(kHead) + "alerts:\n  - value: {metric: fleet_runs, " + key + ": " + value + "}\n");
    }
    Report(std::string(kHead) + "slos: [{sli: {events: " + value + "}}, {sli: {latency: " + value + "}}]\n");
    Report(std::string(kHead) + "dashboards: [{rows: " + value + "}, {rows: [{panels: " + value + "}]}]\n");
  }
  SUCCEED();
}

}  // namespace
}  // namespace fleet::rulegen
