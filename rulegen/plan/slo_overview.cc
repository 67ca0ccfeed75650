#include "rulegen/plan/slo_overview.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "lib/base/text.h"
#include "rulegen/plan/expr.h"
#include "rulegen/plan/page.h"
#include "rulegen/plan/slo_panels.h"

namespace fleet::rulegen {
namespace {

using grafana::Color;
using grafana::ColorMode;
using grafana::Column;
using grafana::Field;
using grafana::Panel;
using grafana::Target;

constexpr int kGraphHeight = 9;
constexpr int kMostRows = 30;                      // in grid units; what does not fit is scrolled
constexpr std::size_t kMostOpenLatencyPanels = 4;  // more are folded away until asked for

// The policy's own bound of "low", the greatest where SLOs differ; a tenth where none says it.
Decimal LowBudget(const SloView& view) {
  std::optional<Decimal> low;
  for (const Slo& slo : view.policy().slos) {
    if (slo.budget_low && (!low || *low < *slo.budget_low->below)) low = *slo.budget_low->below;
  }
  return low.value_or(Decimal(1, 1));
}

Field BudgetLeft(const SloView& view) {
  return {.unit = "percentunit",
          .decimals = 1,
          .no_value = "unknown",
          .color_mode = ColorMode::kThresholds,
          .thresholds = {{.color = Color::kRed},
                         {.from = kZero, .color = Color::kOrange},
                         {.from = LowBudget(view), .color = Color::kGreen}}};
}

// Green while the budget lasts, then a colour for each factor at which an alert fires.
Field BurnRate(const SloView& view) {
  std::map<Decimal, Color> steps = {{kOne, Color::kYellow}};
  for (const bool fast : {false, true}) {
    for (const BurnLine& line : view.Lines(fast)) {
      steps[line.factor] = line.severity == AlertSeverity::kCritical ? Color::kRed : Color::kOrange;
    }
  }
  Field field = {.unit = "suffix:x",
                 .decimals = 2,
                 .min = kZero,
                 .no_value = kNoData,
                 .color_mode = ColorMode::kThresholds,
                 .thresholds = {{.color = Color::kGreen}}};
  for (const auto& [factor, color] : steps) field.thresholds.push_back({.from = factor, .color = color});
  return field;
}

// The last hour, and the shortest long window above it: "fast" and "slow" in most policies.
std::vector<Duration> BurnWindows(const SloView& view) {
  std::vector<Duration> windows = {kHourWindow};
  std::set<Duration> longer;
  for (const SloGroup& group : view.groups()) {
    for (const BurnLine& line : group.lines) {
      if (line.long_window > kHourWindow) longer.insert(line.long_window);
    }
  }
  if (!longer.empty()) windows.push_back(*longer.begin());
  return windows;
}

std::string FiringAlerts(const SloView& view, const std::string& by) {
  const std::string service = Quoted(*view.policy().service);
  // By SLO, those that are about none would be a row without a name.
  const char* const about = by.empty() ? "" : ",slo_name!=\"\"";
  return fmt::format(
      "count{0} (ALERTS{{alertstate=\"firing\",slo_service={1}{3}}}) or 0 * count{0} (slo_info{2})", by,
      service, view.All(), about);
}

Panel ObjectivesMet(const SloView& view) {
  const auto count = static_cast<std::int64_t>(view.policy().slos.size());
  return {
      .title = "Objectives met",
      .description = fmt::format("SLOs that spent no more than their whole error budget in the last {}.",
                                 view.PeriodName()),
      .view = grafana::Stat{},
      .field = {.unit = fmt::format("suffix:of {}", count),
                .decimals = 0,
                .no_value = kNoData,
                .color_mode = ColorMode::kThresholds,
                .thresholds = {{.color = Color::kRed}, {.from = Decimal(count, 0), .color = Color::kGreen}}},
      .targets = {QueryBy(fmt::format("count(max by (slo_name) (slo:period_burn_rate:ratio{0}) <= 1) or "
                                      "0 * count(slo_info{0})",
                                      view.All()),
                          {})}};
}

Panel AlertsFiring(const SloView& view) {
  return {.title = "Firing alerts",
          .description =
              "Alerts of this service's SLOs that fire now, whatever their severity. The "
              "timeline below says which.",
          .view = grafana::Stat{},
          .field = {.unit = "none",
                    .decimals = 0,
                    .min = kZero,
                    .no_value = kNoData,
                    .color_mode = ColorMode::kThresholds,
                    .thresholds = {{.color = Color::kGreen}, {.from = kOne, .color = Color::kRed}}},
          .targets = {QueryBy(FiringAlerts(view, ""), {})}};
}

Panel LowestBudget(const SloView& view) {
  Field field = BudgetLeft(view);
  field.decimals = 2;  // Grafana rounds the sparkline's range to them as well, and draws none with one
  return {.title = "Lowest budget left",
          .description = fmt::format(
              "Of all SLOs, the smallest share of the error budget of {} that is left. Below zero the "
              "objective is missed. Unknown while too little of the period is covered by data.",
              view.PeriodName()),
          .view = grafana::Stat{},
          .field = field,
          .targets = {QueryBy("min(slo:period_error_budget_remaining:ratio" + view.All() + ")", {})}};
}

Panel HighestBurn(const SloView& view) {
  return {.title = "Highest burn rate, " + PrintDuration(kHourWindow),
          .description =
              "Of all SLOs, how many times faster than sustainable the error budget was spent. At "
              "1x it lasts exactly its period.",
          .view = grafana::Stat{},
          .field = BurnRate(view),
          .targets = {QueryBy("max(" + SloView::BurnRate(kHourWindow, view.All()) + ")", {})}};
}

// One number from both windows of a tier: 0 fine, 1 only the long one is over the factor, 2 only the
// short one, 3 both. The worst tier counts. A short window of hours stays over a slow tier's factor
// long after the trouble, so there it says nothing alone.
std::string TierStatus(const BurnLine& line, const std::string& slos, std::size_t number) {
  const std::string factor = line.factor.ToString();
  const std::string over_long = SloView::BurnRate(line.long_window, slos) + " > bool " + factor;
  const std::string over_short = SloView::BurnRate(line.short_window, slos) + " > bool " + factor;
  const std::string status = line.is_fast() ? fmt::format("({})\n  + 2 * ({})", over_long, over_short)
                                            : fmt::format("({})\n  * (1 + 2 * ({}))", over_long, over_short);
  return fmt::format("label_replace(\n  {},\n  \"tier\", \"{}\", \"\", \"\")", status, number);
}

// 4 where the objective of the period is missed, for SLOs without alerts on burn rates.
std::string Missed(const SloView& view) {
  return fmt::format("4 * max by (slo_name) (slo:period_burn_rate:ratio{} > bool 1)", view.All());
}

std::string Status(const SloView& view) {
  std::vector<std::string> tiers;
  std::size_t with_tiers = 0;
  for (const SloGroup& group : view.groups()) {
    const std::string slos = view.groups().size() == 1 ? view.All() : view.Only(group.names);
    for (const BurnLine& line : group.lines) tiers.push_back(TierStatus(line, slos, tiers.size()));
    if (!group.lines.empty()) with_tiers += group.names.size();
  }
  if (tiers.empty()) return Missed(view);
  std::string status = "max by (slo_name) (\n" + Join(tiers, "\nor\n") + "\n)";
  if (with_tiers < view.policy().slos.size()) status += "\nor\n" + Missed(view);
  return status;
}

Field StatusWords() {
  return {.no_value = kNoData,
          .mappings = {{.value = Decimal(0, 0), .text = "fine", .color = Color::kGreen},
                       {.value = Decimal(1, 0), .text = "recovering", .color = Color::kYellow},
                       {.value = Decimal(2, 0), .text = "rising", .color = Color::kOrange},
                       {.value = Decimal(3, 0), .text = "burning", .color = Color::kRed},
                       {.value = Decimal(4, 0), .text = "missed", .color = Color::kRed}}};
}

std::string PeriodRatio(const SloView& view) {
  const std::string period = view.PeriodName();
  if (period != "period")
    return "1 - max by (slo_name) (slo:sli_error:ratio_rate" + period + view.All() + ")";
  return fmt::format(
      "1 - max by (slo_name) (slo:period_burn_rate:ratio{0} * on (slo_id) group_left () "
      "slo:error_budget:ratio{0})",
      view.All());
}

// Adds a query and the column that shows it.
class TableBuilder {
 public:
  void Add(std::string title, std::string expr, Field field, grafana::Cell cell = grafana::Cell::kPlain,
           int width = 0) {
    table_.columns.push_back({.title = std::move(title),
                              .target = targets_.size(),
                              .field = std::move(field),
                              .cell = cell,
                              .width = width});
    targets_.push_back({.expr = std::move(expr), .labels = {"slo_name"}});
  }
  void SortBy(std::string column) { table_.sort = grafana::Sort{.column = std::move(column)}; }
  void AddLabel(Column column) { table_.columns.push_back(std::move(column)); }

