#include "rulegen/plan/slo_overview.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "lib/base/text.h"
#include "rulegen/plan/expr.h"
#include "rulegen/plan/page.h"
#include "rulegen/plan/slo_panels.h"
#include "rulegen/plan/slo_status.h"

namespace fleet::rulegen {
namespace {

using grafana::Color;
using grafana::ColorMode;
using grafana::Column;
using grafana::Field;
using grafana::Panel;
using grafana::Target;

constexpr int kMostRows = 30;                      // in grid units; what does not fit is scrolled
constexpr std::size_t kMostOpenLatencyPanels = 4;  // more are folded away until asked for

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

Panel ObjectivesMissed(const SloView& view) {
  return {.title = "Objectives missed",
          .description = fmt::format("SLOs that spent more than their whole error budget in the last {}.",
                                     view.PeriodName()),
          .view = grafana::Stat{},
          .field = {.unit = fmt::format("suffix:of {}", view.policy().slos.size()),
                    .decimals = 0,
                    .min = kZero,
                    .no_value = kNoData,
                    .color_mode = ColorMode::kThresholds,
                    .thresholds = {{.color = Color::kGreen}, {.from = kOne, .color = Color::kRed}}},
          .targets = {QueryBy(fmt::format("count(max by (slo_name) (slo:period_burn_rate:ratio{0}) > 1) or "
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
  Field field = BudgetField(view);
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
          .field = BurnField(view),
          .targets = {QueryBy("max(" + SloView::BurnRate(kHourWindow, view.All()) + ")", {})}};
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
  void SortBy(std::vector<grafana::Sort> columns) { table_.sort = std::move(columns); }
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

Panel AllSlos(const SloView& view) {
  const std::string uid = DashboardUid(view.policy(), kSloDashboard);
  const std::string all = view.All();
  const Field ratio = With(ObjectiveRatio(view.finest_objective()), kNoData);
  TableBuilder table;
  table.AddLabel({.title = "SLO",
                  .label = "slo_name",
                  .links = {{.title = "Show in detail",
                             .url = "/d/" + uid + "?var-" + kSloVariable +
                                    "=${__value.raw}&${datasource:queryparam}&${__url_time_range}"}}});
  table.Add("Status", Status(view, SloScope::kAll), StatusField(), grafana::Cell::kColoredText, 100);
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
  table.Add("Last " + view.PeriodName(), PeriodRatio(view, SloScope::kAll), ratio, grafana::Cell::kPlain,
            105);
  Field budget = BudgetField(view);
  budget.min = kZero;  // the ends of the bar; a number beyond them is shown all the same
  budget.max = kOne;
  table.Add("Budget left", "min by (slo_name) (slo:period_error_budget_remaining:ratio" + all + ")", budget,
            grafana::Cell::kGauge, 230);
  for (const Duration window : BurnWindows(view)) {
    table.Add("Burn " + PrintDuration(window), SloView::BurnRate(window, all), BurnField(view),
              grafana::Cell::kColoredText, 95);
  }
  table.Add("Coverage", "min by (slo_name) (slo:period_coverage:ratio" + all + ")",
            {.unit = "percentunit", .decimals = 0, .no_value = kNoData}, grafana::Cell::kPlain, 95);
  // The worst first; of those that stand alike, the one with the least budget.
  table.SortBy({{.column = "Status", .descending = true}, {.column = "Budget left"}});
  return std::move(table).Build(
      "All SLOs",
      "One row an SLO, the worst first; its name leads to the detail. Status, from both windows of each "
      "alert: burning = both "
      "over the factor, rising = only the short one, recovering = only the long one. Without such alerts: "
      "missed = the budget of the period is spent. Coverage is the share of the period with data.");
}

}  // namespace

void AddSloSummary(const SloView& view, grafana::Dashboard& dashboard) {
  AddSection(dashboard, "All objectives");
  AddLine(dashboard, 4,
          {{ObjectivesMissed(view), 6},
           {AlertsFiring(view), 6},
           {LowestBudget(view), 6},
           {HighestBurn(view), 6}});
  const int rows = static_cast<int>(view.policy().slos.size());
  AddLine(dashboard, std::clamp(rows + 2, 6, kMostRows), {{AllSlos(view), 24}});
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
  AddPairs(dashboard, kSloGraphHeight, std::move(panels));
}

}  // namespace fleet::rulegen
