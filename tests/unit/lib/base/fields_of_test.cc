#include "lib/base/fields_of.h"

#include <array>
#include <catch2/catch.hpp>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace {

struct Nothing {};
struct Point {
  int x = 1;
  int y = 2;
};
struct Mixed {
  std::string text;
  std::optional<int> maybe_number;
  std::optional<std::string> maybe_text;
  std::vector<Point> points;
  std::unique_ptr<Point> owned;
  std::map<std::string, double> numbers;
  std::array<int, 3> three{};
  Point point;
};

}  // namespace

TEST_CASE("fields of aggregates are counted, whatever their types") {
  STATIC_REQUIRE(fleet::kFieldsOf<Nothing> == 0);
  STATIC_REQUIRE(fleet::kFieldsOf<Point> == 2);
  STATIC_REQUIRE(fleet::kFieldsOf<Mixed> == 8);
}

TEST_CASE("fields are visited in their order, as they are") {
  Point point;
  fleet::VisitFields(point, [](int& x, int& y) {
    CHECK(x == 1);
    CHECK(y == 2);
    y = 3;
  });
  CHECK(point.y == 3);
}
