// A policy with SLOs of both kinds and a panel of each kind, as a user writes it.
#pragma once

#include <catch2/catch.hpp>
#include <string>

#include "rulegen/policy/checks.h"
#include "rulegen/policy/reader.h"

namespace fleet::rulegen {

inline constexpr char kSamplePolicy[] = R"(version: 1
service: shop
runbook_url: https://example.org/{runbook}
dashboard_url: https://grafana.example.org/d/{uid}
slos:
  - name: availability
    runbook: r
    objective: 99.95
    sli:
      events:
        total: {metric: fleet_http_requests_total}
        bad: {where: {code: {matches: "5.."}}}
  - name: fast
    runbook: r
    objective: 95
    sli: {latency: {metric: fleet_http_request_duration_seconds, below: 50ms}}
    burn_rates: [page-slow]
  - name: faster
    runbook: r
    objective: 90
    sli: {latency: {metric: fleet_http_request_duration_seconds, below: 25ms}}
    burn_rates: [page-slow]
  - name: queues
    runbook: r
    objective: 99
    by: [queue]
    sli:
      events:
        total: {metric: fleet_queue_messages_processed_total}
        bad: {where: {outcome: dead_lettered}}
alerts:
  - alert: QueueDeep
    group: queues
    value: {metric: fleet_queue_depth, by: [queue]}
    above: 1000
    for: 5m
    severity: warning
    summary: s
    description: d
    runbook: r
  - alert: PoolLow
    group: queues
    value: {metric: fleet_sandbox_pool_available, by: [sandbox_type], over: {metric: fleet_sandbox_pool_capacity}}
    below: 10%
    for: 5m
    severity: warning
    summary: s
    description: d
    runbook: r
dashboards:
  - name: slo
    title: Objectives
    rows:
      - title: Work
        collapsed: true
        panels:
          - {metric: fleet_tasks_processed_total, by: [outcome]}
  - name: metrics
    title: Metrics
    description: Everything at once.
    rows:
      - title: Numbers
        panels:
          - {title: Pending, metric: fleet_runs, where: {state: pending}, aggregate: sum, kind: stat}
          - {kind: gauge, metric: fleet_sandbox_pool_available, by: [sandbox_type],
             over: {metric: fleet_sandbox_pool_capacity}, alert: PoolLow}
          - {kind: bargauge, metric: fleet_agents_active, by: [tier], target: 928}
          - {kind: piechart, metric: fleet_agents_active, by: [tier], width: 6}
      - title: Lines
        panels:
          - {metric: fleet_queue_depth, by: [queue], alert: QueueDeep}
          - {metric: fleet_http_request_duration_seconds, quantile: [0.5, 0.99], target: 100ms}
          - {metric: fleet_http_request_duration_seconds}
          - queries:
              - {metric: fleet_runs_created_total, aggregate: sum, legend: created}
              - {metric: fleet_runs_finished_total, by: [outcome], legend: finished}
            title: Runs
          - {metric: fleet_queue_oldest_message_timestamp_seconds, by: [queue], width: 24, height: 7}
      - title: Tables
        panels:
          - kind: table
            title: Queues
            queries:
              - {metric: fleet_queue_depth, by: [queue]}
              - {metric: fleet_queue_messages_processed_total, by: [queue], rate: 1h, legend: Processed}
          - {kind: state-timeline, metric: fleet_component_up, by: [component], aggregate: min}
          - {kind: text, description: "Read the *runbook*."}
      - title: Objectives
        panels:
          - {slo: availability}
          - {slo: availability, show: budget, kind: gauge}
          - {slo: all, show: burn}
          - {slo: fast, show: errors}
          - {slo: fast, show: events, title: Asked}
          - {slo: all, show: alerts}
)";

// The text with its first `what` replaced; it must be there.
inline std::string Replaced(std::string text, const std::string& what, const std::string& with) {
  const std::size_t at = text.find(what);
  REQUIRE(at != std::string::npos);
  return text.replace(at, what.size(), with);
}

// The policy of a text that must be without errors.
inline Policy PolicyOf(const std::string& text) {
  const SourceText source("policies.yaml", text);
  Diagnostics diagnostics(source);
  Policy policy = ReadPolicy(source, diagnostics);
  CheckPolicy(policy, diagnostics);
  INFO(diagnostics.Render());
  REQUIRE_FALSE(diagnostics.has_errors());
  return policy;
}

}  // namespace fleet::rulegen
