// Queues of messages, and synchronisations.
#include "exporter/fleet/parts.h"

namespace fleet {

using enum Field;

namespace {

// The whole queue, or its part of one priority or one message type.
void SetDepth(Parts& parts, const Event& event, UnixMillis at, LabelValue<"queue"> queue, double depth) {
  if (event.Has(kMessageType)) {
    parts.series.SetState<"queue_message_type_depth">(at, depth, queue, event.Text(kMessageType));
  } else {
    parts.series.SetState<"queue_depth">(at, depth, queue, event.TextOr(kPriority, "none"));
  }
}

}  // namespace

void QueueState(Parts& parts, const Event& event, UnixMillis at) {
  Series& series = parts.series;
  const auto queue = series.Value<"queue">(event.Text(kQueue));
  const auto depth = event.Number(kDepth);
  if (depth) SetDepth(parts, event, at, queue, *depth);
  if (const auto n = event.Number(kInFlight)) series.SetState<"queue_in_flight_messages">(at, *n, queue);
  if (const auto n = event.Number(kDelayed)) series.SetState<"queue_delayed_messages">(at, *n, queue);
  if (const auto n = event.Number(kDeadLetter)) series.SetState<"queue_dead_letter_messages">(at, *n, queue);
  if (const auto n = event.Number(kConsumers)) series.SetState<"queue_consumers">(at, *n, queue);
  if (const auto open = event.Bool(kCircuitBreakerOpen)) {
    series.SetState<"queue_circuit_breaker_open">(at, *open ? 1 : 0, queue);
  }
  if (const auto oldest = event.Time(kOldestTime)) {
    series.SetState<"queue_oldest_message_timestamp_seconds">(at, oldest->Seconds(), queue);
  } else if (depth == 0.0 && !event.Has(kPriority) && !event.Has(kMessageType)) {
    series.Remove<"queue_oldest_message_timestamp_seconds">(queue);  // an empty queue has no oldest
  }
}

// What is left of it are its counters.
void QueueRemoved(Parts& parts, const Event& event, UnixMillis) {
  Series& series = parts.series;
  const auto queue = series.Value<"queue">(event.Text(kQueue));
  for (const std::string_view priority : ValuesOf<"queue_depth">("priority")) {
    series.Remove<"queue_depth">(queue, priority);
  }
  series.Remove<"queue_in_flight_messages">(queue);
  series.Remove<"queue_delayed_messages">(queue);
  series.Remove<"queue_dead_letter_messages">(queue);
  series.Remove<"queue_oldest_message_timestamp_seconds">(queue);
  series.Remove<"queue_consumers">(queue);
  series.Remove<"queue_circuit_breaker_open">(queue);
}

void QueueEnqueued(Parts& parts, const Event& event, UnixMillis) {
  parts.series.Count<"queue_messages_enqueued_total">(event.count, event.Text(kQueue));
}

void QueueProcessed(Parts& parts, const Event& event, UnixMillis at) {
  Series& series = parts.series;
  const auto queue = series.Value<"queue">(event.Text(kQueue));
  series.Count<"queue_messages_processed_total">(event.count, queue, event.Text(kOutcome));
  if (const auto seconds = event.Number(kDurationSeconds)) {
    series.Observe<"queue_processing_duration_seconds">(Observed(event, at, *seconds), queue);
  }
  if (const auto seconds = event.Number(kWaitSeconds)) {
    series.Observe<"queue_wait_duration_seconds">(Observed(event, at, *seconds), queue);
  }
  if (const auto messages = event.Number(kBatch)) {
    series.Observe<"queue_batch_messages">(Observed(event, at, *messages), queue);
  }
}

void QueueError(Parts& parts, const Event& event, UnixMillis) {
  parts.series.Count<"queue_message_errors_total">(event.count, event.Text(kQueue), event.Text(kSeverity));
}

void QueueDeduplicated(Parts& parts, const Event& event, UnixMillis) {
  parts.series.Count<"queue_messages_deduplicated_total">(event.count, event.Text(kQueue));
}

void SyncProgress(Parts& parts, const Event& event, UnixMillis at) {
  const double ratio = *event.Number(kRatio);
  parts.series.SetState<"sync_progress_ratio">(at, ratio < 1 ? ratio : 1, event.Text(kSync));
}

}  // namespace fleet
