#include "rulegen/proof/driven_series.h"

#include <catch2/catch.hpp>

namespace fleet::rulegen {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using Each = Operand::Each;
using Numbers = std::vector<std::optional<double>>;

constexpr ScrapeClock kPrometheus2{seconds(30), true};
constexpr ScrapeClock kPrometheus3{seconds(30), false};

DrivenQuery RateOf(const std::string& metric, Duration window) {
  DrivenQuery query;
  query.operand.each = Each::kRate;
  query.operand.metric = metric;
  query.operand.window = window;
  query.operand.aggregation = Aggregation::kSum;
  return query;
}

double Only(const ValueByLabels& values) {
  REQUIRE(values.size() == 1);
  return values.begin()->second;
}

TEST_CASE("a rate is the mean of what a window of closed or of open ends holds") {
  // 1 a second until minute 10, then 3.
  Numbers numbers(20, 1.0);
  numbers.insert(numbers.end(), 20, 3.0);
  const std::vector<DrivenSeries> series = {{"x", {}, Each::kRate, numbers}};
  const DrivenQuery query = RateOf("x", minutes(5));
  CHECK(Only(ValuesAt(query, series, minutes(9), kPrometheus2)) == Approx(1));
  // Two of ten steps grew by 3, and of the nine that an open range holds as well.
  CHECK(Only(ValuesAt(query, series, minutes(10) + seconds(30), kPrometheus2)) == Approx(1.4));
  CHECK(Only(ValuesAt(query, series, minutes(10) + seconds(30), kPrometheus3)) == Approx(13.0 / 9));
  CHECK(Only(ValuesAt(query, series, minutes(15), kPrometheus2)) == Approx(3));
  CHECK(ValuesAt(query, series, Duration{0}, kPrometheus2).empty());
}

TEST_CASE("a young rate is extrapolated by half an interval, as Prometheus does") {
  const std::vector<DrivenSeries> series = {{"x", {}, Each::kRate, Numbers(10, 2.0)}};
  // 120 in 60 s, extrapolated to 75 s, over 300 s.
  CHECK(Only(ValuesAt(RateOf("x", minutes(5)), series, minutes(1), kPrometheus2)) == Approx(0.5));
}

TEST_CASE("aggregations keep the labels they group by, and conditions choose series") {
  DrivenQuery query;
  query.operand.metric = "depth";
  query.operand.where = {{{"priority", {}}, MatchKind::kNoneOf, {{"low", {}}}}};
  query.operand.aggregation = Aggregation::kMax;
  query.operand.by = {"queue"};
  const std::vector<DrivenSeries> series = {
      {"depth", {{"queue", "a"}, {"pod", "1"}}, Each::kValue, {5.0}},
      {"depth", {{"queue", "a"}, {"pod", "2"}}, Each::kValue, {7.0}},
      {"depth", {{"queue", "a"}, {"priority", "low"}}, Each::kValue, {9.0}},
      {"depth", {{"queue", "b"}}, Each::kValue, {std::nullopt}}};
  CHECK(ValuesAt(query, series, Duration{0}, kPrometheus2) == ValueByLabels{{{{"queue", "a"}}, 7}});
}

TEST_CASE("a quotient over nothing has no value, and what is missing may be 0") {
  DrivenQuery query;
  query.operand.metric = "free";
  query.operand.aggregation = Aggregation::kSum;
  query.missing_as_zero = true;
  CHECK(ValuesAt(query, {}, Duration{0}, kPrometheus2) == ValueByLabels{{{}, 0}});
  query.form = DrivenQuery::Form::kQuotient;
  query.over = query.operand;
  query.over->metric = "all";
  const auto over = [&](double all) {
    return ValuesAt(query, {{"free", {}, Each::kValue, {1.0}}, {"all", {}, Each::kValue, {all}}}, Duration{0},
                    kPrometheus2);
  };
  CHECK(over(4) == ValueByLabels{{{}, 0.25}});
  CHECK(over(0).empty());
}

TEST_CASE("series are written so that they hold what is predicted") {
  const auto text = [](Each each, Numbers numbers) {
    return Rendered({"x", {{"a", "b"}}, each, std::move(numbers)}, kPrometheus2).values;
  };
  CHECK(text(Each::kValue, {1.5, 1.5, std::nullopt, std::nullopt, 2.0}) == "1.5x1 stale _x1 2");
  // Ages of 10 s, then of 100 s: points in time that move on with the clock.
  CHECK(text(Each::kAge, {10.0, 10.0, 100.0}) == "-10+30x1 -40+30x0");
  // 3 between scrapes, then 30; it begins far above zero.
  CHECK(text(Each::kRate, {0.1, 0.1, 1.0}) == "30003+3x1 30036+30x0");
  CHECK(Rendered({"x", {{"a", "b"}}, Each::kValue, {1.0}}, kPrometheus2).series == "x{a=\"b\"}");
}

TEST_CASE("growth is stored in binary fractions, and never as none where there is some") {
  CHECK(Storable(0.1, Each::kRate, seconds(1)) == 6554.0 / 65536);
  CHECK(Storable(1e-9, Each::kRate, seconds(1)) == 1.0 / 65536);
  CHECK(Storable(0, Each::kRate, seconds(1)) == 0);
  CHECK(Storable(1234567.4, Each::kRate, seconds(1)) == 1234567);
  CHECK(Storable(0.1234567, Each::kValue, seconds(1)) == 0.123457);
}

}  // namespace
}  // namespace fleet::rulegen
