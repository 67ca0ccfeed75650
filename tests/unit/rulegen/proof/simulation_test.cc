#include "rulegen/proof/simulation.h"

#include <catch2/catch.hpp>

#include "rulegen/emit/simulation_text.h"
#include "tests/unit/rulegen/plan/sample_policy.h"

namespace fleet::rulegen {
namespace {

SimulatedSlo SimulateFirst(const std::vector<Decimal>& errors, const char* incident) {
  const Policy policy = PolicyOf(kSamplePolicy);
  const auto steps = *incident == '\0' ? std::vector<IncidentStep>{} : *ParseIncident(incident);
  return Simulate(policy, policy.slos.front(), errors, steps);
}

TEST_CASE("incidents are steps of a length and a share") {
  const auto steps = ParseIncident("30m@2%, 10m@100%,5m@0");
  REQUIRE(steps.has_value());
  REQUIRE(steps->size() == 3);
  CHECK((*steps)[0].length == std::chrono::minutes(30));
  CHECK((*steps)[0].errors == Decimal(2, 2));
  CHECK((*steps)[1].errors == Decimal(1, 0));
  CHECK((*steps)[2].errors == Decimal());
  for (const char* wrong : {"", "30m", "30m@", "@2%", "30m@200%", "0s@2%", "30m@2%,", "1y@1%"}) {
    INFO(wrong);
    CHECK_FALSE(ParseIncident(wrong).has_value());
  }
}

TEST_CASE("a simulation is a table of times") {
  CHECK(RenderSimulation({SimulateFirst({Decimal(1, 0), Decimal(2, 3)}, "")}, "text") ==
        "Each alert: fires after the errors began / ends after they ended.\n"
        "\n"
        "shop/availability: 99.95 % over 30d\n"
        "errors  budget lasts  FastBurnRateHigh (critical)  SlowBurnRateHigh (warning)  DailyBurnRateHigh "
        "(warning)  ThreeDayBurnRateHigh (warning)\n"
        "100 %   21m36s        1m / 5m30s                   1m30s / 30m                 3m / 2h             "
        "         3m / 6h\n"
        "0.2 %   7d12h         never                        never                       18h2m / 31m          "
        "        18h1m / 4h31m\n");
}

TEST_CASE("a budget that a period does not spend lasts for ever") {
  const SimulatedSlo slo = SimulateFirst({Decimal(5, 4), Decimal(4, 4)}, "");
  CHECK(slo.paces[0].budget_lasts == std::chrono::hours(30 * 24));
  CHECK_FALSE(slo.paces[1].budget_lasts.has_value());
  CHECK(RenderSimulation({slo}, "text").find("\n0.04 %  for ever ") != std::string::npos);
  CHECK(RenderSimulation({slo}, "json").find("\"budget_lasts\": null") != std::string::npos);
}

TEST_CASE("calendar periods are called by their name, and alerts that are only observed tell nobody") {
  const Policy policy = PolicyOf(
      Replaced(kSamplePolicy, "objective: 99.95", "objective: 99.95\n    period: month\n    observe: true"));
  const SimulatedSlo slo = Simulate(policy, policy.slos.front(), {}, *ParseIncident("1h@100%"));
  CHECK(RenderSimulation({slo}, "text").starts_with("shop/availability: 99.95 % over month\n"));
  CHECK(slo.incident->alerts.front().severity == "observe");
}

TEST_CASE("an incident says who is told when, and what it costs") {
  const SimulatedSlo slo = SimulateFirst({}, "30m@2%,10m@100%");
  REQUIRE(slo.incident.has_value());
  CHECK(slo.incident->budget_spent == Approx((0.02 * 30 + 10) / (0.0005 * 43200)));
  REQUIRE(slo.incident->alerts.size() == 4);
  CHECK(slo.incident->alerts[0].alert == "FastBurnRateHigh");
  CHECK(PrintDuration(slo.incident->alerts[0].fires) == "22m");
  CHECK(slo.incident->alerts[0].ends == std::chrono::minutes(40) + std::chrono::seconds(330));
}

}  // namespace
}  // namespace fleet::rulegen
