#include "rulegen/emit/grafana/units.h"

#include <catch2/catch.hpp>

namespace fleet::rulegen::grafana {
namespace {

TEST_CASE("grafana units: ids of Grafana and texts of one's own") {
  for (const char* unit : {"percentunit", "s", "bytes", "Bps", "eps", "reqps", "none", "short", "dtdurations",
                           "zflops", "µs", "Nm3", "suffix: of 12", "currency:EUR"}) {
    CHECK(IsKnownUnit(unit));
  }
}

TEST_CASE("grafana units: anything else") {
  for (const char* unit : {"", " ", "seconds", "requests", "percent unit", "none short", "suffix:", "ops "}) {
    CHECK_FALSE(IsKnownUnit(unit));
  }
}

}  // namespace
}  // namespace fleet::rulegen::grafana
