#include "rulegen/plan/policy_panels.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "lib/base/text.h"
#include "rulegen/emit/grafana/layout.h"
#include "rulegen/plan/page.h"
#include "rulegen/plan/panel_query.h"
#include "rulegen/plan/slo_panels.h"

namespace fleet::rulegen {
namespace {

using catalog::MetricDef;
using catalog::MetricType;
using grafana::Color;
using grafana::ColorMode;
using grafana::Field;

constexpr char kNoData[] = "no data";
const Decimal kZero(0, 0);
const Decimal kOne(1, 0);

// What one policy panel is planned with.
struct Context {
  const SloView& view;
  const Vocabulary& vocabulary;
  const Panel& panel;
  std::string kind;

  const Policy& policy() const { return view.policy(); }
  const MetricDef& metric(const Query& query) const { return *vocabulary.Find(*query.selector.metric); }
};

std::string ChosenKind(const Panel& panel, const Vocabulary& vocabulary) {
  if (panel.kind) return **panel.kind;
  if (panel.queries.empty()) return panel.slo ? "timeseries" : "text";
  const Query& query = panel.queries.front();
  const MetricDef& metric = *vocabulary.Find(*query.selector.metric);
  return metric.type == MetricType::kHistogram && query.quantiles.empty() && query.by.empty() ? "heatmap"
                                                                                              : "timeseries";
}

// A bound that the panel draws: the alert's own number, or the panel's target.
struct Bound {
  Decimal value;
  std::string words;
  bool bad_above = true;
  Color color = Color::kRed;
};

std::vector<Bound> BoundsOf(const Context& context) {
  std::vector<Bound> bounds;
  if (context.panel.target) {
    bounds.push_back({.value = (**context.panel.target).value,
                      .words = "target " + (**context.panel.target).text,
                      .color = Color::kOrange});
  }
  if (!context.panel.alert) return bounds;
  for (const ThresholdAlert& alert : context.policy().alerts) {
    if (*alert.alert != **context.panel.alert) continue;
    const bool below = alert.threshold.comparison == Comparison::kBelow;
    bounds.push_back({.value = alert.threshold.bound->value,
                      .words = fmt::format("{} fires {} {}", *alert.alert, below ? "below" : "above",
                                           alert.threshold.bound->text),
                      .bad_above = !below});
  }
  std::ranges::sort(bounds, {}, &Bound::value);
  return bounds;
}

// Lines of a graph keep the good range clear; a number or a bar is coloured by where it stands.
std::vector<grafana::Threshold> Steps(const std::vector<Bound>& bounds, bool lines) {
  std::vector<grafana::Threshold> steps;
  if (bounds.empty()) return steps;
  const bool bad_below = !bounds.front().bad_above;
  steps.push_back({.color = lines ? Color::kTransparent : bad_below ? Color::kRed : Color::kGreen});
  for (const Bound& bound : bounds) {
    if (steps.back().from == bound.value) continue;
    steps.push_back({.from = bound.value, .color = lines || bound.bad_above ? bound.color : Color::kGreen});
  }
  return steps;
}

Field FieldOf(const Context& context, const std::vector<Bound>& bounds) {
  const Query& query = context.panel.queries.front();
  Field field = {.unit = context.panel.unit ? **context.panel.unit : UnitOf(query, context.vocabulary),
                 .min = kZero,
                 .no_value = kNoData};
  if (field.unit == "percentunit") {
    field.decimals = 2;
    const bool scale = context.kind == "gauge" || context.kind == "bargauge";
    if (scale) field.max = kOne;
  }
  const bool lines = context.kind == "timeseries";
  field.thresholds = Steps(bounds, lines);
  const bool colored = context.kind == "stat" || context.kind == "gauge" || context.kind == "bargauge";
  if (colored && !field.thresholds.empty()) field.color_mode = ColorMode::kThresholds;
  if ((context.kind == "gauge" || context.kind == "bargauge") && !field.max) {
    field.max = bounds.empty() ? Decimal(100, 0) : bounds.back().value;
  }
  return field;
}

std::string TitleOf(const Context& context) {
  if (context.panel.title) return **context.panel.title;
  const Query& query = context.panel.queries.front();
  std::string title = HumanName(*query.selector.metric, *context.policy().metric_namespace);
  std::vector<std::string> by;
  for (const Text& label : query.by) {
    std::ranges::replace(by.emplace_back(*label), '_', ' ');
  }
  return by.empty() ? title : title + " by " + Join(by, ", ");
}

// What the policy says, else what the catalog says; then what the lines mean.
std::string DescriptionOf(const Context& context, const std::vector<Bound>& bounds) {
  std::string text;
  if (context.panel.description) {
    text = **context.panel.description;
  } else {
    std::vector<std::string> helps;
    for (const Query& query : context.panel.queries) {
      std::string help(context.metric(query).help);
      if (std::ranges::find(helps, help) == helps.end()) helps.push_back(std::move(help));
    }
    text = Join(helps, ". ") + ".";
  }
  std::vector<std::string> words;
  for (const Bound& bound : bounds) words.push_back(bound.words);
  if (!words.empty()) text += " The dashed line: " + Join(words, "; ") + ".";
  return text;
}

// A query for each column; rows are the labels that all of them are grouped by.
void MakeTable(const Context& context, grafana::Panel& out) {
  grafana::Table table;
  const std::vector<std::string> labels = out.targets.front().labels;
  for (const std::string& label : labels) table.columns.push_back({.title = label, .label = label});
  for (std::size_t i = 0; i < out.targets.size(); ++i) {
    const Query& query = context.panel.queries[std::min(i, context.panel.queries.size() - 1)];
    std::string title =
        query.legend ? **query.legend : HumanName(*query.selector.metric, *context.policy().metric_namespace);
    Field field = {.unit = UnitOf(query, context.vocabulary), .no_value = kNoData};
    if (field.unit == "percentunit") field.decimals = 2;
    table.columns.push_back({.title = std::move(title), .target = i, .field = std::move(field)});
    out.targets[i].legend.clear();
  }
  table.sort = grafana::Sort{.column = table.columns[labels.size()].title, .descending = true};
  out.view = std::move(table);
  out.field = {.unit = "none"};
}

// Gauges of 0 and 1, as the catalog words them: "1 if ..., else 0".
void MakeStates(const Context& context, grafana::Panel& out) {
  const std::string& metric = *context.panel.queries.front().selector.metric;
  const bool up = metric == "up" || metric.ends_with("_up");
  out.view = grafana::StateTimeline{};
  out.field.mappings = {
      {.value = kZero, .text = up ? "down" : "no", .color = up ? Color::kRed : Color::kGreen},
      {.value = kOne, .text = up ? "up" : "yes", .color = up ? Color::kGreen : Color::kOrange}};
}

void ChooseView(const Context& context, grafana::Panel& out) {
  const std::string& kind = context.kind;
  const bool lines = !out.field.thresholds.empty();
  if (kind == "stat") {
    out.view = grafana::Stat{};
  } else if (kind == "gauge") {
    out.view = grafana::Gauge{};
  } else if (kind == "bargauge") {
    out.view = grafana::BarGauge{};
  } else if (kind == "piechart") {
    out.view = grafana::PieChart{};
  } else if (kind == "table") {
    MakeTable(context, out);
  } else if (kind == "state-timeline") {
    MakeStates(context, out);
  } else {
    grafana::Timeseries view = {
        .thresholds = lines ? grafana::ThresholdStyle::kDashed : grafana::ThresholdStyle::kOff,
        .legend = LastAndMax()};
    if (lines) view.soft_max = out.field.thresholds.back().from;
    out.view = view;
  }
}

grafana::Panel MetricPanel(const Context& context) {
  const std::vector<Bound> bounds = BoundsOf(context);
  grafana::Panel out = {.title = TitleOf(context),
                        .description = DescriptionOf(context, bounds),
                        .field = FieldOf(context, bounds)};
  if (context.kind == "heatmap") {
    const MetricDef& metric = context.metric(context.panel.queries.front());
    out.view = grafana::Heatmap{};
    out.targets = {PlanHeatmapTarget(context.panel.queries.front())};
    out.field = {.unit = metric.unit == catalog::Unit::kBytes ? "bytes" : "s"};
    return out;
  }
  for (const Query& query : context.panel.queries) {
    for (grafana::Target& target : PlanTargets(query, context.vocabulary)) {
      if (target.legend.empty() && context.panel.queries.size() > 1) {
        target.legend = HumanName(*query.selector.metric, *context.policy().metric_namespace);
      }
      out.targets.push_back(std::move(target));
    }
  }
  ChooseView(context, out);
  return out;
}

// The share of good events; as a number or over time.
grafana::Panel RatioPanel(const Context& context, const std::string& slos) {
  const SloView& view = context.view;
  Field field = ObjectiveRatio(view.finest_objective());
  field.no_value = kNoData;
  return {.title = "Good events, " + PrintDuration(kNowWindow),
          .description = "Share of events that met the objective.",
          .view = context.kind == "stat" ? grafana::Visualization(grafana::Stat{})
                                         : grafana::Visualization(grafana::Timeseries{
                                               .fill_opacity = 0, .legend = LastAndMax()}),
          .field = field,
          .targets = {QueryBy("1 - max by (slo_name) (" + SloView::ErrorRatio(kNowWindow) + slos + ")",
                              {"slo_name"})}};
}

grafana::Panel SloPanel(const Context& context) {
  const SloView& view = context.view;
  const std::string& name = **context.panel.slo;
  const std::string slos = name == "all" ? view.All() : view.Only({name});
  const std::string show = context.panel.show ? **context.panel.show : "ratio";
  grafana::Panel out;
  if (show == "budget") {
    out = BudgetPanel(view, slos);
    if (context.kind != "timeseries") {
      out.field.thresholds.front().color = Color::kRed;
      out.field.thresholds.back().color = Color::kGreen;
      out.field.color_mode = ColorMode::kThresholds;
      out.view = grafana::Stat{};
    }
    if (context.kind == "gauge") {
      out.field.min = kZero;
      out.field.max = kOne;
      out.view = grafana::Gauge{};
    }
  } else if (show == "burn") {
    out = BurnPanel(view, slos, !view.Lines(true).empty());
  } else if (show == "errors") {
    out = ErrorRatioPanel(view, slos, name == "all" ? view.windows() : view.WindowsOf(name));
  } else if (show == "events") {
    out = EventsPanel(view, slos);
  } else if (show == "alerts") {
    out = AlertsPanel(view);
  } else {
    out = RatioPanel(context, slos);
  }
  if (name != "all") out.title = name + ": " + out.title;
  if (context.panel.title) out.title = **context.panel.title;
  if (context.panel.description) out.description = **context.panel.description;
  return out;
}

grafana::Panel PlanPanel(const Context& context) {
  if (context.panel.slo) return SloPanel(context);
  if (context.kind == "text") {
    return {.title = context.panel.title ? **context.panel.title : "",
            .view = grafana::Text{.markdown = context.panel.description ? **context.panel.description : ""}};
  }
  return MetricPanel(context);
}

// What a panel takes where the policy does not say it.
struct Size {
  int width;
  int height;
};

Size DefaultSize(const grafana::Panel& panel) {
  if (std::holds_alternative<grafana::Stat>(panel.view)) return {6, 5};
  if (std::holds_alternative<grafana::Gauge>(panel.view)) return {6, 5};
  if (std::holds_alternative<grafana::BarGauge>(panel.view)) return {6, 7};
  if (std::holds_alternative<grafana::PieChart>(panel.view)) return {6, 7};
  if (std::holds_alternative<grafana::Text>(panel.view)) return {24, 3};
  return {12, 9};
}

// In a low panel the legend's names only, so that some graph is left.
void FitLegend(grafana::Panel& panel, int height) {
  auto* lines = std::get_if<grafana::Timeseries>(&panel.view);
  if (lines != nullptr && height < 9) lines->legend = {};
}

struct Sized {
  grafana::Panel panel;
  int width = 0;  // 0: not said
  int height = 0;
};

// Fills the line: what has no width shares what is left, the last takes the rest.
void Flush(std::vector<Sized>& line, grafana::Dashboard& dashboard) {
  if (line.empty()) return;
  int used = 0;
  int open = 0;
  int height = 0;
  for (const Sized& s : line) {
    used += s.width;
    open += s.width == 0 ? 1 : 0;
    height = std::max(height, s.height);
  }
  std::vector<Placed> placed;
  int left = grafana::kGridColumns - used;
  for (Sized& s : line) {
    if (s.width == 0) {
      s.width = left / open--;
      left -= s.width;
    }
    placed.push_back({std::move(s.panel), s.width});
  }
  if (left > 0) placed.back().width += left;
  AddLine(dashboard, height, std::move(placed));
  line.clear();
}

}  // namespace

void AddPolicyRows(const SloView& view, const Vocabulary& vocabulary, const Dashboard& rows,
                   grafana::Dashboard& dashboard) {
  for (const DashboardRow& row : rows.rows) {
    AddSection(dashboard, *row.title, row.collapsed && **row.collapsed);
    std::vector<Sized> line;
    int share = 0;  // columns of the line that are taken, at least
    for (const Panel& panel : row.panels) {
      Sized sized = {.panel = PlanPanel({view, vocabulary, panel, ChosenKind(panel, vocabulary)})};
      const Size size = DefaultSize(sized.panel);
      if (panel.width) sized.width = static_cast<int>(**panel.width);
      sized.height = panel.height ? static_cast<int>(**panel.height) : size.height;
      FitLegend(sized.panel, sized.height);
      const int wanted = sized.width > 0 ? sized.width : size.width;
      if (share + wanted > grafana::kGridColumns) {
        Flush(line, dashboard);
        share = 0;
      }
      share += wanted;
      line.push_back(std::move(sized));
    }
    Flush(line, dashboard);
  }
}

}  // namespace fleet::rulegen
