#include "rulegen/emit/grafana/layout.h"

namespace fleet::rulegen::grafana {

std::vector<PlacedSection> Place(const std::vector<Section>& layout) {
  std::vector<PlacedSection> placed;
  int y = 0;
  for (const Section& section : layout) {
    PlacedSection& out = placed.emplace_back();
    out.header = {.x = 0, .y = y, .w = kGridColumns, .h = 1};
    int below = y + 1;
    for (const Line& line : section.lines) {
      int x = 0;
      for (const Slot& slot : line.slots) {
        out.panels.push_back(
            {.panel = slot.panel, .pos = {.x = x, .y = below, .w = slot.width, .h = line.height}});
        x += slot.width;
      }
      below += line.height;
    }
    y = section.collapsed ? y + 1 : below;
  }
  return placed;
}

}  // namespace fleet::rulegen::grafana
