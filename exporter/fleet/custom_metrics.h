// Metrics that users declare in the configuration, fed by the event `custom`. They keep the rules of the
// catalog: linted names, labels with bounds, a cap of series, nothing that was not declared.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/exposition/snapshot.h"
#include "exporter/fleet/archive.h"
#include "exporter/fleet/custom_metric.h"
#include "exporter/fleet/event.h"
#include "exporter/fleet/refusal.h"
#include "exporter/fleet/series.h"

namespace fleet {

class CustomMetrics {
 public:
  CustomMetrics(Series& series, std::string_view metric_namespace);

  // Families whose declaration did not change keep their series.
  void Declare(const std::vector<CustomMetric>& metrics);

  Refused Received(const Event& event, UnixMillis at);

  // Forgets gauges and running totals not told since `time`.
  void Expire(UnixMillis time);
  // Counts the series held; call before the families of the exporter are collected.
  void CollectCounts();
  // Appends the families that have series, in the order of the declaration.
  void Collect(Snapshot& snapshot);

  // The series by name: of a family that is declared otherwise now, those that still fit.
  template <typename Archive>
  void Persist(Archive& archive) {
    AllSeries all;
    if (Archive::kMode == ArchiveMode::kWrite) all = Held();
    archive(all);
    if (Archive::kMode == ArchiveMode::kRead) Restore(all);
  }

 private:
  using LabelTexts = std::vector<std::string>;

  struct KeptExemplar {
    std::string trace_id;
    double value = 0;
    UnixMillis at;
  };

  struct Numbers {
    std::vector<double> values;  // as ValuesPerSeries says
    UnixMillis told;
    std::map<std::size_t, KeptExemplar> exemplars;  // by bucket
  };

  // One series, for the archive.
  struct Saved {
    LabelTexts labels;
    Numbers numbers;

    template <typename Archive>
    void Persist(Archive& archive) {
      archive(labels, numbers.values, numbers.told, numbers.exemplars);
    }
  };
  using AllSeries = std::map<std::string, std::vector<Saved>>;  // by name

  struct Declared {
    CustomMetric metric;
    const FamilyHeader* header = nullptr;
    std::map<LabelTexts, Numbers> series;
    std::vector<std::set<std::string, std::less<>>> seen;  // open labels: their values, by place
  };

  const FamilyHeader* HeaderOf(const CustomMetric& metric);
  AllSeries Held() const;
  void Restore(const AllSeries& all);
  static void LearnValues(Declared& declared);
  Declared* Find(std::string_view name);
  void AddFromStart(Declared& declared);
  Refused ReadLabels(Declared& declared, const Event& event, LabelTexts& texts);
  Refused Fold(Declared& declared, LabelTexts& texts);
  Refusal DropSeries(std::string_view what, int limit);
  Numbers* FindOrAdd(Declared& declared, const LabelTexts& texts);
  void Add(const Declared& declared, Numbers& numbers, const Event& event, UnixMillis at);
  static void Observe(const Declared& declared, Numbers& numbers, const Event& event, UnixMillis at);

  Series* series_;
  std::string namespace_;
  std::vector<Declared> declared_;
  // Snapshots may outlive a declaration: headers are kept, and used again for an equal one.
  std::vector<std::unique_ptr<const FamilyHeader>> headers_;
};

}  // namespace fleet
