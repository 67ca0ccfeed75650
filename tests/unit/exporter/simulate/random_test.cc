#include "exporter/simulate/random.h"

#include <catch2/catch.hpp>
#include <vector>

namespace fleet::simulate {
namespace {

TEST_CASE("the numbers of a seed are fixed") {
  Random random(1);  // the reference implementation's first numbers for this seed
  CHECK(random.Next() == 0x910a2dec89025cc1U);
  CHECK(random.Next() == 0xbeeb8da1658eec67U);
}

TEST_CASE("distributions have the mean they are asked for") {
  Random random(7);
  constexpr int kDraws = 20'000;
  double exponential = 0;
  double few = 0;
  double many = 0;
  int below_median = 0;
  for (int i = 0; i < kDraws; ++i) {
    exponential += random.Exponential(2.5);
    few += random.Poisson(3);
    many += random.Poisson(200);
    if (random.LogNormal(0.4, 0.7) < 0.4) ++below_median;
  }
  CHECK(exponential / kDraws == Approx(2.5).epsilon(0.05));
  CHECK(few / kDraws == Approx(3).epsilon(0.05));
  CHECK(many / kDraws == Approx(200).epsilon(0.01));
  CHECK(static_cast<double>(below_median) / kDraws == Approx(0.5).epsilon(0.05));
  CHECK(random.Poisson(0) == 0);
}

TEST_CASE("rows are picked by their weight") {
  struct Row {
    int value;
    double weight;
  };
  const std::vector<Row> rows = {{1, 0}, {2, 3}, {3, 1}};
  Random random(3);
  int twos = 0;
  for (int i = 0; i < 10'000; ++i) {
    const int value = random.Pick(rows).value;
    CHECK(value != 1);
    if (value == 2) ++twos;
  }
  CHECK(twos / 10'000.0 == Approx(0.75).epsilon(0.05));
}

}  // namespace
}  // namespace fleet::simulate
