#include "rulegen/policy/burn_rate.h"

#include <catch2/catch.hpp>

namespace fleet::rulegen {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

BurnTier Tier(Decimal budget, Duration long_window) {
  BurnTier tier;
  tier.budget = {budget, {}};
  tier.long_window = {long_window, {}};
  return tier;
}

Slo WithObjective(const char* objective) {
  Slo slo;
  slo.objective = {*Decimal::Parse(objective), {}};
  slo.period = {hours(30 * 24), {}};
  return slo;
}

TEST_CASE("error budgets are exact") {
  CHECK(ErrorBudget(*Decimal::Parse("99.9")).ToString() == "0.001");
  CHECK(ErrorBudget(*Decimal::Parse("99.99999999")).ToString() == "0.0000000001");
  CHECK(ErrorBudget(*Decimal::Parse("95")).ToString() == "0.05");
}

TEST_CASE("factors are budget times period by long window") {
  const Duration month = hours(30 * 24);
  CHECK(BurnFactor(Tier(Decimal(2, 2), hours(1)), month).Round().ToString() == "14.4");
  CHECK(BurnFactor(Tier(Decimal(5, 2), hours(6)), month).Round().ToString() == "6");
  CHECK(BurnFactor(Tier(Decimal(10, 2), hours(72)), month).Round().ToString() == "1");
  CHECK(BurnFactor(Tier(Decimal(1, 2), hours(7)), month).Round(4).ToString() == "1.0286");
}

TEST_CASE("a tier is unreachable where its share of errors is one or more") {
  const BurnTier tier = Tier(Decimal(2, 2), hours(1));  // 14.4
  CHECK(IsUnreachable(tier, WithObjective("90")));
  CHECK(IsUnreachable(tier, WithObjective("93.05555555")));
  CHECK_FALSE(IsUnreachable(tier, WithObjective("93.05555556")));
  CHECK_FALSE(IsUnreachable(tier, WithObjective("99.99999999")));
  // Exactly one: 2 * 0.5.
  CHECK(IsUnreachable(Tier(Decimal(1, 2), Duration(hours(36)) / 10), WithObjective("50")));
}

TEST_CASE("at 14.4 a budget of 30 days lasts 50 hours") {
  CHECK(PrintDuration(TimeToExhaustion(Tier(Decimal(2, 2), hours(1)), hours(720))) == "2d2h");
  CHECK(PrintDuration(TimeToExhaustion(Tier(Decimal(5, 2), hours(6)), hours(720))) == "5d");
  CHECK(PrintDuration(TimeToExhaustion(Tier(Decimal(3, 2), minutes(1)), hours(720))) == "33m20s");
}

}  // namespace
}  // namespace fleet::rulegen
