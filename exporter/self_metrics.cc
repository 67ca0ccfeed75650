#include "exporter/self_metrics.h"

#include <fmt/format.h>
#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "build_info.h"
#include "lib/catalog/catalog.h"

namespace fleet {
namespace {

using catalog::MetricDef;
using catalog::MetricType;
using prometheus::ClientMetric;

using LabelValues = std::map<std::string, std::string>;

template <catalog::FixedString kName, typename... Texts>
LabelValues LabelsOf(const Texts&... values) {
  constexpr const MetricDef& kRow = catalog::Metric<kName>;
  static_assert(sizeof...(values) == kRow.labels.size, "the catalog gives this metric other labels");
  LabelValues labels;
  std::size_t i = 0;
  (labels.emplace(kRow.labels[i++].name, values), ...);
  return labels;
}

template <catalog::FixedString kName>
auto& RegisterCounter(prometheus::Registry& registry) {
  static_assert(catalog::Metric<kName>.type == MetricType::kCounter);
  return prometheus::BuildCounter().Name(std::string(kName.view())).Register(registry);
}

template <catalog::FixedString kName>
auto& RegisterGauge(prometheus::Registry& registry) {
  static_assert(catalog::Metric<kName>.type == MetricType::kGauge);
  return prometheus::BuildGauge().Name(std::string(kName.view())).Register(registry);
}

template <catalog::FixedString kName>
prometheus::Histogram& AddHistogram(prometheus::Registry& registry) {
  constexpr const MetricDef& kRow = catalog::Metric<kName>;
  static_assert(kRow.type == MetricType::kHistogram && kRow.labels.size == 0);
  const auto bounds = catalog::Bounds(kRow.buckets);
  return prometheus::BuildHistogram()
      .Name(std::string(kName.view()))
      .Register(registry)
      .Add({}, prometheus::Histogram::BucketBoundaries(bounds.begin(), bounds.end()));
}

// Label texts in the order of the catalog; prometheus-cpp keeps them in another.
std::string LabelText(const MetricDef& row, const ClientMetric& metric) {
  std::string text;
  for (const catalog::LabelDef& label : row.labels) {
    for (const ClientMetric::Label& given : metric.label) {
      if (given.name == label.name) AppendLabel(text, given.name, given.value);
    }
  }
  return text;
}

std::vector<double> Values(MetricType type, const ClientMetric& metric) {
  if (type == MetricType::kCounter) return {metric.counter.value};
  if (type == MetricType::kGauge) return {metric.gauge.value};
  std::vector<double> values;
  std::uint64_t before = 0;
  for (const ClientMetric::Bucket& bucket : metric.histogram.bucket) {
    values.push_back(static_cast<double>(bucket.cumulative_count - before));
    before = bucket.cumulative_count;
  }
  values.push_back(metric.histogram.sample_sum);
  return values;
}

FamilySnapshot Convert(const FamilyHeader& header, const MetricDef& row,
                       const prometheus::MetricFamily& family) {
  std::vector<std::pair<std::string, std::vector<double>>> series;
  for (const ClientMetric& metric : family.metric) {
    series.emplace_back(LabelText(row, metric), Values(row.type, metric));
  }
  std::ranges::sort(series);  // prometheus-cpp's order is that of a hash map
  auto labels = std::make_shared<SeriesLabels>();
  FamilySnapshot snapshot{&header, nullptr, {}, {}};
  for (const auto& [text, values] : series) {
    labels->Add(text);
    snapshot.values.insert(snapshot.values.end(), values.begin(), values.end());
  }
  snapshot.labels = std::move(labels);
  return snapshot;
}

}  // namespace

CountersByLabel::~CountersByLabel() {
  for (const auto& entry : entries_) delete entry.load();
}

void CountersByLabel::Increment(std::string_view value, double by) { Find(value).Increment(by); }

// Entries are filled from the front and never change: what is not found before the first empty one is
// not there.
prometheus::Counter& CountersByLabel::Find(std::string_view value) {
  const auto find = [&]() -> std::pair<Entry*, std::size_t> {
    for (std::size_t i = 0; i < kMostValues; ++i) {
      Entry* entry = entries_[i].load(std::memory_order_acquire);
      if (entry == nullptr || entry->value == value) return {entry, i};
    }
    return {nullptr, kMostValues};
  };
  if (const auto [entry, place] = find(); entry != nullptr) return *entry->counter;
  const std::lock_guard lock(adding_);
  const auto [entry, place] = find();
  if (entry != nullptr) return *entry->counter;
  if (place == kMostValues) return add_("other");
  const std::string name(place == kMostValues - 1 ? "other" : value);
  auto added = std::make_unique<Entry>(Entry{name, &add_(name)});
  prometheus::Counter& counter = *added->counter;
  entries_[place].store(added.release(), std::memory_order_release);
  return counter;
}

void HandlerMetrics::Started() { in_flight_->Increment(); }

void HandlerMetrics::Finished(int status) {
  by_code_.Increment(fmt::format_int(status).c_str());
  in_flight_->Decrement();
}

// Families of the store, there from its first word on.
struct StoreMetrics {
  explicit StoreMetrics(prometheus::Registry& registry)
      : size(RegisterGauge<"exporter_store_size_bytes">(registry).Add({})),
        write_errors(RegisterCounter<"exporter_store_write_errors_total">(registry).Add({})),
        write_duration(AddHistogram<"exporter_store_write_duration_seconds">(registry)),
        queue_length(RegisterGauge<"exporter_ingest_queue_length">(registry).Add({})),
        queue_capacity(RegisterGauge<"exporter_ingest_queue_capacity">(registry).Add({})),
        last_writes(RegisterGauge<"exporter_store_last_write_timestamp_seconds">(registry)) {}

