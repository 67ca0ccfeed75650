#include "lib/yaml/place.h"

#include <catch2/catch.hpp>

#include <string>
#include <string_view>

namespace fleet::yaml {
namespace {

// What stands in the file where `part` stands in the value of the key `a`, with its line and column.
std::string Written(const std::string& file, std::string_view part) {
  const SourceText source("f.yaml", file);
  Diagnostics diagnostics(source);
  const std::optional<Node> tree = Parse(source, diagnostics);
  if (!tree) return diagnostics.Render();
  const Node& scalar = tree->Find("a")->value;
  const std::size_t begin = scalar.text.find(part);
  const Span place = PlaceIn(scalar, {begin, begin + part.size()}, source);
  const LineColumn at = source.Locate(place.begin);
  return std::to_string(at.line) + ":" + std::to_string(at.column) + " " +
         file.substr(place.begin, place.end - place.begin);
}

TEST_CASE("a part of a plain scalar has its place in the file") {
  CHECK(Written("a: up + down\n", "down") == "1:9 down");
  CHECK(Written("a: up\n  + down\n", "down") == "2:5 down");
}

TEST_CASE("a part of a quoted scalar is behind its quotes and escapes") {
  CHECK(Written(R"(a: "up{x=\"y\"} + down")", "down") == "1:19 down");
  CHECK(Written(R"(a: "up{x=\"y\"} + down")", "\"y\"") == R"(1:10 \"y\")");
  CHECK(Written(R"(a: "\u00e9\x41\n + down")", "down") == "1:20 down");
  CHECK(Written("a: \"up \\\n   + down\"\n", "down") == "2:6 down");
  CHECK(Written("a: 'up{x=''y''} + down'\n", "down") == "1:19 down");
}

TEST_CASE("a part of a block scalar is on its own line") {
  CHECK(Written("a: |\n  up\n    + down\n", "down") == "3:7 down");
  CHECK(Written("a: |  # why\n  up\n\n  + down\n", "down") == "4:5 down");
  CHECK(Written("a: >-\n  up\n  + down\n", "down") == "3:5 down");
}

TEST_CASE("the end of a scalar is a place as well") {
  const SourceText source("f.yaml", "a: up +\n");
  Diagnostics diagnostics(source);
  const std::optional<Node> tree = Parse(source, diagnostics);
  REQUIRE(tree);
  CHECK(PlaceIn(tree->Find("a")->value, {4, 4}, source) == Span{7, 7});
}

TEST_CASE("behind an alias the place is the alias") {
  CHECK(Written("b: &x up + down\na: *x\n", "down") == "2:4 *x");
}

}  // namespace
}  // namespace fleet::yaml
