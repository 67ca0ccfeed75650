// Windows, periods and burn rates. Times that could not be read are zero, and skipped.
#include <fmt/format.h>

#include <algorithm>

#include "rulegen/policy/burn_rate.h"
#include "rulegen/policy/check_parts.h"
#include "rulegen/policy/timing.h"

namespace fleet::rulegen {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

// Every window over which something is measured: of tiers, breaches and rates.
std::vector<Located<Duration>> AllWindows(const Policy& policy) {
  std::vector<Located<Duration>> windows;
  for (const BurnTier* tier : AllTiers(policy)) {
    windows.push_back(tier->short_window);
    windows.push_back(tier->long_window);
  }
  for (const Slo& slo : policy.slos) {
    if (slo.breach) windows.push_back(slo.breach->window);
  }
  const auto add_rates = [&](const Query& query) {
    if (query.rate) windows.push_back(*query.rate);
    for (const Query& divisor : query.over) {
      if (divisor.rate) windows.push_back(*divisor.rate);
    }
  };
  for (const ThresholdAlert& alert : policy.alerts) {
    add_rates(alert.value);
    if (alert.only_if) add_rates(alert.only_if->first);
  }
  return windows;
}

bool CanBeScrapeInterval(Duration interval) { return interval >= seconds(1) && interval <= minutes(1); }

void CheckHold(const CheckContext& context, const Located<Duration>& hold,
               fmt::format_string<std::string> why) {
  constexpr Duration kLongest = hours(24);
  if (*hold <= kLongest) return;
  context.diagnostics.AddError(hold.span, "for-range",
                               fmt::format(why, PrintDuration(*hold)) + "; at most 1d");
}

// `for`, and `keep_firing_for` where there is one.
void CheckTimes(const CheckContext& context, const Located<Duration>& hold,
                const std::optional<Located<Duration>>& keep_firing) {
  CheckHold(context, hold, "an alert that waits {} tells nobody in time");
  if (keep_firing)
    CheckHold(context, *keep_firing, "an alert that goes on for {} after the end says nothing of now");
}

// From the fastest to the slowest over this period; else the first that is not.
const BurnTier* FirstOutOfOrder(const std::vector<BurnTier>& tiers, Duration period,
                                const BurnTier** before) {
  *before = nullptr;
  for (const BurnTier& tier : tiers) {
    if (!WasRead(tier)) continue;
    const auto factor = [&](const BurnTier& of) { return BurnFactor(of, period).Round(9); };
    if (*before != nullptr && factor(tier) >= factor(**before)) return &tier;
    *before = &tier;
  }
  return nullptr;
}

void ReportOrder(const CheckContext& context, Span place, const BurnTier& tier, const BurnTier& before,
                 Duration period) {
  const auto factor = [&](const BurnTier& of) { return BurnFactor(of, period).Round(9).ToString(); };
  context.diagnostics.AddError(
      place, "burn-rate-order",
      fmt::format("tier {} burns {} times too fast, which is not slower than the {} of tier {} before it",
                  *tier.tier, factor(tier), factor(before), *before.tier));
}

}  // namespace

bool WasRead(const BurnTier& tier) {
  const auto whole_minutes = [](Duration window) {
    return window.count() > 0 && window % Duration(minutes(1)) == Duration{0};
  };
  return whole_minutes(*tier.long_window) && whole_minutes(*tier.short_window) &&
         (tier.factor || *tier.budget > Decimal());
}

std::vector<const BurnTier*> AllTiers(const Policy& policy) {
  std::vector<const BurnTier*> all;
  for (const BurnTier& tier : policy.tiers) all.push_back(&tier);
  // Those that an SLO took from the policy or from a set stand where the policy has them, or nowhere.
  const auto is_known = [&](const BurnTier& tier) {
    return tier.tier.span == Span{} || std::ranges::any_of(policy.tiers, [&](const BurnTier& of) {
             return of.tier.span == tier.tier.span;
           });
  };
  for (const Slo& slo : policy.slos) {
    for (const BurnTier& tier : slo.tiers) {
      if (!is_known(tier)) all.push_back(&tier);
    }
  }
  return all;
}

void CheckScrapeInterval(const CheckContext& context) {
  const Located<Duration>& interval = context.policy.scrape_interval;
  if (CanBeScrapeInterval(*interval)) return;
  context.diagnostics.AddError(
      interval.span, "scrape-interval-range",
      fmt::format("'scrape_interval' must be from 1s to 1m, not {}: windows of 5m need four scrapes",
                  PrintDuration(*interval)));
}

void CheckObjectiveFloor(const CheckContext& context) {
  for (const Slo& slo : context.policy.slos) {
    if (!slo.objective_floor || *slo.objective == Decimal() || *slo.objective >= **slo.objective_floor)
      continue;
    context.diagnostics.AddError(slo.objective.span, "objective-below-floor",
                                 fmt::format("the objective {} is below its floor of {}",
                                             slo.objective->ToString(), (*slo.objective_floor)->ToString()));
  }
}

