#include "rulegen/policy/burn_rate.h"

namespace fleet::rulegen {
namespace {

__extension__ using Wide = __int128;

std::int64_t PowerOf10(int exponent) {
  std::int64_t power = 1;
  for (int i = 0; i < exponent; ++i) power *= 10;
  return power;
}

}  // namespace

Decimal ErrorBudget(Decimal objective) { return (Decimal(100, 0) - objective).ShiftedRight(2); }

Fraction BurnFactor(const BurnTier& tier, Duration period) {
  return Fraction::Of(*tier.budget, period.count(), tier.long_window->count());
}

bool IsUnreachable(const BurnTier& tier, const Slo& slo) {
  const Fraction factor = BurnFactor(tier, *slo.period);
  const Decimal budget = ErrorBudget(*slo.objective);
  return Wide{factor.numerator} * budget.coefficient() >=
         Wide{factor.denominator} * PowerOf10(budget.scale());
}

Duration TimeToExhaustion(const BurnTier& tier) {
  const Wide millis = Wide{tier.long_window->count()} * PowerOf10(tier.budget->scale());
  const auto seconds = static_cast<std::int64_t>(millis / tier.budget->coefficient() / 1000);
  return std::chrono::seconds(seconds);
}

}  // namespace fleet::rulegen
