#include "rulegen/plan/slo_detail.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "rulegen/plan/page.h"
#include "rulegen/plan/slo_panels.h"
#include "rulegen/plan/slo_status.h"

namespace fleet::rulegen {
namespace {

using grafana::Color;
using grafana::ColorMode;
using grafana::Field;

constexpr int kNowHeight = 4;

grafana::Panel StatusPanel(const SloView& view) {
  return {.title = "Status",
          .description =
              "From both windows of each alert on the burn rate: burning = both over the factor, rising = "
              "only the short one, recovering = only the long one. Without such alerts: missed = the budget "
              "of the period is spent.",
          .view = grafana::Stat{.sparkline = false},
          .field = StatusField(),
          .targets = {QueryBy(Status(view, SloScope::kSelected), {"slo_name"})}};
}

grafana::Panel ObjectivePanel(const SloView& view) {
  Field field = ObjectiveRatio(view.finest_objective());
  field.no_value = kNoData;
  return {.title = "Objective, reached and covered",
          .description = fmt::format(
              "The share of good events that is promised, and the share that the last {0} had: below the "
              "objective the budget is overspent. And the share of that {0} with data: a budget is known "
              "from the "
              "policy's min_coverage on.",
              view.PeriodName()),
          .view = grafana::Stat{.color = grafana::StatColor::kNone,
                                .text = grafana::StatText::kValueAndName,
                                .sparkline = false},
          .field = field,
          .targets = {{.expr = "max by (slo_name) (slo:objective:ratio" + view.Selected() + ")",
                       .labels = {"slo_name"},
                       .legend = "objective"},
                      {.expr = PeriodRatio(view, SloScope::kSelected),
                       .labels = {"slo_name"},
                       .legend = "last " + view.PeriodName()},
                      {.expr = "min by (slo_name) (slo:period_coverage:ratio" + view.Selected() + ")",
                       .labels = {"slo_name"},
                       .legend = "covered"}}};
}

grafana::Panel BudgetNow(const SloView& view) {
  return {.title = "Budget left",
          .description = fmt::format("Share of the error budget of {} that is not spent. Unknown while too "
                                     "little of the period is covered by data.",
                                     view.PeriodName()),
          .view = grafana::Stat{.sparkline = false},
          .field = BudgetField(view),
          .targets = {
              QueryBy("min by (slo_name) (slo:period_error_budget_remaining:ratio" + view.Selected() + ")",
                      {"slo_name"})}};
}

grafana::Panel BurnNow(const SloView& view) {
  return {.title = "Burn rate, " + PrintDuration(kHourWindow),
          .description =
              "How many times faster than sustainable the budget was spent. At 1x it lasts "
              "exactly its period.",
          .view = grafana::Stat{.sparkline = false},
          .field = BurnField(view),
          .targets = {QueryBy(SloView::BurnRate(kHourWindow, view.Selected()), {"slo_name"})}};
}

// Red where a critical alert finds a full budget spent too fast, orange where another one does that looks
// back less than a day.
grafana::Panel EmptyNow(const SloView& view) {
  Field field = {.unit = "s", .decimals = 1, .min = kZero, .no_value = "no errors"};
  Duration critical{}, fast{};
  for (const BurnLine& line : view.Lines(true)) {
    fast = std::max(fast, line.lasts);
    if (line.severity == AlertSeverity::kCritical) critical = std::max(critical, line.lasts);
  }
  if (fast > Duration::zero()) {
    field.color_mode = ColorMode::kThresholds;
    field.thresholds = {{.color = critical > Duration::zero() ? Color::kRed : Color::kOrange}};
    if (critical > Duration::zero() && critical < fast) {
      field.thresholds.push_back({.from = Decimal(critical.count(), 3), .color = Color::kOrange});
    }
    field.thresholds.push_back({.from = Decimal(fast.count(), 3), .color = Color::kGreen});
  }
  return {.title = "Budget empty in",
          .description = "At the pace of the last hour. Nothing while no event fails.",
          .view = grafana::Stat{.sparkline = false},
          .field = std::move(field),
          .targets = {QueryBy(TimeToEmpty(view.Selected(), {"slo_name"}), {"slo_name"})}};
}

// The page says of which SLO it is: in the legends its name would take the room of what differs.
std::vector<grafana::Panel> Unnamed(std::vector<grafana::Panel> panels) {
  constexpr std::string_view kName = "{{slo_name}} ";
  for (grafana::Panel& panel : panels) {
    for (grafana::Target& target : panel.targets) {
      if (target.legend.starts_with(kName)) target.legend.erase(0, kName.size());
    }
  }
  return panels;
}

}  // namespace

void AddSloDetail(const SloView& view, grafana::Dashboard& dashboard) {
  const std::string slos = view.Selected();
  AddSection(dashboard, std::string("Now: $") + kSloVariable);
  AddLine(dashboard, kNowHeight,
          {{StatusPanel(view), 4},
           {ObjectivePanel(view), 9},
           {BudgetNow(view), 4},
           {BurnNow(view), 4},
           {EmptyNow(view), 3}});
  AddSection(dashboard, "Budget");
  AddPairs(dashboard, kSloGraphHeight, Unnamed({BudgetPanel(view, slos), TimeToEmptyPanel(view, slos)}));
  std::vector<grafana::Panel> burn;
  for (const bool fast : {true, false}) {
    if (!view.Lines(fast).empty()) burn.push_back(BurnPanel(view, slos, fast));
  }
  if (!burn.empty()) AddPairs(dashboard, kSloGraphHeight, Unnamed(std::move(burn)));
  AddSection(dashboard, "Events");
  AddPairs(dashboard, kSloGraphHeight,
           Unnamed({ErrorRatioPanel(view, slos, view.windows()), EventsPanel(view, slos)}));
  AddSection(dashboard, "Alerts");
  AddLine(dashboard, kSloGraphHeight, {{AlertsOfPanel(slos), 24}});
}

}  // namespace fleet::rulegen
