#include "rulegen/plan/slo_period.h"

#include "rulegen/plan/calendar.h"

namespace fleet::rulegen {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

std::vector<std::string> Kinds(const SloContext& context) {
  // With maintenance both are kept: what counts, and what happened.
  return context.maintenance.empty() ? std::vector<std::string>{""} : std::vector<std::string>{"", "_all"};
}

// "slo:sli_total:rate5m"
std::string RollUp(const SloContext& context, std::string_view part) {
  return fmt::format("slo:sli_{}:rate{}", part, PrintDuration(context.period_interval));
}

// Of a short period the roll-up of what counts is made by the long group, in the same rhythm.
bool IsOwnRollUp(const SloContext& context, const std::string& kind) {
  return context.period_interval != kLongInterval || !kind.empty();
}

void AddRollUp(const SloContext& context, const std::string& part, const std::string& kind,
               RuleGroup& group) {
  if (!IsOwnRollUp(context, kind)) return;
  const Expr raw = context.series.Named(fmt::format("slo:sli_{}:rate{}", part, kind));
  Expr expr = Call("avg_over_time", {Range(raw, context.period_interval, kSettle)});
  // A calendar period takes only its own roll-ups, so each says which period it belongs to.
  if (context.slo.calendar) {
    expr = Binary(expr, "*", RunningPeriod(*context.slo.calendar), Layout::kOwnLine,
                  fmt::format("on () group_left ({})", kPeriodLabel));
  }
  context.Record(group, RollUp(context, part) + kind, expr);
}

// `function` of the roll-ups of the running period: `over` is avg_over_time or count_over_time with a range.
Expr OfRunningPeriod(const SloContext& context, const Expr& over) {
  if (!context.slo.calendar) return over;
  const Expr running = Binary(over, "and", RunningPeriod(*context.slo.calendar), Layout::kOwnLine,
                              fmt::format("on ({})", kPeriodLabel));
  return {fmt::format("sum without ({}) (\n{}\n)", kPeriodLabel, Indented(running.text))};
}

Duration Length(const SloContext& context) {
  return context.slo.calendar ? LongestLength(*context.slo.calendar) : *context.slo.period;
}

void AddAverage(const SloContext& context, const std::string& part, const std::string& kind,
                RuleGroup& group) {
  const Duration offset = IsOwnRollUp(context, kind) ? Duration{0} : kSettle;
  const Expr rolled_up = context.series.Named(RollUp(context, part) + kind);
  context.Record(
      group, context.PeriodRate(part) + kind,
      OfRunningPeriod(context, Call("avg_over_time", {Range(rolled_up, Length(context), offset)})));
}

// The share of the period's hours (of a short period: of five minutes) that have data. A subquery counts
// them, as the number of records depends on how often the group was run.
Expr Coverage(const SloContext& context) {
  const bool is_short = *context.slo.period <= kLongestShortPeriod && !context.slo.calendar;
  const Duration step = is_short ? Duration(minutes(5)) : kCoverageStep;
  const Expr rolled_up = context.series.Named(RollUp(context, "total"));
  const Expr seen =
      OfRunningPeriod(context, Call("count_over_time", {Subquery(rolled_up, Length(context), step)}));
  if (!context.slo.calendar) {
    return Call("clamp_max", {Binary(seen, "/", Number(*context.slo.period / step)), Number(1)});
  }
  // One more on both sides is the hour that runs: the first of a period has no full one yet.
  const Calendar calendar = *context.slo.calendar;
  const Expr now = OfRunningPeriod(context, Binary(Number(0), "*", rolled_up));
  const Expr hours_seen = Binary(Binary(seen, "or", now, Layout::kOwnLine), "+", Number(1));
  const Expr hours_gone = Binary(
      Binary(Binary(ElapsedShare(calendar), "*", LengthInDays(calendar)), "*", Number(24)), "+", Number(1));
  const Expr share = Binary(hours_seen, "/", hours_gone, Layout::kOwnLine, "on () group_left ()");
  return {"clamp_max(\n" + Indented(share.text + ",\n1") + "\n)"};
}

// What the period group recorded last.
class Published {
 public:
  explicit Published(const SloContext& context) : context_(context) {}

  Expr Last(const Expr& series) const {
    return Call("last_over_time", {Range(series, 2 * context_.period_interval + kLongInterval)});
  }

  Expr Ratio(const std::string& kind) const {
    const auto rate = [&](const char* part) {
      return Last(context_.series.Named(context_.PeriodRate(part) + kind));
    };
    return ErrorRatio(rate("error"), rate("total"));
  }

  // The share of the budget that `burn` leaves; unknown below the coverage limit. A calendar period that
  // has just begun is not burned empty by one early error: its budget grows with it.
  Expr Left(const Expr& burn) const {
    Expr spent = burn;
    if (context_.slo.calendar) {
      spent = Binary(burn, "*", Last(context_.series.Elapsed()), Layout::kInline, Ignored());
    }
    const Expr is_covered =
        Binary(Last(context_.series.Coverage()), ">=", Number(*context_.slo.min_coverage));
    return Binary(Binary(Number(1), "-", spent), "and", is_covered, Layout::kOwnLine);
  }

 private:
  // The elapsed share is the same for all groups, and has none of their labels.
  std::string Ignored() const { return context_.slo.by.empty() ? "" : "on (slo_id) group_left ()"; }

  const SloContext& context_;
};

}  // namespace

RuleGroup PlanPeriodGroup(const SloContext& context) {
  RuleGroup group{fmt::format("slo:{}:period", context.series.slo_id), context.period_interval, {}};
  for (const std::string& kind : Kinds(context)) {
    for (const char* part : {"total", "error"}) AddRollUp(context, part, kind, group);
    for (const char* part : {"total", "error"}) AddAverage(context, part, kind, group);
  }
  if (context.slo.calendar)
    context.Record(group, "slo:period_elapsed:ratio", ElapsedShare(*context.slo.calendar));
  context.Record(group, "slo:period_coverage:ratio", Coverage(context));
  return group;
}

void AddPeriodFigures(const SloContext& context, RuleGroup& group) {
  const Published published(context);
  const SloSeries& series = context.series;
  // A window as long as the period has recorded the same already.
  const bool is_recorded =
      !context.slo.calendar && RecordedWindows(context.slo).contains(*context.slo.period);
  if (!is_recorded) context.Record(group, context.PeriodRatio(), published.Ratio(""));
  context.Record(group, "slo:period_burn_rate:ratio",
                 Binary(series.Named(context.PeriodRatio()), "/", Number(context.budget)));
  context.Record(group, "slo:period_error_budget_remaining:ratio", published.Left(series.BurnOfPeriod()));
  if (!context.maintenance.empty()) {
    const Expr burn = Binary(published.Ratio("_all"), "/", Number(context.budget), Layout::kOwnLine);
    context.Record(group, "slo:period_error_budget_remaining_all:ratio", published.Left(burn));
  }
  const std::int64_t period_seconds = std::chrono::duration_cast<seconds>(*context.slo.period).count();
  const Expr full = Binary(Call("clamp_min", {series.BudgetLeft(), Number(0)}), "*", Number(period_seconds));
  const Expr pace = Binary(Binary(series.Ratio(kPaceWindow), "/", Number(context.budget)), ">", Number(0));
  context.Record(group, "slo:period_error_budget_exhaustion:seconds",
                 Binary(full, "/", pace, Layout::kOwnLine));
}

}  // namespace fleet::rulegen
