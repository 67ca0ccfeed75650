// What the program knows about itself: its counters, kept by prometheus-cpp, named and described by the
// catalog. A name that is not in the catalog does not compile.
//
// Everything here is thread-safe, and on the path of a request takes no lock: counters are looked up
// once and kept.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "exporter/exposition/snapshot.h"
#include "exporter/ingest/ingest.h"
#include "exporter/log.h"
#include "exporter/store/store_observer.h"

namespace prometheus {
class Counter;
class Gauge;
template <typename T>
class Family;
}  // namespace prometheus

namespace fleet {

// One counter for each value of a label, found without a lock.
class CountersByLabel {
 public:
  using Add = std::function<prometheus::Counter&(const std::string& value)>;

  explicit CountersByLabel(Add add) : add_(std::move(add)) {}
  ~CountersByLabel();
  CountersByLabel(const CountersByLabel&) = delete;
  CountersByLabel& operator=(const CountersByLabel&) = delete;

  void Increment(std::string_view value, double by = 1);

 private:
  static constexpr std::size_t kMostValues = 128;  // beyond it values count as other

  struct Entry {
    std::string value;
    prometheus::Counter* counter;
  };

  prometheus::Counter& Find(std::string_view value);

  Add add_;
  std::mutex adding_;
  std::array<std::atomic<Entry*>, kMostValues> entries_{};
};

// Requests of one handler.
class HandlerMetrics {
 public:
  HandlerMetrics(prometheus::Gauge& in_flight, CountersByLabel::Add add)
      : in_flight_(&in_flight), by_code_(std::move(add)) {}

  void Started();
  void Finished(int status);

 private:
  prometheus::Gauge* in_flight_;
  CountersByLabel by_code_;
};

class SelfMetrics final : public IngestObserver {
 public:
  explicit SelfMetrics(std::string metric_namespace);
  ~SelfMetrics() override;
  SelfMetrics(const SelfMetrics&) = delete;
  SelfMetrics& operator=(const SelfMetrics&) = delete;

  // `handler`: a value of the label. The result lives as long as this; each handler once.
  HandlerMetrics& Handler(std::string_view handler);

  // A push request that was answered. `format`: a value of the label of that name.
  void IngestRequest(std::string_view format, int status, std::size_t body_bytes,
                     std::chrono::nanoseconds duration);
  void Received(std::string_view kind, std::size_t events) override;
  void Rejected(std::string_view reason) override;
  void Deduplicated(std::size_t events) override;

  // Of a store on disk; without one none of its families are there.
  void StoreWrote(bool success, std::chrono::nanoseconds duration, UnixMillis end);
  void StoreIs(const StoreStats& stats);

  void Collected(std::string_view collector, bool success, std::chrono::nanoseconds duration, UnixMillis end);
  void ConfigLoaded(bool success, UnixMillis time);
  void Logged(LogLevel level);

  // Adds its families to those of the fleet and of the process, in the order of PutExporterFirst; only
  // build_info when `all` is false.
  void Collect(Snapshot& snapshot, bool all = true) const;

 private:
  class State;
  std::unique_ptr<State> state_;
};

// The families of the exporter itself in catalog order, then process_*, then the others as they were.
void PutExporterFirst(std::string_view metric_namespace, Snapshot& snapshot);

}  // namespace fleet
