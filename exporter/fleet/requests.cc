// Components and what they talk to: HTTP, databases, brokers, external APIs, caches, stores.
#include "exporter/fleet/parts.h"

namespace fleet {

using enum Field;

namespace {

// No answer, or the sender did not look.
constexpr std::string_view kNoCode = "none";

// A deployment changes the version: the old series goes.
void SetVersion(Parts& parts, UnixMillis at, std::string_view component, std::string_view version) {
  std::string* known = parts.component_versions.Find(component);
  if (known == nullptr) {
    if (parts.component_versions.size() >= static_cast<std::size_t>(parts.limits.max_entities)) return;
    known = &parts.component_versions.Add(component);
  }
  if (!known->empty() && *known != version) parts.series.Remove<"component_info">(component, *known);
  *known = std::string(version);
  parts.series.SetState<"component_info">(at, 1, component, version);
}

}  // namespace

void ComponentState(Parts& parts, const Event& event, UnixMillis at) {
  Series& series = parts.series;
  const auto component = series.Value<"component">(event.Text(kComponent));
  if (const auto up = event.Bool(kUp)) series.SetState<"component_up">(at, *up ? 1 : 0, component);
  if (const auto n = event.Number(kMemoryBytes)) series.SetState<"component_memory_bytes">(at, *n, component);
  if (const auto n = event.Number(kRequestsInFlight)) {
    series.SetState<"http_requests_in_flight">(at, *n, component);
  }
  for (const FieldValue& value : event.values()) {
    if (value.field != kStreamConnections) continue;
    series.SetState<"stream_connections">(at, value.number, component, value.text);
  }
  Totals* const totals = NewerTotals(parts, event, at, event.Text(kComponent));
  if (totals == nullptr) return;
  if (const auto n = event.Number(kCpuSeconds)) {
    series.Count<"component_cpu_seconds_total">(totals->cpu.Advance(*n), component);
  }
  if (event.Has(kVersion)) SetVersion(parts, at, event.Text(kComponent), event.Text(kVersion));
}

void HttpRequested(Parts& parts, const Event& event, UnixMillis at) {
  const auto component = parts.series.Value<"component">(event.Text(kComponent));
  const auto endpoint = parts.series.Value<"endpoint">(event.Text(kEndpoint));
  parts.series.Count<"http_requests_total">(event.count, component, endpoint, event.Text(kMethod),
                                            event.Text(kCode));
  ObserveDuration<"http_request_duration_seconds">(parts, event, at, component, endpoint);
}

void DbQuery(Parts& parts, const Event& event, UnixMillis at) {
  const auto database = parts.series.Value<"database">(event.Text(kDatabase));
  const std::string_view operation = event.Text(kOperation);
  parts.series.Count<"db_queries_total">(event.count, database, operation);
  if (event.Has(kError)) {
    parts.series.Count<"db_query_errors_total">(event.count, database, event.Text(kError));
  }
  ObserveDuration<"db_query_duration_seconds">(parts, event, at, database, operation);
}

void DbState(Parts& parts, const Event& event, UnixMillis at) {
  Series& series = parts.series;
  const auto database = series.Value<"database">(event.Text(kDatabase));
  if (const auto up = event.Bool(kUp)) series.SetState<"db_up">(at, *up ? 1 : 0, database);
  if (const auto n = event.Number(kConnectionsMax)) series.SetState<"db_connections_max">(at, *n, database);
  if (const auto n = event.Number(kSizeBytes)) series.SetState<"db_size_bytes">(at, *n, database);
  for (const FieldValue& value : event.values()) {
    if (value.field != kConnections) continue;
    series.SetState<"db_connections">(at, value.number, database, value.text);
  }
}

void BrokerPublished(Parts& parts, const Event& event, UnixMillis) {
  const auto broker = parts.series.Value<"broker">(event.Text(kBroker));
  parts.series.Count<"broker_publishes_total">(event.count, broker);
  if (*event.Bool(kOk)) return;
  parts.series.Count<"broker_publish_failures_total">(event.count, broker, event.TextOr(kReason, "other"));
}

void BrokerState(Parts& parts, const Event& event, UnixMillis at) {
  parts.series.SetState<"broker_up">(at, *event.Bool(kUp) ? 1 : 0, event.Text(kBroker));
}

void ApiCall(Parts& parts, const Event& event, UnixMillis at) {
  const auto api = parts.series.Value<"api">(event.Text(kApi));
  parts.series.Count<"external_api_requests_total">(event.count, api, event.TextOr(kCode, kNoCode));
  if (event.Has(kError)) {
    parts.series.Count<"external_api_errors_total">(event.count, api, event.Text(kError));
  }
  ObserveDuration<"external_api_request_duration_seconds">(parts, event, at, api);
}

void ApiState(Parts& parts, const Event& event, UnixMillis at) {
  Series& series = parts.series;
  const auto api = series.Value<"api">(event.Text(kApi));
  if (const auto up = event.Bool(kUp)) series.SetState<"external_api_up">(at, *up ? 1 : 0, api);
  if (const auto n = event.Number(kRateLimitRemaining)) {
    series.SetState<"external_api_rate_limit_remaining">(at, *n, api);
  }
  if (const auto n = event.Number(kRateLimitMax)) series.SetState<"external_api_rate_limit_max">(at, *n, api);
  if (const auto reset = event.Time(kRateLimitReset)) {
    series.SetState<"external_api_rate_limit_reset_timestamp_seconds">(at, reset->Seconds(), api);
  }
}

// `count` is the number of tokens.
void LlmTokens(Parts& parts, const Event& event, UnixMillis) {
  parts.series.Count<"llm_tokens_total">(event.count, event.Text(kModel), event.Text(kDirection));
}

void CacheLookup(Parts& parts, const Event& event, UnixMillis) {
  const auto cache = parts.series.Value<"cache">(event.Text(kCache));
  parts.series.Count<"cache_requests_total">(event.count, cache);
  if (*event.Bool(kHit)) parts.series.Count<"cache_hits_total">(event.count, cache);
}

void StorageOperation(Parts& parts, const Event& event, UnixMillis) {
  const auto store = parts.series.Value<"store">(event.Text(kStore));
  const std::string_view operation = event.Text(kOperation);
  parts.series.Count<"storage_operations_total">(event.count, store, operation);
  if (event.Bool(kOk).value_or(true)) return;
  parts.series.Count<"storage_operation_errors_total">(event.count, store, operation);
}

}  // namespace fleet