  Panel Build(std::string title, std::string description) && {
    return {.title = std::move(title),
            .description = std::move(description),
            .view = std::move(table_),
            .field = {.unit = "none"},
            .targets = std::move(targets_)};
  }

 private:
  grafana::Table table_;
  std::vector<Target> targets_;
};

Field With(Field field, std::string no_value) {
  field.no_value = std::move(no_value);
  return field;
}

Panel AllSlos(const SloView& view, const std::string& uid) {
  const std::string all = view.All();
  const Field ratio = With(ObjectiveRatio(view.finest_objective()), kNoData);
  TableBuilder table;
  table.AddLabel({.title = "SLO",
                  .label = "slo_name",
                  .links = {{.title = "Show in detail",
                             .url = "/d/" + uid + "?var-" + kSloVariable +
                                    "=${__value.raw}&${datasource:queryparam}&${__url_time_range}"}}});
  table.Add("Status", Status(view), StatusWords(), grafana::Cell::kColoredText, 100);
  table.Add("Alerts", FiringAlerts(view, " by (slo_name)"),
            {.unit = "none",
             .decimals = 0,
             .no_value = kNoData,
             .color_mode = ColorMode::kThresholds,
             .thresholds = {{.color = Color::kText}, {.from = kOne, .color = Color::kRed}}},
            grafana::Cell::kColoredText, 75);
  table.Add("Objective", "max by (slo_name) (slo:objective:ratio" + all + ")", ratio, grafana::Cell::kPlain,
            105);
  table.Add("Now, " + PrintDuration(kNowWindow),
            "1 - max by (slo_name) (" + SloView::ErrorRatio(kNowWindow) + all + ")", ratio,
            grafana::Cell::kPlain, 105);
  table.Add("Last " + view.PeriodName(), PeriodRatio(view), ratio, grafana::Cell::kPlain, 105);
  Field budget = BudgetLeft(view);
  budget.min = kZero;  // the ends of the bar; a number beyond them is shown all the same
  budget.max = kOne;
  table.Add("Budget left", "min by (slo_name) (slo:period_error_budget_remaining:ratio" + all + ")", budget,
            grafana::Cell::kGauge, 230);
  for (const Duration window : BurnWindows(view)) {
    table.Add("Burn " + PrintDuration(window), SloView::BurnRate(window, all), BurnRate(view),
              grafana::Cell::kColoredText, 95);
  }
  table.Add("Coverage", "min by (slo_name) (slo:period_coverage:ratio" + all + ")",
            {.unit = "percentunit", .decimals = 0, .no_value = kNoData}, grafana::Cell::kPlain, 95);
  table.SortBy("Budget left");
  return std::move(table).Build(
      "All SLOs",
      "One row an SLO; its name leads to the detail. Status, from both windows of each alert: burning = both "
      "over the factor, rising = only the short one, recovering = only the long one. Without such alerts: "
      "missed = the budget of the period is spent. Coverage is the share of the period with data.");
}

}  // namespace

void AddSloSummary(const SloView& view, grafana::Dashboard& dashboard) {
  AddSection(dashboard, "All objectives");
  AddLine(
      dashboard, 4,
      {{ObjectivesMet(view), 6}, {AlertsFiring(view), 6}, {LowestBudget(view), 6}, {HighestBurn(view), 6}});
  const int rows = static_cast<int>(view.policy().slos.size());
  AddLine(dashboard, std::clamp(rows + 2, 6, kMostRows), {{AllSlos(view, dashboard.uid), 24}});
}

void AddSloDetail(const SloView& view, grafana::Dashboard& dashboard) {
  AddSection(dashboard, std::string("Detail: $") + kSloVariable);
  const std::string slos = view.Selected();
  std::vector<grafana::Panel> panels = {BudgetPanel(view, slos)};
  for (const bool fast : {true, false}) {
    if (!view.Lines(fast).empty()) panels.push_back(BurnPanel(view, slos, fast));
  }
  panels.push_back(ErrorRatioPanel(view, slos, view.windows()));
  panels.push_back(EventsPanel(view, slos));
  AddPairs(dashboard, kGraphHeight, std::move(panels));
}

void AddAlertTimelines(const SloView& view, grafana::Dashboard& dashboard) {
  AddSection(dashboard, "Alerts");
  const int rows = static_cast<int>(view.policy().slos.size());
  AddLine(dashboard, std::clamp(rows + 3, 5, std::clamp(3 * rows / 4 + 1, 14, kMostRows)),
          {{AlertsPanel(view), 24}});
}

void AddSloLatency(const SloView& view, grafana::Dashboard& dashboard) {
  std::vector<const Slo*> slos;
  // SLOs on the same series share a panel, in the order of the policy.
  std::vector<std::pair<std::string, std::vector<const Slo*>>> histograms;
  for (const Slo& slo : view.policy().slos) {
    const auto* latency = std::get_if<LatencySli>(&slo.sli);
    if (latency == nullptr) continue;
    slos.push_back(&slo);
    const std::string series = Series(*latency->histogram.metric, latency->histogram.where).text;
    const auto same = std::ranges::find(histograms, series, [](const auto& h) { return h.first; });
    if (same != histograms.end()) {
      same->second.push_back(&slo);
    } else {
      histograms.push_back({series, {&slo}});
    }
  }
  if (slos.empty()) return;
  std::vector<grafana::Panel> panels = {FastSharePanel(view, slos)};
  for (const auto& histogram : histograms) panels.push_back(QuantilesPanel(view, histogram.second));
  AddSection(dashboard, "Latency", panels.size() > kMostOpenLatencyPanels);
  AddPairs(dashboard, kGraphHeight, std::move(panels));
}

}  // namespace fleet::rulegen
