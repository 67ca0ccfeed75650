#include "rulegen/proof/burn_model.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "tests/unit/rulegen/plan/sample_policy.h"

namespace fleet::rulegen {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr RuleClock kClock{seconds(30), true};

// The tiers of the SRE workbook at an objective, unreachable ones included.
std::vector<BurnAlert> AlertsAt(const char* objective) {
  const Policy policy = PolicyOf(kSamplePolicy);
  Slo slo = policy.slos.front();
  slo.objective = {*Decimal::Parse(objective), {}};
  return BurnAlertsOf(policy, slo);
}

std::string TimesOf(const BurnAlert& alert, Decimal errors, const RuleClock& clock) {
  const auto fires = DetectionTime(alert, errors, clock);
  const auto ends = ResetTime(alert, errors, clock);
  return fires && ends ? PrintDuration(*fires) + " / " + PrintDuration(*ends) : "never";
}

TEST_CASE("detection and reset times are those that promtool measured") {
  const auto at = [&](const char* objective, std::size_t tier, Decimal errors) {
    return TimesOf(AlertsAt(objective)[tier], errors, kClock);
  };
  const Decimal all(1, 0);
  const Decimal tenth(1, 1);
  CHECK(at("99.9", 0, all) == "1m / 5m30s");
  CHECK(at("99.9", 0, tenth) == "9m / 4m30s");
  CHECK(at("99.9", 0, Decimal(1, 2)) == "never");
  CHECK(at("99.9", 1, all) == "2m30s / 30m");
  CHECK(at("99.9", 1, tenth) == "22m / 28m30s");
  CHECK(at("99.9", 1, Decimal(1, 2)) == "3h36m30s / 12m30s");
  CHECK(at("99", 0, all) == "9m / 4m30s");
  CHECK(at("95", 0, all) == "43m30s / 1m30s");
  CHECK(at("95", 1, all) == "1h48m30s / 21m30s");
  CHECK(at("95", 1, tenth) == "never");
  CHECK(at("90", 0, all) == "never");
  CHECK(at("99.99", 2, all) == "2m / 2h1m");
  CHECK(at("99.9", 2, all) == "5m / 2h");
  CHECK(at("99.9", 3, Decimal(2, 3)) == "1d12h2m / 3h1m");
  CHECK(at("95", 3, tenth) == "1d12h2m / 3h1m");
}

// Every objective, tier and share: the model, which knows each record, says what the formulas say.
TEST_CASE("the model agrees with the formulas to the evaluation") {
  std::size_t compared = 0;
  for (const bool closed : {true, false}) {
    for (const auto& step : {seconds(30), seconds(60)}) {
      const RuleClock clock{step, closed};
      for (const char* objective : {"99.99", "99.9", "99.5", "99", "95", "90"}) {
        for (const BurnAlert& alert : AlertsAt(objective)) {
          for (const Decimal errors : {Decimal(1, 0), Decimal(1, 1), Decimal(1, 2), Decimal(2, 3)}) {
            const Duration begin = alert.long_window + hours(1);
            const Duration end = begin + 2 * alert.long_window;
            const Duration until = end + alert.long_window;
            const auto firings =
                PredictFirings(alert, std::vector<Outage>{{begin, end, errors}}, until, clock);
            const auto fires = DetectionTime(alert, errors, clock);
            INFO(objective << " " << alert.tier << " " << errors.ToString() << " " << closed);
            REQUIRE(firings.size() == (fires ? 1U : 0U));
            ++compared;
            if (!fires) continue;
            CHECK(firings[0].begin == begin + *fires);
            REQUIRE(firings[0].end.has_value());
            CHECK(*firings[0].end == end + *ResetTime(alert, errors, clock));
          }
        }
      }
    }
  }
  CHECK(compared == 2 * 2 * 6 * 4 * 4);
}

TEST_CASE("for and keep_firing_for move both ends to a later evaluation") {
  BurnAlert alert = AlertsAt("99.9")[0];
  alert.hold = seconds(45);
  alert.keep_firing = minutes(2);
  const Outage outage{hours(2), hours(3), Decimal(1, 0)};
  const auto firings = PredictFirings(alert, std::vector<Outage>{outage}, hours(4), kClock);
  REQUIRE(firings.size() == 1);
  CHECK(firings[0].begin == outage.begin + *DetectionTime(alert, outage.errors, kClock));
  CHECK(PrintDuration(firings[0].begin - outage.begin) == "2m");
  CHECK(firings[0].end == outage.end + *ResetTime(alert, outage.errors, kClock));
  CHECK(PrintDuration(*firings[0].end - outage.end) == "7m30s");
}

TEST_CASE("an alert that has ended fires again") {
  const BurnAlert alert = AlertsAt("99.9")[0];
  const std::vector<Outage> outages = {{hours(2), hours(2) + minutes(10), Decimal(1, 0)},
                                       {hours(3), hours(3) + minutes(10), Decimal(1, 0)}};
  CHECK(PredictFirings(alert, outages, hours(5), kClock).size() == 2);
}

TEST_CASE("a full budget lasts its period at a burn of one") {
  Slo slo = PolicyOf(kSamplePolicy).slos.front();
  slo.objective = {*Decimal::Parse("99.9"), {}};
  CHECK(PrintDuration(ExhaustionTime(slo, Decimal(1, 3))) == "30d");
  CHECK(PrintDuration(ExhaustionTime(slo, Decimal(1, 0))) == "43m12s");
}

}  // namespace
}  // namespace fleet::rulegen
