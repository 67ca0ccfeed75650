#include "exporter/fleet/histogram_delta.h"

#include <catch2/catch.hpp>

#include "tests/unit/exporter/fleet/fleet_fixture.h"

using fleet::test::FleetFixture;
using fleet::test::Lines;
using fleet::test::SentField;

namespace {

constexpr char kLatency[] = "0.005,0.01,0.025,0.05,0.1,0.2,0.5,1,2,5,10,30,60";

std::vector<SentField> Request(const char* bounds, const char* counts) {
  return {{"component", "api"}, {"endpoint", "/"},  {"method", "GET"}, {"code", "200"},
          {"bounds", bounds},   {"counts", counts}, {"sum", 3.5}};
}

}  // namespace

TEST_CASE("a histogram that the sender made is added to the buckets of the metric") {
  FleetFixture fleet;
  auto request = Request(kLatency, "0,0,0,0,7,0,0,0,2,0,0,0,0,1");
  request.emplace_back("count", 10);
  REQUIRE(fleet.Send("http.request", request) == "");
  request.emplace_back("weight", 2);
  REQUIRE(fleet.Send("http.request", request) == "");
  CHECK(fleet.Changes(0.0) ==
        Lines{R"(http_request_duration_seconds{component="api",endpoint="/"} count 30 sum 10.5)",
              R"(http_requests_total{component="api",endpoint="/",method="GET",code="200"} 20)"});
  fleet::Snapshot snapshot;
  fleet.fleet().Collect(FleetFixture::At(0), snapshot);
  for (const fleet::FamilySnapshot& family : snapshot.families) {
    if (family.header->name != "fleet_http_request_duration_seconds") continue;
    CHECK(family.values == std::vector<double>{0, 0, 0, 0, 21, 0, 0, 0, 6, 0, 0, 0, 0, 3, 10.5});
  }
}

TEST_CASE("a histogram that does not fit is refused as a whole") {
  FleetFixture fleet;
  CHECK(fleet.Send("http.request", Request("0.1,0.2", "1,2,3")) ==
        "data.bounds: must be those of the metric: 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, "
        "10.0, 30.0, 60.0");
  CHECK(fleet.Send("http.request", Request(kLatency, "1,2,3")) ==
        "data.counts: must be 14 numbers, one for each bound and one for what is above");
  CHECK(fleet.Send("http.request", Request(kLatency, "0.5,0,0,0,0,0,0,0,0,0,0,0,0,0")) ==
        "data.counts: must be whole numbers");
  CHECK(fleet.Send("agent.started", {{"tier", "t"}, {"counts", "1"}}) ==
        "data.bounds: missing, a histogram needs bounds, counts and sum");
  CHECK(fleet.Changes(0.0).empty());
}
