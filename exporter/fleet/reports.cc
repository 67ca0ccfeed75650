// Domain events on their way: recorded, reported by workers, delivered, stored.
#include "exporter/fleet/parts.h"

namespace fleet {

using enum Field;

void EventRecorded(Parts& parts, const Event& event, UnixMillis at) {
  parts.series.Count<"events_total">(event.count, event.Text(kEventType));
  if (const auto bytes = event.Number(kSizeBytes)) {
    parts.series.Observe<"event_size_bytes">(Observed(event, at, *bytes));
  }
  ObserveDuration<"event_processing_duration_seconds">(parts, event, at);
}

void EventReported(Parts& parts, const Event& event, UnixMillis) {
  const auto type = parts.series.Value<"worker_type">(event.Text(kWorkerType));
  parts.series.Count<"event_reports_total">(event.count, type);
  if (*event.Bool(kOk)) return;
  parts.series.Count<"event_report_failures_total">(event.count, type, event.TextOr(kReason, "other"));
}

void EventDelivered(Parts& parts, const Event& event, UnixMillis at) {
  const std::string_view transport = event.Text(kTransport);
  parts.series.Count<"event_deliveries_total">(event.count, transport);
  if (!*event.Bool(kOk)) {
    parts.series.Count<"event_delivery_failures_total">(event.count, transport,
                                                        event.TextOr(kReason, "other"));
  }
  ObserveDuration<"event_delivery_duration_seconds">(parts, event, at, transport);
}

void EventStoreState(Parts& parts, const Event& event, UnixMillis at) {
  const auto table = parts.series.Value<"table">(event.Text(kTable));
  if (const auto rows = event.Number(kRows)) parts.series.SetState<"event_store_rows">(at, *rows, table);
  if (const auto oldest = event.Time(kOldestTime)) {
    parts.series.SetState<"event_store_oldest_timestamp_seconds">(at, oldest->Seconds(), table);
  }
}

}  // namespace fleet
