// How the labels of a metric address its series, worked out from the catalog at compile time.
//
// A closed label with values from the start is an offset inside a block: all its series are born
// together, so that sums are complete and no first increment is lost. Every other label is part of the
// block's key.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>

#include "lib/catalog/catalog.h"

namespace fleet {

// One number for each label of a metric: the place in a closed set, or the id of an open value.
using LabelIndexes = std::array<std::uint32_t, catalog::kMaxLabels>;

// A set of open values that share a bound: a label name, wherever it stands in the catalog. `version`
// of components and of entities have different bounds, so they are two.
struct OpenLabel {
  std::string_view name;
  int bound = 0;
  bool only_entities = true;  // then the cap of the entities bounds it
};

struct OpenLabels {
  static constexpr std::size_t kMost = 64;
  std::array<OpenLabel, kMost> all{};
  std::size_t size = 0;
};

constexpr std::size_t FindOpenLabel(const OpenLabels& labels, const catalog::LabelDef& def) {
  std::size_t i = 0;
  while (i < labels.size && (labels.all[i].name != def.name || labels.all[i].bound != def.bound)) ++i;
  return i;
}

consteval OpenLabels CollectOpenLabels() {
  OpenLabels labels;
  for (const catalog::MetricDef& metric : catalog::kMetrics) {
    for (const catalog::LabelDef& def : metric.labels) {
      if (!def.values.empty()) continue;
      const std::size_t i = FindOpenLabel(labels, def);
      if (i == labels.size) labels.all[labels.size++] = {def.name, def.bound, true};
      if (metric.scope == catalog::Scope::kAggregate) labels.all[i].only_entities = false;
    }
  }
  return labels;
}

inline constexpr OpenLabels kOpenLabels = CollectOpenLabels();

// The open label of that name; does not compile when there is none, or two with different bounds.
consteval std::size_t OpenLabelNamed(std::string_view name) {
  std::size_t found = kOpenLabels.size;
  for (std::size_t i = 0; i < kOpenLabels.size; ++i) {
    if (kOpenLabels.all[i].name != name) continue;
    if (found != kOpenLabels.size) throw "ambiguous: give the text to the metric itself";
    found = i;
  }
  if (found == kOpenLabels.size) throw "no open label of that name in the catalog";
  return found;
}

struct LabelLayout {
  static constexpr std::size_t kClosed = std::numeric_limits<std::size_t>::max();
  std::size_t open = kClosed;  // index into kOpenLabels
  bool in_key = false;
  std::uint32_t factor = 0;  // offset in the block = index * factor
};

struct MetricLayout {
  std::array<LabelLayout, catalog::kMaxLabels> labels{};
  std::uint32_t block_size = 1;  // series in a block
  bool has_key = false;          // false: exactly one block, there from the start
};

constexpr MetricLayout LayoutOf(const catalog::MetricDef& metric) {
  MetricLayout layout;
  for (std::size_t i = metric.labels.size; i-- > 0;) {
    const catalog::LabelDef& def = metric.labels[i];
    LabelLayout& label = layout.labels[i];
    if (def.values.empty()) label.open = FindOpenLabel(kOpenLabels, def);
    label.in_key = def.values.empty() || !def.from_start;
    if (label.in_key) {
      layout.has_key = true;
    } else {
      label.factor = layout.block_size;
      layout.block_size *= static_cast<std::uint32_t>(def.values.size());
    }
  }
  return layout;
}

// Place of `value` in a closed set, of "other" when it is not in it, or kNoValue.
inline constexpr std::uint32_t kNoValue = std::numeric_limits<std::uint32_t>::max();

constexpr std::uint32_t ClosedValue(const catalog::LabelDef& def, std::string_view value) {
  const auto exact = std::ranges::find(def.values, value);
  if (exact != def.values.end()) return static_cast<std::uint32_t>(exact - def.values.begin());
  const auto other = std::ranges::find(def.values, "other");
  return other == def.values.end() ? kNoValue : static_cast<std::uint32_t>(other - def.values.begin());
}

}  // namespace fleet
