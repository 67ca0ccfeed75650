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
  if (tier.factor) return Fraction::Of(**tier.factor, 1, 1);
  return Fraction::Of(*tier.budget, period.count(), tier.long_window->count());
}

bool IsUnreachable(const BurnTier& tier, const Slo& slo) {
  const Fraction factor = BurnFactor(tier, *slo.period);
  const Decimal budget = ErrorBudget(*slo.objective);
  return Wide{factor.numerator} * budget.coefficient() >=
         Wide{factor.denominator} * PowerOf10(budget.scale());
}

Duration TimeToExhaustion(const BurnTier& tier, Duration period) {
  const Fraction factor = BurnFactor(tier, period);
  const Wide millis = Wide{period.count()} * factor.denominator / factor.numerator;
  return std::chrono::seconds(static_cast<std::int64_t>(millis / 1000));
}

}  // namespace fleet::rulegen
