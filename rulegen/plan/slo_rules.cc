#include "rulegen/plan/slo_rules.h"

#include "rulegen/plan/calendar.h"
#include "rulegen/plan/maintenance.h"
#include "rulegen/plan/slo_alerts.h"
#include "rulegen/plan/slo_period.h"
#include "rulegen/plan/slo_record.h"
#include "rulegen/plan/slo_series.h"
#include "rulegen/sli/kinds.h"

namespace fleet::rulegen {
namespace {

using std::chrono::hours;

// With maintenance the pair is recorded twice: all that happened, and what counts. That is 0 and not absent
// while a window is open, so that coverage stays whole and idle stays idle.
void AddBasePair(const SloContext& context, RuleGroup& group) {
  const std::string kind = context.maintenance.empty() ? "" : "_all";
  const Expr recorded_total = context.series.Named(kTotalRate + kind);
  const Slo& slo = context.slo;
  if (!kind.empty()) context.Record(group, "slo:maintenance:active", ActiveMaintenance(context.maintenance));
  const BasePair pair =
      KindOf(slo.sli).plan(slo.sli, {*context.policy.service, context.timing, slo.by, recorded_total});
  context.Record(group, kTotalRate + kind, pair.total);
  context.Record(group, kErrorRate + kind, pair.error);
  if (kind.empty()) return;
  // What the last step holds began a step and a scrape ago: a window closes for it when that is outside.
  const Duration seen = 2 * context.timing.step + context.timing.scrape + kSettle;
  const Expr counts =
      Binary(Number(1), "-", Call("max_over_time", {Range(context.series.Maintenance(), seen)}));
  for (const char* record : {kTotalRate, kErrorRate}) {
    context.Record(group, record,
                   Binary(context.series.Named(record + kind), "*", counts, Layout::kOwnLine,
                          "on (slo_id) group_left ()"));
  }
}

void AddFastRatio(const SloContext& context, Duration window, RuleGroup& group) {
  const auto sum = [&](const Expr& series) {
    return Call("sum_over_time", {Range(series, context.timing.RecordsOf(window))});
  };
  context.Record(group, "slo:sli_error:ratio_rate" + PrintDuration(window),
                 ErrorRatio(sum(context.series.Error()), sum(context.series.Total())));
}

void AddLongRatio(const SloContext& context, Duration window, RuleGroup& group) {
  const auto sum = [&](const Expr& series) { return Call("sum_over_time", {Range(series, window)}); };
  context.Record(
      group, "slo:sli_error:ratio_rate" + PrintDuration(window),
      ErrorRatio(sum(context.series.ErrorPer(kLongInterval)), sum(context.series.TotalPer(kLongInterval))));
}

// Numbers carry identity only, so a change of team or severity starts no new series.
void AddInfo(const SloContext& context, RuleGroup& group) {
  Labels labels = UserLabels(context.policy, context.slo.labels);
  labels.insert(labels.end(), {{"slo_objective", context.slo.objective->ToString()},
                               {"slo_period", PeriodName(context.slo)},
                               {"slo_policy_hash", context.policy.hash}});
  context.Record(group, "slo_info", Call("vector", {Number(1)}), std::move(labels));
}

RuleGroup PlanFastGroup(const SloContext& context) {
  RuleGroup group{"slo:" + context.series.slo_id, context.timing.step, {}};
  AddBasePair(context, group);
  for (const Duration window : RecordedWindows(context.slo)) {
    if (window <= kLongestFastWindow) AddFastRatio(context, window, group);
  }
  context.Record(group, "slo:current_burn_rate:ratio",
                 Binary(context.series.Ratio(kCurrentWindow), "/", Number(context.budget)));
  AddFastAlerts(context, group);
  return group;
}

Expr Days(const Slo& slo) {
  if (slo.calendar) return LengthInDays(*slo.calendar);
  const auto days = Fraction{*slo.period / Duration(hours(1)), 24};
  return Call("vector", {Number(days.Round())});
}

RuleGroup PlanLongGroup(const SloContext& context) {
  RuleGroup group{fmt::format("slo:{}:long", context.series.slo_id), kLongInterval, {}};
  const SloSeries& series = context.series;
  context.Record(group, "slo:sli_total:rate1m",
                 Call("avg_over_time", {Range(series.Total(), kLongInterval, kSettle)}));
  context.Record(group, "slo:sli_error:rate1m",
                 Call("avg_over_time", {Range(series.Error(), kLongInterval, kSettle)}));
  for (const Duration window : RecordedWindows(context.slo)) {
    if (window > kLongestFastWindow) AddLongRatio(context, window, group);
  }
  context.Record(group, "slo:objective:ratio",
                 Call("vector", {Number(context.slo.objective->ShiftedRight(2))}));
  context.Record(group, "slo:error_budget:ratio", Call("vector", {Number(context.budget)}));
  context.Record(group, "slo:time_period:days", Days(context.slo));
  AddPeriodFigures(context, group);
  AddInfo(context, group);
  AddLongAlerts(context, group);
  return group;
}

}  // namespace

std::vector<RuleGroup> PlanSlo(const Policy& policy, const Slo& slo) {
  const SloContext context(policy, slo);
  return {PlanFastGroup(context), PlanLongGroup(context), PlanPeriodGroup(context)};
}

}  // namespace fleet::rulegen
