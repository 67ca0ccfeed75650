// All series of the fleet, by the rows of the catalog. What does not fit the catalog does not compile:
// a metric that is not there, a wrong number of labels, Observe on a counter.
//
//   const auto queue = series.Value<"queue">(event.Text(Field::kQueue));
//   series.Count<"queue_messages_processed_total">(event.count, queue, outcome);
//   series.Observe<"queue_wait_duration_seconds">({seconds, event.weight}, queue);
//
// A label is given as a LabelValue (an open label, resolved once), as text, or as an enumerator whose
// enumeration follows the closed set (assert it with ValuesAre). Not thread-safe.
#pragma once

#include <cassert>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "exporter/exposition/snapshot.h"
#include "exporter/fleet/family.h"
#include "exporter/fleet/histogram_delta.h"
#include "exporter/fleet/label_layout.h"
#include "exporter/fleet/label_space.h"
#include "lib/base/clock.h"
#include "lib/catalog/catalog.h"

namespace fleet {

// A value of an open label that has passed the bound: itself, or "other".
template <catalog::FixedString kLabel>
struct LabelValue {
  static constexpr std::string_view kName = kLabel.view();
  std::uint32_t id = 0;

  friend bool operator==(LabelValue, LabelValue) = default;
};

// The closed set of a label; does not compile when the metric has no such label.
template <catalog::FixedString kMetric>
consteval std::span<const std::string_view> ValuesOf(std::string_view label) {
  for (const catalog::LabelDef& def : catalog::Metric<kMetric>.labels) {
    if (def.name == label) return def.values;
  }
  throw "the metric has no such label";
}

// For enumerations that stand for a closed set: static_assert(ValuesAre<"runs">("state", {...})).
template <catalog::FixedString kMetric>
consteval bool ValuesAre(std::string_view label, std::initializer_list<std::string_view> values) {
  return std::ranges::equal(ValuesOf<kMetric>(label), values);
}

class Series {
 public:
  explicit Series(std::string_view metric_namespace);
  // Families point into the spaces.
  Series(const Series&) = delete;
  Series& operator=(const Series&) = delete;

  template <catalog::FixedString kLabel>
  LabelValue<kLabel> Value(std::string_view text) {
    return {Intern(OpenLabelNamed(kLabel.view()), text)};
  }
  template <catalog::FixedString kLabel>
  std::string_view Text(LabelValue<kLabel> value) const {
    return spaces_[OpenLabelNamed(kLabel.view())].Text(value.id);
  }

  template <catalog::FixedString kMetric, typename... Labels>
  void Count(double n, const Labels&... labels) {
    static_assert(IsA<kMetric>(catalog::MetricType::kCounter), "Count is for counters");
    Of<kMetric>().Add(Resolve<kMetric>(labels...), n);
  }

  // Counters with no labels but these exist from now on, as 0.
  template <catalog::FixedString kMetric, typename... Labels>
  void Touch(const Labels&... labels) {
    Of<kMetric>().Touch(Resolve<kMetric>(labels...));
  }

  template <catalog::FixedString kMetric, typename... Labels>
  void Observe(const Observation& observation, const Labels&... labels) {
    static_assert(IsA<kMetric>(catalog::MetricType::kHistogram), "Observe is for histograms");
    Of<kMetric>().Observe(Resolve<kMetric>(labels...), observation);
  }

  // REQUIRES: the delta has the buckets of the metric.
  template <catalog::FixedString kMetric, typename... Labels>
  void ObserveDelta(const HistogramDelta& delta, double weight, const Labels&... labels) {
    static_assert(IsA<kMetric>(catalog::MetricType::kHistogram), "ObserveDelta is for histograms");
    Of<kMetric>().AddDelta(Resolve<kMetric>(labels...), delta, weight);
  }

  // What the exporter itself knows to be true now.
  template <catalog::FixedString kMetric, typename... Labels>
  void Set(double value, const Labels&... labels) {
    static_assert(IsA<kMetric>(catalog::MetricType::kGauge), "Set is for gauges");
    Of<kMetric>().Set(Resolve<kMetric>(labels...), value);
  }

  // What a sender said about the moment `at`: nothing older replaces it, and it is forgotten when it
  // was not said again for the retention.
  template <catalog::FixedString kMetric, typename... Labels>
  void SetState(UnixMillis at, double value, const Labels&... labels) {
    static_assert(IsA<kMetric>(catalog::MetricType::kGauge), "SetState is for gauges");
    Of<kMetric>().SetAsOf(Resolve<kMetric>(labels...), at, value, /*lasting=*/false);
  }

