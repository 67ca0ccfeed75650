#include "rulegen/proof/burn_model.h"

#include <algorithm>
#include <cmath>

#include "rulegen/policy/burn_rate.h"

namespace fleet::rulegen {
namespace {

__extension__ using Wide = __int128;

std::int64_t PowerOf10(int exponent) {
  std::int64_t power = 1;
  for (int i = 0; i < exponent; ++i) power *= 10;
  return power;
}

Fraction Times(Fraction factor, Decimal budget) {
  return {factor.numerator * budget.coefficient(), factor.denominator * PowerOf10(budget.scale())};
}

// errors * part / whole > limit
bool Exceeds(Decimal errors, Duration part, Duration whole, Fraction limit) {
  return Wide{errors.coefficient()} * part.count() * limit.denominator >
         Wide{limit.numerator} * whole.count() * PowerOf10(errors.scale());
}

// Milliseconds of a window that `limit / errors` of it are, rounded down.
Duration ShareOf(Duration window, Fraction limit, Decimal errors) {
  const Wide numerator = Wide{limit.numerator} * window.count() * PowerOf10(errors.scale());
  return Duration{static_cast<std::int64_t>(numerator / (Wide{limit.denominator} * errors.coefficient()))};
}

Duration RoundedUp(Duration time, Duration interval) {
  return (time + interval - Duration{1}) / interval * interval;
}

// How old the newest event is that a record of a group speaks of, at the moment it is evaluated: in the
// long group, which reads the fast one's records of up to kSettle ago, a whole step more.
Duration Lag(bool is_fast, const RuleClock& clock) { return is_fast ? kSettle : kSettle + clock.step; }

// What the records of the long window cover.
Duration Records(const BurnAlert& alert, const RuleClock& clock) {
  const bool one_more = clock.closed_ranges && !alert.is_fast();
  return alert.long_window + (one_more ? kLongInterval : Duration{0});
}

// Shares of errors times milliseconds, in units of 10^-kDigits.
constexpr int kDigits = 9;

Wide BadBetween(std::span<const Outage> outages, Duration from, Duration to) {
  Wide bad = 0;
  for (const Outage& outage : outages) {
    const Duration part =
        std::clamp(to, outage.begin, outage.end) - std::clamp(from, outage.begin, outage.end);
    bad += Wide{outage.errors.coefficient()} * PowerOf10(kDigits - outage.errors.scale()) * part.count();
  }
  return bad;
}

bool Exceeds(Wide bad, Duration whole, Fraction limit) {
  return bad * limit.denominator > Wide{limit.numerator} * whole.count() * PowerOf10(kDigits);
}

// A window of the fast group: whole steps, from the record at time 0 on.
bool FastExceeds(const BurnAlert& alert, Duration window, std::span<const Outage> outages, Duration at,
                 const RuleClock& clock) {
  const Duration newest = at - Lag(true, clock);
  return Exceeds(BadBetween(outages, newest - window, newest), std::min(window, at + clock.step),
                 alert.limit);
}

// A window of the long group: whole minutes, the first recorded at minute 1.
bool LongExceeds(const BurnAlert& alert, Duration window, std::span<const Outage> outages, Duration at,
                 const RuleClock& clock) {
  const Duration whole = std::min(at, window + (clock.closed_ranges ? kLongInterval : Duration{0}));
  const Duration newest = at - Lag(false, clock);
  return whole.count() > 0 && Exceeds(BadBetween(outages, newest - whole, newest), whole, alert.limit);
}

}  // namespace

std::vector<BurnAlert> BurnAlertsOf(const Policy& policy, const Slo& slo) {
  std::vector<BurnAlert> alerts;
  const Decimal budget = ErrorBudget(*slo.objective);
  for (const BurnTier& tier : slo.tiers) {
    alerts.push_back({*tier.alert, *tier.tier, *tier.severity, Times(BurnFactor(tier, *slo.period), budget),
                      *tier.long_window, *tier.short_window, *tier.hold,
                      EffectiveKeepFiring(policy, tier.keep_firing)});
  }
  if (slo.breach) {
    alerts.push_back({*slo.breach->alert, "breach", *slo.breach->severity, Times({1, 1}, budget),
                      *slo.breach->window, std::nullopt, *slo.breach->hold, Duration{0}});
  }
  return alerts;
}

std::optional<Duration> DetectionTime(const BurnAlert& alert, Decimal errors, const RuleClock& clock) {
  if (!Exceeds(errors, Duration{1}, Duration{1}, alert.limit)) return std::nullopt;
  const Duration interval = clock.IntervalOf(alert);
  // One millisecond more: at the limit itself the alert is silent.
  const Duration least = ShareOf(Records(alert, clock), alert.limit, errors) + Duration{1};
  return RoundedUp(RoundedUp(least + Lag(alert.is_fast(), clock), interval) + alert.hold, interval);
}

std::optional<Duration> ResetTime(const BurnAlert& alert, Decimal errors, const RuleClock& clock) {
  if (!Exceeds(errors, Duration{1}, Duration{1}, alert.limit)) return std::nullopt;
  const Duration window = alert.ending_window();
  const bool is_fast = window <= kLongestFastWindow;
  const Duration interval = clock.IntervalOf(alert);
  const Duration clear = window - ShareOf(window, alert.limit, errors) + Lag(is_fast, clock);
  return RoundedUp(RoundedUp(clear, interval) + alert.keep_firing, interval);
}

Duration ExhaustionTime(const Slo& slo, Decimal errors) {
  const Decimal budget = ErrorBudget(*slo.objective);
  const Wide millis = Wide{slo.period->count()} * budget.coefficient() * PowerOf10(errors.scale());
  const Wide seconds = millis / PowerOf10(budget.scale()) / errors.coefficient() / 1000;
  return std::chrono::seconds(static_cast<std::int64_t>(seconds));
}

bool IsBurning(const BurnAlert& alert, std::span<const Outage> outages, Duration at, const RuleClock& clock) {
  const auto exceeds = [&](Duration window) {
    return window <= kLongestFastWindow ? FastExceeds(alert, window, outages, at, clock)
                                        : LongExceeds(alert, window, outages, at, clock);
  };
  return exceeds(alert.long_window) && (!alert.short_window || exceeds(*alert.short_window));
}

std::vector<Firing> PredictFirings(const BurnAlert& alert, std::span<const Outage> outages, Duration until,
                                   const RuleClock& clock) {
  return PredictFirings({alert.hold, alert.keep_firing, clock.IntervalOf(alert), until},
                        [&](Duration at) { return IsBurning(alert, outages, at, clock); });
}

}  // namespace fleet::rulegen
