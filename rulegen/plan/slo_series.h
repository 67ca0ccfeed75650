// The recorded series of an SLO by name, for the rules that read them.
#pragma once

#include <string>

#include "rulegen/plan/expr.h"
#include "rulegen/policy/timing.h"

namespace fleet::rulegen {

// What every SLO records first: events, and bad events, per second.
inline constexpr char kTotalRate[] = "slo:sli_total:rate";
inline constexpr char kErrorRate[] = "slo:sli_error:rate";

struct SloSeries {
  std::string slo_id;

  Expr Named(std::string_view record) const { return Series(record, Matcher("slo_id", slo_id)); }
  Expr Total() const { return Named(kTotalRate); }
  Expr Error() const { return Named(kErrorRate); }
  Expr TotalPer(Duration roll_up) const { return Named(kTotalRate + PrintDuration(roll_up)); }
  Expr ErrorPer(Duration roll_up) const { return Named(kErrorRate + PrintDuration(roll_up)); }
  Expr Ratio(Duration window) const { return Named("slo:sli_error:ratio_rate" + PrintDuration(window)); }
  Expr BudgetLeft() const { return Named("slo:period_error_budget_remaining:ratio"); }
  Expr BurnOfPeriod() const { return Named("slo:period_burn_rate:ratio"); }
  Expr Maintenance() const { return Named("slo:maintenance:active"); }
  Expr Elapsed() const { return Named("slo:period_elapsed:ratio"); }
  Expr Coverage() const { return Named("slo:period_coverage:ratio"); }
};

}  // namespace fleet::rulegen
