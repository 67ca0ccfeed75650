// What one scrape shows: families of series in output order, as plain data that nobody changes.
//
// The texts of the series (their labels) are made when a series is born and shared between snapshots;
// a snapshot copies only numbers. So taking one is short, under whatever lock its source needs, and
// printing one needs no lock at all.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/clock.h"
#include "lib/catalog/metric_def.h"

namespace fleet {

// What HELP, TYPE and UNIT say. Lives as long as the program, or the configuration that declared it.
struct FamilyHeader {
  std::string name;  // with the namespace; counters with _total
  catalog::MetricType type = catalog::MetricType::kGauge;
  catalog::Unit unit = catalog::Unit::kNone;
  std::string help;            // not yet escaped
  std::vector<double> bounds;  // histograms: ascending, without +Inf
};

// Numbers a series of this family keeps: a value, or for histograms the count of each bucket by
// itself (not cumulative; the last one is +Inf) and then the sum of the observations.
inline std::size_t ValuesPerSeries(const FamilyHeader& header) {
  return header.type == catalog::MetricType::kHistogram ? header.bounds.size() + 2 : 1;
}

// Label texts in output order, escaped and without braces: `queue="a",priority="high"`. Immutable.
class SeriesLabels {
 public:
  void Add(std::string_view text) {
    arena_ += text;
    ends_.push_back(static_cast<std::uint32_t>(arena_.size()));
  }
  std::size_t size() const { return ends_.size(); }
  std::string_view operator[](std::size_t i) const {
    const std::size_t begin = i == 0 ? 0 : ends_[i - 1];
    return std::string_view(arena_).substr(begin, ends_[i] - begin);
  }

 private:
  std::string arena_;
  std::vector<std::uint32_t> ends_;  // 4 GiB of label text in one family is out of any budget
};

// The last observation with a trace that fell into a bucket (OpenMetrics 1.0, "Exemplars").
struct Exemplar {
  std::size_t series = 0;  // index into the family's labels
  std::size_t bucket = 0;  // index into bounds, or bounds.size() for +Inf
  std::string trace_id;
  double value = 0;
  UnixMillis time;
};

struct FamilySnapshot {
  const FamilyHeader* header = nullptr;
  std::shared_ptr<const SeriesLabels> labels;
  std::vector<double> values;  // labels->size() * ValuesPerSeries(*header)
  std::vector<Exemplar> exemplars;
};

// Shared by all scrapes that wait for the same collection.
struct Snapshot {
  std::vector<FamilySnapshot> families;
};

// Appends `name="value"` with the escapes of the text format (\\ \" \n), and a comma before it unless
// `text` is empty.
void AppendLabel(std::string& text, std::string_view name, std::string_view value);

}  // namespace fleet
