#include "rulegen/plan/slo_panels.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <set>

#include "lib/base/text.h"
#include "rulegen/plan/expr.h"
#include "rulegen/plan/page.h"
#include "rulegen/plan/panel_query.h"

namespace fleet::rulegen {
namespace {

using grafana::Color;
using grafana::ColorMode;
using grafana::Field;

std::vector<std::string> DetailLabels(const SloView& view) {
  std::vector<std::string> labels = {"slo_name"};
  labels.insert(labels.end(), view.group_labels().begin(), view.group_labels().end());
  return labels;
}

Color ColorOf(const BurnLine& line) {
  return line.severity == AlertSeverity::kCritical ? Color::kRed : Color::kOrange;
}

std::string By(const std::vector<std::string>& labels) { return "by (" + Join(labels, ", ") + ") "; }

// 1 while an alert is pending, 2 while it fires, 3 while a critical one does.
std::string AlertLevel(const std::string& matchers) {
  return fmt::format(
      "3 * ALERTS{{alertstate=\"firing\",severity=\"critical\",{0}}}\n"
      "or 2 * ALERTS{{alertstate=\"firing\",severity!=\"critical\",{0}}}\n"
      "or ALERTS{{alertstate=\"pending\",{0}}}",
      matchers);
}

Field AlertStates() {
  return {.no_value = kNoData,
          .color_mode = ColorMode::kThresholds,
          .thresholds = {{.color = Color::kText}},
          .mappings = {{.value = kZero, .text = "quiet", .color = Color::kGreen},
                       {.value = kOne, .text = "pending", .color = Color::kYellow},
                       {.value = Decimal(2, 0), .text = "warning", .color = Color::kOrange},
                       {.value = Decimal(3, 0), .text = "critical", .color = Color::kRed}}};
}

}  // namespace

grafana::Panel BudgetPanel(const SloView& view, const std::string& slos) {
  const std::vector<std::string> labels = DetailLabels(view);
  std::map<Decimal, Color> lines = {{kZero, Color::kRed}};
  for (const Slo& slo : view.policy().slos) {
    if (slo.budget_low) lines.emplace(*slo.budget_low->below, Color::kOrange);
  }
  Field field = {.unit = "percentunit",
                 .decimals = 1,
                 .no_value = "Budget unknown: too little of the period is covered by data",
                 .thresholds = {{.color = Color::kTransparent}}};
  for (const auto& [bound, color] : lines) field.thresholds.push_back({.from = bound, .color = color});
  return {.title = "Error budget left",
          .description =
              fmt::format("Share of the error budget of the last {} that is not yet spent. It rises when "
                          "old errors leave the period. Below zero the objective is missed: stop risky "
                          "changes until it recovers.",
                          view.PeriodName()),
          .view = grafana::Timeseries{.soft_min = kZero,
                                      .soft_max = kOne,
                                      .thresholds = grafana::ThresholdStyle::kDashed,
                                      .legend = LastAndMax()},
          .field = field,
          .targets = {QueryBy("min " + By(labels) + "(slo:period_error_budget_remaining:ratio" + slos + ")",
                              labels)}};
}

grafana::Panel BurnPanel(const SloView& view, const std::string& slos, bool fast) {
  std::vector<BurnLine> lines = view.Lines(fast);
  std::ranges::sort(lines, std::greater{}, &BurnLine::factor);
  std::set<Duration> windows;
  std::vector<std::string> words;
  std::map<Decimal, Color> steps;
  for (const BurnLine& line : lines) {
    windows.insert({line.long_window, line.short_window});
    if (!steps.emplace(line.factor, ColorOf(line)).second) continue;
    words.push_back(fmt::format("{}x over {} and {} (a full budget then lasts {})", line.factor.ToString(),
                                PrintDuration(line.long_window), PrintDuration(line.short_window),
                                PrintDuration(line.lasts)));
  }
  grafana::Panel panel = {
      .title = fast ? "Burn rate, fast windows" : "Burn rate, slow windows",
      .description =
          "How many times faster than sustainable the budget is spent; at 1 it lasts exactly "
          "its period. An alert fires while both its windows are over its line: " +
          Join(words, "; ") + ".",
      .view = grafana::Timeseries{.fill_opacity = 0,
                                  .soft_max = lines.back().factor,
                                  .thresholds = grafana::ThresholdStyle::kDashed,
                                  .legend = {.style = grafana::LegendStyle::kList}},
      .field = {.unit = "suffix:x",
                .decimals = 2,
                .min = kZero,
                .no_value = kNoData,
                .thresholds = {{.color = Color::kTransparent}}}};
  for (const auto& [factor, color] : steps)
    panel.field.thresholds.push_back({.from = factor, .color = color});
  for (const Duration window : windows) {
    panel.targets.push_back(QueryBy(SloView::BurnRate(window, slos, view.group_labels()), DetailLabels(view),
                                    PrintDuration(window)));
  }
  return panel;
}

grafana::Panel ErrorRatioPanel(const SloView& view, const std::string& slos,
                               const std::vector<Duration>& windows) {
  const std::vector<std::string> labels = DetailLabels(view);
  Field field = ObjectiveRatio(view.finest_objective());
  field.min = kZero;
  field.no_value = kNoData;
  grafana::Panel panel = {
      .title = "Error ratio by window",
      .description =
          "Share of bad events in each window that an alert looks at. The dashed line is the "
          "budget: what the objective allows over the whole period.",
      .view = grafana::Timeseries{.fill_opacity = 0, .legend = {.style = grafana::LegendStyle::kList}},
      .field = field};
  for (const Duration window : windows) {
    panel.targets.push_back(QueryBy("max " + By(labels) + "(" + SloView::ErrorRatio(window) + slos + ")",
                                    labels, PrintDuration(window)));
  }
  const char budget = static_cast<char>('A' + panel.targets.size());
  panel.targets.push_back(
      QueryBy("max by (slo_name) (slo:error_budget:ratio" + slos + ")", {"slo_name"}, "budget"));
  std::get<grafana::Timeseries>(panel.view).series = {
      {.pattern = std::string(1, budget), .color = Color::kRed, .dashed = true}};
  return panel;
}

grafana::Panel EventsPanel(const SloView& view, const std::string& slos) {
  const std::vector<std::string> labels = DetailLabels(view);
  return {
      .title = "Events per second",
      .description = "All events that the SLO judges and the bad ones among them, as the rules count them.",
      .view = grafana::Timeseries{.legend = LastAndMax(),
                                  .series = {{.pattern = "B", .color = Color::kRed, .fill_opacity = 30}}},
      .field = {.unit = "eps", .min = kZero, .no_value = kNoData},
      .targets = {QueryBy("sum " + By(labels) + "(slo:sli_total:rate" + slos + ")", labels, "total"),
                  QueryBy("sum " + By(labels) + "(slo:sli_error:rate" + slos + ")", labels, "bad")}};
}

std::string TimeToEmpty(const std::string& slos, const std::vector<std::string>& by) {
  return "min " + By(by) + "(slo:period_error_budget_exhaustion:seconds" + slos + ")";
}

grafana::Panel TimeToEmptyPanel(const SloView& view, const std::string& slos) {
  const std::vector<std::string> labels = DetailLabels(view);
  Duration longest{};
  for (const Slo& slo : view.policy().slos) longest = std::max(longest, *slo.period);
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(longest).count();
  const std::string expr = fmt::format("clamp_max({}, {})", TimeToEmpty(slos, labels), seconds);
  return {
      .title = "Time until the budget is empty",
      .description = fmt::format("What is left of the budget, spent at the pace of the last hour; drawn up "
                                 "to {}. A gap: no event failed.",
                                 PrintDuration(longest)),
      .view = grafana::Timeseries{.legend = {.style = grafana::LegendStyle::kTable,
                                             .calcs = {grafana::Calc::kLast, grafana::Calc::kMin}}},
      .field = {.unit = "s", .min = kZero, .no_value = "No event failed"},
      .targets = {QueryBy(expr, labels)}};
}

grafana::Panel AlertsPanel(const SloView& view) {
  const std::string service = "slo_service=" + Quoted(*view.policy().service);
  return {.title = "Alerts by SLO",
          .description =
              "The most severe alert of each SLO over time. Critical ones wake somebody up; the others "
              "wait for working hours.",
          .view = grafana::StateTimeline{},
          .field = AlertStates(),
          .targets = {QueryBy("max by (slo_name) (\n" + AlertLevel(service + ",slo_name!=\"\"") +
                                  "\nor 0 * slo_info{" + service + "}\n)",
                              {"slo_name"})}};
}

grafana::Panel AlertsOfPanel(const std::string& slos) {
  const std::string matchers = slos.substr(1, slos.size() - 2);
  return {
      .title = "Alerts",
      .description = "The most severe alert of the SLO over time, then each that was pending or fired.",
      .view = grafana::StateTimeline{},
      .field = AlertStates(),
      .targets = {QueryBy("max by (slo_name) (\n" + AlertLevel(matchers) + "\nor 0 * slo_info" + slos + "\n)",
                          {"slo_name"}),
                  QueryBy("max by (alertname) (\n" + AlertLevel(matchers) + "\n)", {"alertname"})}};
}

// The share of good events of all latency SLOs, and one line for each distinct target.
grafana::Panel FastSharePanel(const SloView& view, const std::vector<const Slo*>& slos) {
  std::vector<std::string> names;
  std::vector<std::string> words;
  std::set<Decimal> targets;
  Decimal finest = *slos.front()->objective;
  for (const Slo* slo : slos) {
    names.push_back(*slo->name);
    words.push_back(fmt::format("{}: {}% within {}", *slo->name, slo->objective->ToString(),
                                PrintDuration(*std::get<LatencySli>(slo->sli).below)));
    targets.insert(slo->objective->ShiftedRight(2));
    if (slo->objective->scale() > finest.scale()) finest = *slo->objective;
  }
  Field field = ObjectiveRatio(finest);
  field.max = kOne;
  field.no_value = kNoData;
  field.thresholds = {{.color = Color::kTransparent}};
  for (const Decimal target : targets) field.thresholds.push_back({.from = target, .color = Color::kOrange});
  grafana::Legend legend = LastAndMax();
  if (slos.size() > 3) legend.placement = grafana::Placement::kRight;  // below there is room for so many
  return {.title = "Share of events within their time, " + PrintDuration(kNowWindow),
          .description = "The number that the latency SLOs promise; the dashed lines are the targets. " +
                         Join(words, "; ") + ".",
          .view = grafana::Timeseries{.fill_opacity = 0,
                                      .soft_min = *targets.begin(),
                                      .thresholds = grafana::ThresholdStyle::kDashed,
                                      .legend = legend},
          .field = field,
          .targets = {
              QueryBy("1 - max by (slo_name) (" + SloView::ErrorRatio(kNowWindow) + view.Only(names) + ")",
                      {"slo_name"})}};
}

grafana::Panel QuantilesPanel(const SloView& view, const std::vector<const Slo*>& slos) {
  const Selector& histogram = std::get<LatencySli>(slos.front()->sli).histogram;
  std::string name = HumanName(*histogram.metric, *view.policy().metric_namespace);
  for (const Condition& condition : histogram.where) {
    for (const Text& value : condition.values) name += " " + *value;
  }
  std::set<Decimal> bounds;
  std::vector<std::string> words;
  for (const Slo* slo : slos) {
    const Duration below = *std::get<LatencySli>(slo->sli).below;
    bounds.insert(Decimal(below.count(), 3));
    words.push_back(fmt::format("{} ({})", PrintDuration(below), *slo->name));
  }
  Field field = {
      .unit = "s", .min = kZero, .no_value = kNoData, .thresholds = {{.color = Color::kTransparent}}};
  for (const Decimal bound : bounds) field.thresholds.push_back({.from = bound, .color = Color::kOrange});
  grafana::Panel panel = {
      .title = name + ", quantiles",
      .description =
          "What the slowest of a hundred, of twenty and half of them stay below; estimated from the "
          "histogram's buckets. The dashed lines are the bounds of the SLOs: " +
          Join(words, ", ") + ".",
      .view = grafana::Timeseries{.fill_opacity = 0,
                                  .soft_max = *bounds.rbegin(),
                                  .thresholds = grafana::ThresholdStyle::kDashed,
                                  .legend = LastAndMax()},
      .field = field};
  const std::string buckets = Series(*histogram.metric + "_bucket", histogram.where).text;
  for (const Decimal quantile : {Decimal(5, 1), Decimal(95, 2), Decimal(99, 2)}) {
    panel.targets.push_back(
        QueryBy(fmt::format("histogram_quantile({}, sum by (le) (rate({}[$__rate_interval])))",
                            quantile.ToString(), buckets),
                {}, QuantileName(quantile)));
  }
  return panel;
}

}  // namespace fleet::rulegen
