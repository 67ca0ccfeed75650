// Sections and lines -> places in Grafana's grid of 24 columns. Pure arithmetic, so that panels
// cannot overlap and an inserted line moves everything below it.
#pragma once

#include <cstddef>
#include <vector>

#include "rulegen/emit/grafana/model.h"

namespace fleet::rulegen::grafana {

inline constexpr int kGridColumns = 24;

struct GridPos {
  int x = 0;
  int y = 0;
  int w = 0;
  int h = 0;

  friend bool operator==(const GridPos&, const GridPos&) = default;
};

struct PlacedPanel {
  std::size_t panel = 0;
  GridPos pos = {};

  friend bool operator==(const PlacedPanel&, const PlacedPanel&) = default;
};

struct PlacedSection {
  GridPos header = {};
  std::vector<PlacedPanel> panels = {};  // in reading order
};

// One entry for each section. The panels of a collapsed section take no room in the page: the next
// section stands right below its header.
std::vector<PlacedSection> Place(const std::vector<Section>& layout);

}  // namespace fleet::rulegen::grafana
