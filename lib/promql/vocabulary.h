// What is known of metrics, asked of whoever has a catalog of them.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

namespace fleet::promql {

enum class MetricKind { kUnknown, kGauge, kCounter };

struct MetricFacts {
  MetricKind kind = MetricKind::kUnknown;
  std::vector<std::string_view> labels;  // all that its series can have, without the name
  std::vector<std::string_view> always;  // those of them that no series lacks
  bool is_bucket = false;                // the buckets of a histogram: several series differ in `le` alone
};

class Vocabulary {
 public:
  virtual ~Vocabulary() = default;

  // Nothing for a metric it does not know.
  virtual std::optional<MetricFacts> Find(std::string_view metric) const = 0;
  // Whether it would have to know the metric: a name that it does not know is then a mistake.
  virtual bool Owns(std::string_view metric) const = 0;
  virtual std::vector<std::string_view> Names() const = 0;
};

}  // namespace fleet::promql
