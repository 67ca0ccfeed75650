#include "exporter/exposition/snapshot_reader.h"

namespace fleet {

LabelTexts ParseLabels(std::string_view text) {
  LabelTexts labels;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t equals = text.find('=', at);
    if (equals == std::string_view::npos) break;
    std::string value;
    std::size_t i = equals + 2;  // behind ="
    for (; i < text.size() && text[i] != '"'; ++i) {
      char c = text[i];
      if (c == '\\' && i + 1 < text.size()) {
        c = text[++i];
        if (c == 'n') c = '\n';
      }
      value += c;
    }
    labels.emplace(text.substr(at, equals - at), std::move(value));
    at = i + 2;  // behind ",
  }
  return labels;
}

SnapshotReader::SnapshotReader(const Snapshot& snapshot, std::string_view metric_namespace)
    : snapshot_(&snapshot), prefix_(std::string(metric_namespace) + "_") {}

void SnapshotReader::ForEach(std::string_view name,
                             const std::function<void(const LabelTexts&, double)>& read) const {
  for (const FamilySnapshot& family : snapshot_->families) {
    const std::string_view full = family.header->name;
    if (!full.starts_with(prefix_) || full.substr(prefix_.size()) != name) continue;
    if (family.header->type == catalog::MetricType::kHistogram) continue;
    for (std::size_t i = 0; i < family.labels->size(); ++i) {
      read(ParseLabels((*family.labels)[i]), family.values[i]);
    }
  }
}

double SnapshotReader::Sum(std::string_view name) const {
  double sum = 0;
  ForEach(name, [&](const LabelTexts&, double value) { sum += value; });
  return sum;
}

std::map<std::string, double, std::less<>> SnapshotReader::SumBy(std::string_view name,
                                                                 std::string_view label) const {
  std::map<std::string, double, std::less<>> sums;
  ForEach(name, [&](const LabelTexts& labels, double value) {
    const auto it = labels.find(label);
    if (it != labels.end()) sums[it->second] += value;
  });
  return sums;
}

}  // namespace fleet