  prometheus::Gauge& size;
  prometheus::Counter& write_errors;
  prometheus::Histogram& write_duration;
  prometheus::Gauge& queue_length;
  prometheus::Gauge& queue_capacity;
  prometheus::Family<prometheus::Gauge>& last_writes;  // empty before the first
};

class SelfMetrics::State {
 public:
  explicit State(std::string name_space) : metric_namespace(std::move(name_space)) {
    for (const MetricDef& row : catalog::kMetrics) {
      if (row.group != catalog::Group::kExporter) continue;
      const auto bounds = catalog::Bounds(row.buckets);
      headers.emplace(row.name, FamilyHeader{fmt::format("{}_{}", metric_namespace, row.name),
                                             row.type,
                                             row.unit,
                                             std::string(row.help),
                                             {bounds.begin(), bounds.end()}});
    }
    RegisterGauge<"exporter_build_info">(registry)
        .Add(LabelsOf<"exporter_build_info">(kVersion, kRevision, kBranch, kCompiler))
        .Set(1);
    for (const std::string_view level : {"debug", "info", "warn", "error"}) logged.Increment(level, 0);
    for (const catalog::LabelDef& label : catalog::Metric<"exporter_ingest_events_rejected_total">.labels) {
      for (const std::string_view reason : label.values) rejected.Increment(reason, 0);
    }
  }

  std::string metric_namespace;
  std::map<std::string_view, FamilyHeader> headers;  // by name without the namespace
  prometheus::Registry registry;

