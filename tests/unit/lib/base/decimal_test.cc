#include "lib/base/decimal.h"

#include <catch2/catch.hpp>

using fleet::Decimal;
using fleet::Fraction;

namespace {

Decimal D(std::string_view text) { return Decimal::Parse(text).value(); }

}  // namespace

TEST_CASE("decimals parse exactly and print shortest") {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"99.9", "99.9"},  {"0.001", "0.001"},       {"30", "30"},
      {"1.500", "1.5"},  {"-12.50", "-12.5"},      {"+7", "7"},
      {"0.0", "0"},      {"-0.001", "-0.001"},     {"007", "7"},
      {"100.00", "100"}, {"99.99999", "99.99999"},
  };
  for (const auto& [text, printed] : cases) CHECK(D(text).ToString() == printed);
}

TEST_CASE("what is no plain decimal does not parse") {
  for (const std::string_view text : {"", "-", ".5", "5.", "1e3", "1,5", " 1", "1 ", "0x1", "1.2.3", "nan",
                                      "inf", "1234567890123456789", "--1", "1_000"}) {
    CAPTURE(text);
    CHECK(Decimal::Parse(text) == std::nullopt);
  }
}

TEST_CASE("the budget of an objective is exact, where double is not") {
  const auto budget = [](std::string_view objective) { return (D("100") - D(objective)).ShiftedRight(2); };
  CHECK(budget("99.9").ToString() == "0.001");
  CHECK(budget("99.95").ToString() == "0.0005");
  CHECK(budget("99.99").ToString() == "0.0001");
  CHECK(budget("99.999").ToString() == "0.00001");
  CHECK(budget("95").ToString() == "0.05");
}

TEST_CASE("decimals compare and calculate by value") {
  CHECK(D("1.0") == D("1"));
  CHECK(D("0.1") + D("0.2") == D("0.3"));
  CHECK(D("14.4") * D("0.001") == D("0.0144"));
  CHECK(D("0.1") < D("0.11"));
  CHECK(D("-1") < D("0.5"));
  CHECK(D("2.50") > D("2.499"));
  CHECK(D("0.0144").ToDouble() == 0.0144);
}

TEST_CASE("burn factors are fractions, rounded once") {
  const std::int64_t hour = 1;
  CHECK(Fraction::Of(D("0.02"), 720 * hour, 1 * hour).Round().ToString() == "14.4");
  CHECK(Fraction::Of(D("0.05"), 720 * hour, 6 * hour).Round().ToString() == "6");
  CHECK(Fraction::Of(D("0.05"), 28 * 24, 6).Round().ToString() == "5.6");
  CHECK(Fraction::Of(D("0.1"), 28 * 24, 72).Round().ToString() == "0.933333333333");
  CHECK(Fraction::Of(D("1"), 2, 3).Round(3).ToString() == "0.667");
  CHECK(Fraction::Of(D("-1"), 2, 3).Round(0).ToString() == "-1");
}
