#include "exporter/fleet/series.h"

#include "lib/base/hash.h"

namespace fleet {
namespace {

using catalog::MetricDef;
using catalog::MetricType;

// What the fleet feeds; the rest of the exporter's own metrics and of its sources is fed elsewhere.
bool IsFleetMetric(const MetricDef& def) {
  if (def.group == catalog::Group::kExporter) {
    return def.name.starts_with("exporter_series") || def.name == "exporter_label_values_folded_total";
  }
  return !def.name.starts_with("source_");
}

// The place of the only label in the key, or kNoValue when there is none or more than one.
std::uint32_t OnlyKeyLabel(const MetricDef& def, const MetricLayout& layout) {
  std::uint32_t found = kNoValue;
  for (std::uint32_t i = 0; i < def.labels.size; ++i) {
    if (!layout.labels[i].in_key) continue;
    if (found != kNoValue) return kNoValue;
    found = i;
  }
  return found;
}

// Counts of events, not of seconds or bytes: for those 0 would claim that somebody measured.
bool StartsFromZero(const MetricDef& def) {
  return def.type == MetricType::kCounter && def.unit == catalog::Unit::kNone &&
         def.scope == catalog::Scope::kAggregate;
}

}  // namespace

Series::Series(std::string_view metric_namespace) : born_with_(kOpenLabels.size) {
  const std::uint64_t seed = SecretSeed();
  for (std::size_t i = 0; i < kOpenLabels.size; ++i) {
    const OpenLabel& label = kOpenLabels.all[i];
    const bool unbounded = label.only_entities || label.name == "label";
    spaces_.emplace_back(unbounded ? LabelSpace::kUnbounded : static_cast<std::size_t>(label.bound), seed);
  }
  families_.reserve(catalog::kMetricCount);
  for (std::size_t row = 0; row < catalog::kMetricCount; ++row) {
    const MetricDef& def = catalog::kMetrics[row];
    const MetricLayout layout = LayoutOf(def);
    families_.emplace_back(def, std::string(metric_namespace) + "_" + std::string(def.name), spaces_);
    if (!IsFleetMetric(def)) continue;
    if (!layout.has_key) families_.back().Touch({});
    const std::uint32_t place = OnlyKeyLabel(def, layout);
    if (place == kNoValue || !StartsFromZero(def)) continue;
    if (layout.labels[place].open != LabelLayout::kClosed) {
      born_with_[layout.labels[place].open].push_back(row);
    }
  }
}

void Series::Expire(UnixMillis time) {
  for (Family& family : families_) family.Expire(time);
}

void Series::Collect(Snapshot& snapshot) {
  auto folded = folded_elsewhere_;
  for (std::size_t i = 0; i < spaces_.size(); ++i) {
    if (spaces_[i].folded() > 0) folded[std::string(kOpenLabels.all[i].name)] += spaces_[i].folded();
  }
  for (const auto& [label, times] : folded) {
    SetTotal<"exporter_label_values_folded_total">(static_cast<double>(times), label);
  }
  for (Family& family : families_) family.Collect(snapshot);
}

std::uint32_t Series::Intern(std::size_t open_label, std::string_view text) {
  const LabelSpace::Interned interned = spaces_[open_label].Intern(text);
  if (interned.is_new) {
    for (const std::size_t row : born_with_[open_label]) {
      const MetricLayout layout = LayoutOf(catalog::kMetrics[row]);
      LabelIndexes labels{};
      labels[OnlyKeyLabel(catalog::kMetrics[row], layout)] = interned.id;
      families_[row].Touch(labels);
    }
  }
  return interned.id;
}

}  // namespace fleet