  prometheus::Family<prometheus::Counter>& http_requests =
      RegisterCounter<"exporter_http_requests_total">(registry);
  prometheus::Family<prometheus::Gauge>& http_in_flight =
      RegisterGauge<"exporter_http_requests_in_flight">(registry);
  prometheus::Family<prometheus::Counter>& ingest_requests =
      RegisterCounter<"exporter_ingest_requests_total">(registry);
  prometheus::Family<prometheus::Counter>& ingest_events =
      RegisterCounter<"exporter_ingest_events_total">(registry);
  prometheus::Family<prometheus::Counter>& ingest_rejected =
      RegisterCounter<"exporter_ingest_events_rejected_total">(registry);
  prometheus::Family<prometheus::Counter>& log_messages =
      RegisterCounter<"exporter_log_messages_total">(registry);
  prometheus::Family<prometheus::Gauge>& collector_success =
      RegisterGauge<"exporter_collector_success">(registry);
  prometheus::Family<prometheus::Gauge>& collector_duration =
      RegisterGauge<"exporter_collector_duration_seconds">(registry);
  prometheus::Family<prometheus::Gauge>& collector_time =
      RegisterGauge<"exporter_collector_last_success_timestamp_seconds">(registry);

  prometheus::Counter& deduplicated =
      RegisterCounter<"exporter_ingest_events_deduplicated_total">(registry).Add({});
  prometheus::Counter& received_bytes =
      RegisterCounter<"exporter_ingest_received_bytes_total">(registry).Add({});
  prometheus::Histogram& ingest_duration = AddHistogram<"exporter_ingest_request_duration_seconds">(registry);
  prometheus::Gauge& config_success =
      RegisterGauge<"exporter_config_last_reload_successful">(registry).Add({});
  prometheus::Gauge& config_time =
      RegisterGauge<"exporter_config_last_reload_success_timestamp_seconds">(registry).Add({});

  CountersByLabel received{[this](const std::string& kind) -> prometheus::Counter& {
    return ingest_events.Add(LabelsOf<"exporter_ingest_events_total">(kind));
  }};
  CountersByLabel rejected{[this](const std::string& reason) -> prometheus::Counter& {
    return ingest_rejected.Add(LabelsOf<"exporter_ingest_events_rejected_total">(reason));
  }};
  CountersByLabel logged{[this](const std::string& level) -> prometheus::Counter& {
    return log_messages.Add(LabelsOf<"exporter_log_messages_total">(level));
  }};

  StoreMetrics& Store() {
    std::call_once(store_once, [this] { store.emplace(registry); });
    return *store;
  }
  std::once_flag store_once;
  std::optional<StoreMetrics> store;

  std::mutex mutex;  // of the two maps; looked up when listeners start, and once a collection
  std::map<std::string, HandlerMetrics, std::less<>> handlers;
  std::map<std::string, CountersByLabel, std::less<>> requests_by_format;

