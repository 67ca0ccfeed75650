// When an alert on burn rates fires and ends, to the evaluation.
//
// Two answers that must agree. The formulas are for people and for `rulegen simulate`: a constant share of
// errors after a full window without any. The model knows what each record holds at each evaluation, and so
// also young SLOs, errors that end again, and `for`; the generated tests expect what it says. Exact: shares
// and limits are fractions of integers, times whole milliseconds. No rules and no text here.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "lib/base/decimal.h"
#include "lib/base/duration.h"
#include "rulegen/policy/policy.h"
#include "rulegen/policy/timing.h"
#include "rulegen/proof/firing.h"

namespace fleet::rulegen {

// An alert that fires while the share of errors exceeds `limit` in all its windows: a tier, or a breach.
struct BurnAlert {
  std::string alert;
  std::string tier;  // the label slo_tier
  AlertSeverity severity = AlertSeverity::kWarning;
  Fraction limit;  // factor * error budget
  Duration long_window{0};
  std::optional<Duration> short_window;
  Duration hold{0};         // `for`
  Duration keep_firing{0};  // `keep_firing_for`

  bool is_fast() const { return long_window <= kLongestFastWindow; }
  Duration ending_window() const { return short_window.value_or(long_window); }
};

// In the order of the rules. A tier that not even a total outage reaches is in it, too.
std::vector<BurnAlert> BurnAlertsOf(const Policy& policy, const Slo& slo);

// What runs the rules: the step of the fast group, and whether ranges hold both of their ends, as in
// Prometheus 2. There a window of the long group holds one record more.
struct RuleClock {
  Duration step{0};
  bool closed_ranges = true;

  Duration IntervalOf(const BurnAlert& alert) const { return alert.is_fast() ? step : kLongInterval; }
};

// Formulas: since the errors began, or ended, and already rounded up to an evaluation. Nothing: never.
std::optional<Duration> DetectionTime(const BurnAlert& alert, Decimal errors, const RuleClock& clock);
std::optional<Duration> ResetTime(const BurnAlert& alert, Decimal errors, const RuleClock& clock);
// A full budget at this share of errors: period * budget / errors, whole seconds. REQUIRES: errors > 0.
Duration ExhaustionTime(const Slo& slo, Decimal errors);

// `errors` of the events in [begin, end) fail; traffic is even from time 0 on, and without errors at other
// times.
struct Outage {
  Duration begin{0};
  Duration end{0};
  Decimal errors;
};

// The condition of the alert at one evaluation, whatever its `for`.
// Outages do not overlap.
bool IsBurning(const BurnAlert& alert, std::span<const Outage> outages, Duration at, const RuleClock& clock);
// Evaluations are at 0, one interval, two intervals, ... up to and with `until`.
std::vector<Firing> PredictFirings(const BurnAlert& alert, std::span<const Outage> outages, Duration until,
                                   const RuleClock& clock);

}  // namespace fleet::rulegen