void CheckPeriods(const CheckContext& context) {
  constexpr Duration kLongest = hours(105 * 24);
  for (const Slo& slo : context.policy.slos) {
    if (*slo.period % Duration(hours(1)) != Duration{0} || *slo.period > kLongest) {
      context.diagnostics.AddError(
          slo.period.span, "period-range",
          fmt::format("'period' must be whole hours, 1h to 105d, not {}", PrintDuration(*slo.period)));
      continue;
    }
    const Duration length = slo.calendar ? ShortestLength(*slo.calendar) : *slo.period;
    for (const BurnTier& tier : slo.tiers) {
      const Duration longest = std::max(*tier.long_window, *tier.short_window);
      if (longest < length) continue;
      context.diagnostics
          .AddError(slo.period.span, "period-range",
                    fmt::format("the period {} is not longer than the window {} of tier {}", PeriodName(slo),
                                PrintDuration(longest), *tier.tier))
          .notes.push_back("choose tiers with 'burn_rates'");
    }
  }
}

void CheckUnreachableTiers(const CheckContext& context) {
  for (const Slo& slo : context.policy.slos) {
    if (*slo.objective == Decimal()) continue;
    for (const BurnTier& tier : slo.tiers) {
      if (!WasRead(tier) || !IsUnreachable(tier, slo)) continue;
      const Decimal budget = ErrorBudget(*slo.objective);
      const Decimal factor = BurnFactor(tier, *slo.period).Round(2);
      context.diagnostics
          .AddError(
              slo.objective.span, "burn-rate-unreachable",
              fmt::format("{} can never fire: {} times the error budget of {} % is {:.4g} % of all events",
                          *tier.alert, factor.ToString(), (budget * Decimal(100, 0)).ToString(),
                          100 * factor.ToDouble() * budget.ToDouble()))
          .notes.push_back("raise the objective, or choose other tiers with 'burn_rates'");
    }
  }
}

void CheckTierWindows(const CheckContext& context) {
  for (const BurnTier* tier : AllTiers(context.policy)) {
    if (!WasRead(*tier) || *tier->short_window < *tier->long_window) continue;
    context.diagnostics.AddError(
        tier->short_window.span, "burn-rate-windows",
        fmt::format("the short window {} of tier {} is not shorter than its long window {}",
                    PrintDuration(*tier->short_window), *tier->tier, PrintDuration(*tier->long_window)));
  }
}

// Tiers stand from the fastest to the slowest, so that each is silenced by those before it.
void CheckTierOrder(const CheckContext& context) {
  constexpr Duration kMonth = hours(30 * 24);
  const BurnTier* before = nullptr;
  if (const BurnTier* tier = FirstOutOfOrder(context.policy.tiers, kMonth, &before)) {
    ReportOrder(context, tier->tier.span, *tier, *before, kMonth);
    return;
  }
  for (const Slo& slo : context.policy.slos) {
    if (const BurnTier* tier = FirstOutOfOrder(slo.tiers, *slo.period, &before)) {
      ReportOrder(context, tier->tier.span == Span{} ? slo.span : tier->tier.span, *tier, *before,
                  *slo.period);
    }
  }
}

// Where the budget lasts longer than its period nothing is wrong, and an alert says that it is.
void CheckSustainableTiers(const CheckContext& context) {
  for (const Slo& slo : context.policy.slos) {
    if (*slo.period < hours(1)) continue;  // reported by CheckPeriods
    for (const BurnTier& tier : slo.tiers) {
      if (!WasRead(tier)) continue;
      const Fraction factor = BurnFactor(tier, *slo.period);
      if (factor.numerator >= factor.denominator) continue;
      context.diagnostics.AddWarning(
          slo.span, "burn-rate-sustainable",
          fmt::format("{} fires at {} times the pace that the budget of {} allows, so before it is too fast",
                      *tier.alert, factor.Round(3).ToString(), PeriodName(slo)));
    }
  }
}

void CheckWindowScrapes(const CheckContext& context) {
  constexpr int kScrapes = 4;  // a failed scrape must not empty a window
  if (!CanBeScrapeInterval(*context.policy.scrape_interval)) return;  // reported by itself
  const Duration shortest = kScrapes * *context.policy.scrape_interval;
  for (const Located<Duration>& window : AllWindows(context.policy)) {
    if (window->count() == 0 || *window >= shortest) continue;
    context.diagnostics.AddError(
        window.span, "window-short",
        fmt::format("a window of {} holds fewer than {} scrapes of {}; at least {}", PrintDuration(*window),
                    kScrapes, PrintDuration(*context.policy.scrape_interval), PrintDuration(shortest)));
  }
}

void CheckWindowSteps(const CheckContext& context) {
  const auto check = [&](const Located<Duration>& window) {
    if (*window % minutes(1) == Duration{0}) return;
    context.diagnostics.AddError(
        window.span, "window-step",
        fmt::format("a window of an SLO must be whole minutes, not {}", PrintDuration(*window)));
  };
  for (const BurnTier* tier : AllTiers(context.policy)) {
    check(tier->short_window);
    check(tier->long_window);
  }
  for (const Slo& slo : context.policy.slos) {
    if (!slo.breach) continue;
    check(slo.breach->window);
    if (*slo.breach->window > kLongestFastWindow) {
      context.diagnostics.AddError(
          slo.breach->window.span, "window-step",
          fmt::format("the window of a breach is 6h at most, not {}", PrintDuration(*slo.breach->window)));
    }
  }
}

void CheckHolds(const CheckContext& context) {
  for (const Slo& slo : context.policy.slos) {
    if (slo.breach) CheckTimes(context, slo.breach->hold, std::nullopt);
  }
  for (const BurnTier* tier : AllTiers(context.policy)) CheckTimes(context, tier->hold, tier->keep_firing);
  for (const ThresholdAlert& alert : context.policy.alerts)
    CheckTimes(context, alert.hold, alert.keep_firing);
}

}  // namespace fleet::rulegen