  // The same, and never forgotten: when something last happened.
  template <catalog::FixedString kMetric, typename... Labels>
  void SetLasting(UnixMillis at, double value, const Labels&... labels) {
    static_assert(IsA<kMetric>(catalog::MetricType::kGauge), "SetLasting is for gauges");
    Of<kMetric>().SetAsOf(Resolve<kMetric>(labels...), at, value, /*lasting=*/true);
  }

  // A counter that is kept elsewhere.
  template <catalog::FixedString kMetric, typename... Labels>
  void SetTotal(double value, const Labels&... labels) {
    static_assert(IsA<kMetric>(catalog::MetricType::kCounter), "SetTotal is for counters");
    Of<kMetric>().Set(Resolve<kMetric>(labels...), value);
  }

  // The series goes. Only for gauges, and for counters of single entities.
  template <catalog::FixedString kMetric, typename... Labels>
  void Remove(const Labels&... labels) {
    static_assert(!IsA<kMetric>(catalog::MetricType::kHistogram), "histograms stay");
    Of<kMetric>().Remove(Resolve<kMetric, kKnown>(labels...));
  }

  // A value of a label that is kept elsewhere was replaced by `other`.
  void CountFolded(std::string_view label) { ++folded_elsewhere_[std::string(label)]; }

  // By row of the catalog.
  const std::vector<Family>& families() const { return families_; }

  // Forgets state not told since `time`.
  void Expire(UnixMillis time);

  // Every space of labels and every family, whatever there is in the catalog. Load is for series that
  // have just been made; families that changed their form meanwhile are named in the result.
  void Save(ArchiveWriter& archive) const;
  std::vector<std::string> Load(ArchiveReader& archive);

  // Appends the families that have series, in catalog order.
  void Collect(Snapshot& snapshot);

 private:
  template <catalog::FixedString kMetric>
  static consteval bool IsA(catalog::MetricType type) {
    return catalog::Metric<kMetric>.type == type;
  }

  template <catalog::FixedString kMetric>
  Family& Of() {
    return families_[catalog::Index<kMetric>];
  }

  // Of texts: their ids, which they get now, or only those they have. No series has what has none.
  enum Texts { kAll, kKnown };

  template <catalog::FixedString kMetric, Texts kTexts = kAll, typename... Labels>
  LabelIndexes Resolve(const Labels&... labels) {
    static_assert(sizeof...(Labels) == catalog::Metric<kMetric>.labels.size, "wrong number of labels");
    return ResolveEach<kMetric, kTexts>(std::index_sequence_for<Labels...>{}, labels...);
  }

  template <catalog::FixedString kMetric, Texts kTexts, std::size_t... kPlaces, typename... Labels>
  LabelIndexes ResolveEach(std::index_sequence<kPlaces...>, const Labels&... labels) {
    return LabelIndexes{ResolveOne<kMetric, kTexts, kPlaces>(labels)...};
  }

  template <catalog::FixedString kMetric, Texts kTexts, std::size_t kPlace, typename Label>
  std::uint32_t ResolveOne(const Label& label) {
    constexpr const catalog::LabelDef& kDef = catalog::Metric<kMetric>.labels[kPlace];
    if constexpr (std::convertible_to<Label, std::string_view>) {
      if constexpr (kDef.values.empty()) {
        constexpr std::size_t kOpen = FindOpenLabel(kOpenLabels, kDef);
        return kTexts == kAll ? Intern(kOpen, label) : spaces_[kOpen].Lookup(label);
      }
      const std::uint32_t value = ClosedValue(kDef, label);
      assert(value != kNoValue);  // Fleet::Apply refuses what is in no closed set
      return value;
    } else if constexpr (std::is_enum_v<Label>) {
      static_assert(!kDef.values.empty(), "an enumerator is given for an open label");
      return static_cast<std::uint32_t>(label);
    } else {
      static_assert(Label::kName == kDef.name, "the value belongs to another label");
      return label.id;
    }
  }

  std::uint32_t Intern(std::size_t open_label, std::string_view text);

  std::vector<LabelSpace> spaces_;  // by index of kOpenLabels
  std::vector<Family> families_;    // by row of the catalog
  // For each open label the counters that have no other: born as 0 with every new value.
  std::vector<std::vector<std::size_t>> born_with_;
  std::map<std::string, std::uint64_t, std::less<>> folded_elsewhere_;  // by label
};

}  // namespace fleet
