// What a row of the catalog says about a metric: the vocabulary of metrics.h.
#pragma once

#include <array>
#include <cstddef>
#include <initializer_list>
#include <span>
#include <string_view>

namespace fleet::catalog {

enum class MetricType { kCounter, kGauge, kHistogram };

// Base units, as OpenMetrics names them. kUnixSeconds is a point in time, kSeconds a span of it.
enum class Unit { kNone, kSeconds, kUnixSeconds, kBytes, kRatio, kCores };

// Bucket sets; the bounds are in catalog.h. kNone for everything that is no histogram.
enum class BucketSet { kNone, kFast, kLatency, kWork, kLifetime, kBytes, kMessages };

// kEntity: one series for each worker, runner, sandbox or user. Capped, and can be switched off.
// Aggregates never depend on that cap.
enum class Scope { kAggregate, kEntity };

// The part of the fleet a metric speaks about: the sections of docs/metrics.md.
enum class Group {
  kExporter,
  kSources,
  kRuns,
  kWorkers,
  kTasks,
  kQueues,
  kAgents,
  kSandboxes,
  kEvents,
  kErrors,
  kRequests,
  kBackups,
};

struct LabelDef {
  std::string_view name;
  // A closed set, all of them exported from the start, or empty: any value up to the bound.
  std::span<const std::string_view> values{};
  // Most distinct values; later ones become "other" (aggregates) or are refused (entity ids).
  int bound = 0;
  // False: the values of the closed set appear when first seen, for labels that would multiply many
  // series that stay 0 for ever.
  bool from_start = true;
};

inline constexpr std::size_t kMaxLabels = 4;

// The labels of a metric, in the order in which values are given and printed.
struct LabelList {
  std::array<LabelDef, kMaxLabels> defs{};
  std::size_t size = 0;

  constexpr LabelList() = default;
  constexpr LabelList(std::initializer_list<LabelDef> list) {
    for (const LabelDef& def : list) defs[size++] = def;
  }
  constexpr const LabelDef* begin() const { return defs.data(); }
  constexpr const LabelDef* end() const { return defs.data() + size; }
  constexpr const LabelDef& operator[](std::size_t i) const { return defs[i]; }
};

struct MetricDef {
  std::string_view name;  // without the namespace (--metrics.namespace, default fleet)
  MetricType type = MetricType::kGauge;
  Unit unit = Unit::kNone;
  LabelList labels{};
  std::string_view help{};
  Group group = Group::kExporter;
  BucketSet buckets = BucketSet::kNone;
  Scope scope = Scope::kAggregate;
  bool on_by_default = true;  // false only for entity metrics that need asking for
};

}  // namespace fleet::catalog