  CountersByLabel& RequestsOf(std::string_view format) {
    return requests_by_format
        .try_emplace(std::string(format),
                     [this, name = std::string(format)](const std::string& code) -> prometheus::Counter& {
                       return ingest_requests.Add(LabelsOf<"exporter_ingest_requests_total">(name, code));
                     })
        .first->second;
  }
};

SelfMetrics::SelfMetrics(std::string metric_namespace)
    : state_(std::make_unique<State>(std::move(metric_namespace))) {
  for (const std::string_view format : {"cloudevents", "cloudevents_batch", "ndjson", "other"}) {
    state_->RequestsOf(format);
  }
}
SelfMetrics::~SelfMetrics() = default;

HandlerMetrics& SelfMetrics::Handler(std::string_view handler) {
  const std::lock_guard lock(state_->mutex);
  const std::string name(handler);
  const auto add = [this, name](const std::string& code) -> prometheus::Counter& {
    return state_->http_requests.Add(LabelsOf<"exporter_http_requests_total">(name, code));
  };
  auto& in_flight = state_->http_in_flight.Add(LabelsOf<"exporter_http_requests_in_flight">(name));
  return state_->handlers.try_emplace(name, in_flight, add).first->second;
}

void SelfMetrics::IngestRequest(std::string_view format, int status, std::size_t body_bytes,
                                std::chrono::nanoseconds duration) {
  // All formats are there since the start: the map does not change.
  const auto requests = state_->requests_by_format.find(format);
  if (requests != state_->requests_by_format.end()) {
    requests->second.Increment(fmt::format_int(status).c_str());
  }
  state_->received_bytes.Increment(static_cast<double>(body_bytes));
  state_->ingest_duration.Observe(std::chrono::duration<double>(duration).count());
}

void SelfMetrics::Received(std::string_view kind, std::size_t events) {
  state_->received.Increment(kind, static_cast<double>(events));
}
void SelfMetrics::Rejected(std::string_view reason) { state_->rejected.Increment(reason); }
void SelfMetrics::Deduplicated(std::size_t events) {
  if (events > 0) state_->deduplicated.Increment(static_cast<double>(events));
}

void SelfMetrics::StoreWrote(bool success, std::chrono::nanoseconds duration, UnixMillis end) {
  StoreMetrics& store = state_->Store();
  store.write_duration.Observe(std::chrono::duration<double>(duration).count());
  if (success) {
    store.last_writes.Add({}).Set(end.Seconds());
  } else {
    store.write_errors.Increment();
  }
}

void SelfMetrics::StoreIs(const StoreStats& stats) {
  StoreMetrics& store = state_->Store();
  store.size.Set(static_cast<double>(stats.size_bytes));
  store.queue_length.Set(static_cast<double>(stats.queue_length));
  store.queue_capacity.Set(static_cast<double>(stats.queue_capacity));
}

void SelfMetrics::Collected(std::string_view collector, bool success, std::chrono::nanoseconds duration,
                            UnixMillis end) {
  const std::string name(collector);
  state_->collector_success.Add(LabelsOf<"exporter_collector_success">(name)).Set(success ? 1 : 0);
  state_->collector_duration.Add(LabelsOf<"exporter_collector_duration_seconds">(name))
      .Set(std::chrono::duration<double>(duration).count());
  if (!success) return;
  state_->collector_time.Add(LabelsOf<"exporter_collector_last_success_timestamp_seconds">(name))
      .Set(end.Seconds());
}

void SelfMetrics::ConfigLoaded(bool success, UnixMillis time) {
  state_->config_success.Set(success ? 1 : 0);
  if (success) state_->config_time.Set(time.Seconds());
}

void SelfMetrics::Logged(LogLevel level) { state_->logged.Increment(Name(level)); }

void SelfMetrics::Collect(Snapshot& snapshot, bool all) const {
  for (const prometheus::MetricFamily& family : state_->registry.Collect()) {
    const MetricDef* row = catalog::Find(family.name);
    if (!all && row != &catalog::Metric<"exporter_build_info">) continue;
    snapshot.families.push_back(Convert(state_->headers.at(row->name), *row, family));
  }
  PutExporterFirst(state_->metric_namespace, snapshot);
}

void PutExporterFirst(std::string_view metric_namespace, Snapshot& snapshot) {
  const std::string prefix = fmt::format("{}_exporter_", metric_namespace);
  using Place = std::pair<int, std::ptrdiff_t>;
  const auto place = [&](std::size_t i) -> Place {
    const std::string_view name = snapshot.families[i].header->name;
    if (name.starts_with("process_")) return {1, static_cast<std::ptrdiff_t>(i)};
    if (!name.starts_with(prefix)) return {2, static_cast<std::ptrdiff_t>(i)};
    return {0, catalog::Find(name.substr(metric_namespace.size() + 1)) - catalog::kMetrics};
  };
  std::vector<std::pair<Place, std::size_t>> order;
  for (std::size_t i = 0; i < snapshot.families.size(); ++i) order.emplace_back(place(i), i);
  std::ranges::sort(order);
  std::vector<FamilySnapshot> sorted;
  sorted.reserve(order.size());
  for (const auto& [key, i] : order) sorted.push_back(std::move(snapshot.families[i]));
  snapshot.families = std::move(sorted);
}

}  // namespace fleet
