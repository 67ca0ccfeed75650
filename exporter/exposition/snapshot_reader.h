// Reads a snapshot back by names and labels, for whoever shows it in another way than as a page.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "exporter/exposition/snapshot.h"

namespace fleet {

using LabelTexts = std::map<std::string, std::string, std::less<>>;

// The labels of a series: the reverse of AppendLabel.
LabelTexts ParseLabels(std::string_view text);

class SnapshotReader {
 public:
  // The snapshot must outlive the reader. Names are given without the namespace.
  SnapshotReader(const Snapshot& snapshot, std::string_view metric_namespace);

  // Each series of a counter or gauge; none when there is no such family.
  void ForEach(std::string_view name, const std::function<void(const LabelTexts&, double)>& read) const;

  double Sum(std::string_view name) const;
  // By the value of one label.
  std::map<std::string, double, std::less<>> SumBy(std::string_view name, std::string_view label) const;

 private:
  const Snapshot* snapshot_;
  std::string prefix_;
};

}  // namespace fleet
