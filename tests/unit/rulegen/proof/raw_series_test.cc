#include "rulegen/proof/raw_series.h"

#include <catch2/catch.hpp>

#include "rulegen/proof/values.h"
#include "tests/unit/rulegen/plan/sample_policy.h"

namespace fleet::rulegen {
namespace {

TEST_CASE("raw series fulfil the conditions of their SLI, and one of them is bad") {
  const Policy policy = PolicyOf(kSamplePolicy);
  const auto series = RawSeriesOf(policy.slos.front(), Vocabulary("fleet"));
  REQUIRE(series.has_value());
  REQUIRE(series->size() == 2);
  CHECK((*series)[0].matchers == "code=\"500\"");
  CHECK((*series)[0].counts == RawSeries::Counts::kBad);
  CHECK((*series)[1].matchers == "code=\"200\"");
  CHECK((*series)[1].counts == RawSeries::Counts::kGood);
}

TEST_CASE("conditions that nothing fulfils have no labels") {
  const std::vector<Condition> both = {{{"code", {}}, MatchKind::kOneOf, {{"200", {}}}},
                                       {{"code", {}}, MatchKind::kNoneOf, {{"200", {}}}}};
  CHECK_FALSE(FindLabels(nullptr, both).has_value());
}

TEST_CASE("values are written as promtool reads them") {
  CHECK(Values().Add(0, 3).Add(2.5).Skip(2).Grow(10, 5, 4).Add(7).Text() == "0x2 2.5 _x2 10+5x3 7");
  CHECK(PlainNumber(0.000001) == "0.000001");
  CHECK(PlainNumber(-0.0) == "0");
}

}  // namespace
}  // namespace fleet::rulegen
