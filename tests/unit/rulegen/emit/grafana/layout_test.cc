#include "rulegen/emit/grafana/layout.h"

#include <catch2/catch.hpp>

namespace fleet::rulegen::grafana {
namespace {

TEST_CASE("grafana layout: lines below each other, panels side by side") {
  const auto placed =
      Place({{.title = "a",
              .lines = {{.height = 4, .slots = {{0, 12}, {1, 12}}}, {.height = 8, .slots = {{2, 24}}}}},
             {.title = "b", .lines = {{.height = 3, .slots = {{3, 24}}}}}});
  REQUIRE(placed.size() == 2);
  CHECK(placed[0].header == GridPos{0, 0, 24, 1});
  CHECK(placed[0].panels ==
        std::vector<PlacedPanel>{{0, {0, 1, 12, 4}}, {1, {12, 1, 12, 4}}, {2, {0, 5, 24, 8}}});
  CHECK(placed[1].header == GridPos{0, 13, 24, 1});
  CHECK(placed[1].panels == std::vector<PlacedPanel>{{3, {0, 14, 24, 3}}});
}

TEST_CASE("grafana layout: a collapsed section takes one line of the page") {
  const auto placed = Place({{.title = "a", .collapsed = true, .lines = {{.height = 9, .slots = {{0, 24}}}}},
                             {.title = "b", .lines = {{.height = 3, .slots = {{1, 24}}}}}});
  CHECK(placed[0].panels[0].pos == GridPos{0, 1, 24, 9});
  CHECK(placed[1].header == GridPos{0, 1, 24, 1});
  CHECK(placed[1].panels[0].pos == GridPos{0, 2, 24, 3});
}

}  // namespace
}  // namespace fleet::rulegen::grafana
