#include "rulegen/plan/policy_panels.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "lib/base/text.h"
#include "rulegen/emit/grafana/layout.h"
#include "rulegen/plan/page.h"
#include "rulegen/plan/panel_alerts.h"
#include "rulegen/plan/panel_bounds.h"
#include "rulegen/plan/panel_colors.h"
#include "rulegen/plan/panel_query.h"
#include "rulegen/plan/slo_panels.h"

namespace fleet::rulegen {
namespace {

using catalog::MetricDef;
using catalog::MetricType;
using grafana::Color;
using grafana::ColorMode;
using grafana::Field;

// What one policy panel is planned with.
struct Context {
  const SloView& view;
  const Vocabulary& vocabulary;
  const Panel& panel;
  std::string kind;

  const Policy& policy() const { return view.policy(); }
  // Null where the query is an expression.
  const MetricDef* metric(const Query& query) const { return vocabulary.Find(*query.selector.metric); }
};

std::string ChosenKind(const Panel& panel, const Vocabulary& vocabulary) {
  if (panel.kind) return **panel.kind;
  if (panel.queries.empty()) return panel.slo ? "timeseries" : "text";
  const Query& query = panel.queries.front();
  if (!panel.states.empty()) return "state-timeline";
  const MetricDef* metric = vocabulary.Find(*query.selector.metric);
  const bool whole = metric != nullptr && metric->type == MetricType::kHistogram && query.quantiles.empty() &&
                     query.by.empty();
  return whole ? "heatmap" : "timeseries";
}

Color ColorOf(std::string_view word) {
  if (word == "green") return Color::kGreen;
  if (word == "yellow") return Color::kYellow;
  if (word == "orange") return Color::kOrange;
  if (word == "red") return Color::kRed;
  if (word == "blue") return Color::kBlue;
  return word == "purple" ? Color::kPurple : Color::kText;
}

// "queue_name" -> "Queue name"
std::string Words(std::string_view label) {
  std::string text(label);
  std::ranges::replace(text, '_', ' ');
  if (!text.empty()) text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
  return text;
}

// What a query is called where its labels do not say it.
std::string NameOf(const Context& context, const Query& query) {
  if (query.legend) return **query.legend;
  if (query.promql) return context.panel.title ? **context.panel.title : "Value";
  return HumanName(*query.selector.metric, *context.policy().metric_namespace);
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
  for (const StateWord& state : context.panel.states) {
    field.mappings.push_back({.value = *state.value, .text = *state.text, .color = ColorOf(*state.color)});
  }
  const bool lines = context.kind == "timeseries";
  field.thresholds = ThresholdsOf(bounds, lines);
  const bool colored = context.kind == "stat" || context.kind == "gauge" || context.kind == "bargauge";
  if (colored && !field.thresholds.empty()) field.color_mode = ColorMode::kThresholds;
  if (context.kind == "gauge" && !field.max) {
    field.max = bounds.empty() ? Decimal(100, 0) : bounds.back().value;
  }
  return field;
}

std::string TitleOf(const Context& context) {
  if (context.panel.title) return **context.panel.title;
  const Query& query = context.panel.queries.front();
  if (query.promql) return "";  // the checks ask for a title
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
      if (query.promql) continue;
      std::string help(context.metric(query)->help);
      if (std::ranges::find(helps, help) == helps.end()) helps.push_back(std::move(help));
    }
    text = Join(helps, ". ") + ".";
  }
  std::vector<std::string> words;
  for (const Bound& bound : bounds) words.push_back(bound.words);
  const bool drawn = std::ranges::any_of(bounds, [](const Bound& bound) { return !bound.at_zero; });
  const bool lines = drawn && context.kind == "timeseries";
  if (!words.empty()) text += (lines ? " The dashed line: " : " ") + Join(words, "; ") + ".";
  return text;
}

// Room for what names a thing: as long as a UUID.
int WidthOf(const std::string& label) {
  constexpr int kIdWidth = 290;
  return label.ends_with("_id") ? kIdWidth : 0;
}

// A query for each column; rows are the labels that all of them are grouped by.
void MakeTable(const Context& context, grafana::Panel& out) {
  grafana::Table table;
  const std::vector<std::string> labels = out.targets.front().labels;
  for (const std::string& label : labels) {
    table.columns.push_back({.title = Words(label), .label = label, .width = WidthOf(label)});
  }
  for (std::size_t i = 0; i < out.targets.size(); ++i) {
    const Query& query = context.panel.queries[std::min(i, context.panel.queries.size() - 1)];
    std::string title = NameOf(context, query);
    Field field = {.unit = UnitOf(query, context.vocabulary), .no_value = kNoData};
    if (field.unit == "percentunit") field.decimals = 2;
    grafana::Cell cell = grafana::Cell::kPlain;
    // The first column of values is the one that the panel is about: it carries the bounds.
    if (i == 0 && (!out.field.thresholds.empty() || !out.field.mappings.empty())) {
      field.thresholds = out.field.thresholds;
      field.mappings = out.field.mappings;
      if (!field.thresholds.empty()) field.color_mode = ColorMode::kThresholds;
      cell = grafana::Cell::kColoredText;
    }
    table.columns.push_back(
        {.title = std::move(title), .target = i, .field = std::move(field), .cell = cell});
    out.targets[i].legend.clear();
  }
  table.sort = {{.column = table.columns[labels.size()].title, .descending = true}};
  out.view = std::move(table);
  out.field = {.unit = "none"};
}

// Gauges of 0 and 1, as the catalog words them: "1 if ..., else 0".
void MakeStates(const Context& context, grafana::Panel& out) {
  const std::string& metric = *context.panel.queries.front().selector.metric;
  const bool up = metric == "up" || metric.ends_with("_up") || metric.ends_with("_success");
  out.view = grafana::StateTimeline{};
  out.field.thresholds.clear();
  if (!out.field.mappings.empty()) return;
  out.field.mappings = {
      {.value = kZero, .text = up ? "down" : "no", .color = up ? Color::kRed : Color::kGreen},
      {.value = kOne, .text = up ? "up" : "yes", .color = up ? Color::kGreen : Color::kOrange}};
}

// How many series a query is likely to have: closed sets are known, of open ones a few are in use.
int SeriesOf(const Context& context, const Query& query) {
  constexpr int kUsual = 4;
  int series = 1;
  const MetricDef* metric = context.metric(query);
  for (const Text& name : query.by) {
    const catalog::LabelDef* label = metric == nullptr ? nullptr : Vocabulary::FindLabel(*metric, *name);
    series *= label == nullptr || label->values.empty() ? kUsual : static_cast<int>(label->values.size());
  }
  return query.top ? std::min(series, static_cast<int>(**query.top)) : series;
}

constexpr int kFewSeries = 3;

int AllSeriesOf(const Context& context) {
  int series = 0;
  for (const Query& query : context.panel.queries) {
    series += SeriesOf(context, query) * std::max<int>(1, static_cast<int>(query.quantiles.size()));
  }
  return series;
}

// Below, there is room for a few names; more stand at the right.
grafana::Legend LegendOf(const Context& context, const grafana::Panel& panel) {
  grafana::Legend legend = LastAndMax();
  if (AllSeriesOf(context) > kFewSeries) legend.placement = grafana::Placement::kRight;
  // One line is what the title says.
  if (panel.targets.size() == 1 && panel.targets.front().labels.empty()) {
    legend = {.style = grafana::LegendStyle::kHidden};
  }
  return legend;
}

grafana::Timeseries Lines(const Context& context, const std::vector<Bound>& bounds,
                          const grafana::Panel& panel) {
  const bool lines = !panel.field.thresholds.empty();
  grafana::Timeseries view = {
      .thresholds = lines ? grafana::ThresholdStyle::kDashed : grafana::ThresholdStyle::kOff,
      .legend = LegendOf(context, panel)};
  // A limit is seen while all is well; a target far above what there is would press that to the axis.
  if (lines && bounds.back().bad_above) view.soft_max = panel.field.thresholds.back().from;
  if (context.panel.stack && **context.panel.stack) {
    // Areas without an edge: a layer of zero would else draw its line on top, as if all were of its kind.
    view.stacking = grafana::Stacking::kNormal;
    view.fill_opacity = 70;
    view.line_width = 0;
  } else if (AllSeriesOf(context) > kFewSeries) {
    view.fill_opacity = 0;  // areas of many lines over each other are mud
  }
  view.series = ColorsOfWords(context.panel);
  std::size_t target = 0;
  for (const Query& query : context.panel.queries) {
    if (query.limit && **query.limit) {
      view.series.push_back({.pattern = std::string(1, static_cast<char>('A' + target)),
                             .color = Color::kRed,
                             .fill_opacity = 0,
                             .dashed = true});
    }
    target += std::max<std::size_t>(1, query.quantiles.size());
  }
  return view;
}

void ChooseView(const Context& context, const std::vector<Bound>& bounds, grafana::Panel& out) {
  const std::string& kind = context.kind;
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
    out.view = Lines(context, bounds, out);
  }
}

// What to do when one of the panel's alerts fires.
void AddRunbooks(const Context& context, grafana::Panel& out) {
  std::vector<std::string> seen;
  for (const Text& name : context.panel.alerts) {
    const ThresholdAlert* alert = FindAlert(context.policy(), *name);
    if (std::ranges::find(seen, *alert->runbook) != seen.end()) continue;
    seen.push_back(*alert->runbook);
    out.links.push_back({.title = "Runbook: " + *alert->runbook,
                         .url = RunbookUrl(context.policy(), *alert->runbook),
                         .new_tab = true});
  }
}

grafana::Panel MetricPanel(const Context& context) {
  const std::vector<Bound> bounds = BoundsOf(context.policy(), context.panel);
  grafana::Panel out = {.title = TitleOf(context),
                        .description = DescriptionOf(context, bounds),
                        .field = FieldOf(context, bounds)};
  if (context.kind == "heatmap") {
    const MetricDef& metric = *context.metric(context.panel.queries.front());
    out.view = grafana::Heatmap{};
    out.targets = {PlanHeatmapTarget(context.panel.queries.front())};
    out.field = {.unit = metric.unit == catalog::Unit::kBytes ? "bytes" : "s"};
    return out;
  }
  for (const Query& query : context.panel.queries) {
    for (grafana::Target& target : PlanTargets(query, context.vocabulary)) {
      if (target.legend.empty()) {
        target.legend = context.panel.queries.size() > 1 ? NameOf(context, query) : TitleOf(context);
      }
      out.targets.push_back(std::move(target));
    }
  }
  ChooseView(context, bounds, out);
  AddRunbooks(context, out);
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
  if (lines == nullptr || height >= 9) return;
  if (lines->legend.style != grafana::LegendStyle::kHidden) lines->legend = {};
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

// The query obeys the page's variables wherever its metric has the label and it does not say itself what
// it wants.
void Obey(const std::vector<Text>& filters, const Vocabulary& vocabulary, Query& query) {
  const MetricDef* metric = vocabulary.Find(*query.selector.metric);
  if (metric == nullptr) return;
  for (const Text& filter : filters) {
    if (Vocabulary::FindLabel(*metric, *filter) == nullptr) continue;
    const bool said =
        std::ranges::any_of(query.selector.where, [&](const Condition& c) { return *c.label == *filter; });
    if (said) continue;
    Condition condition = {filter, MatchKind::kMatches, {{"$" + *filter, filter.span}}};
    query.selector.where.push_back(std::move(condition));
  }
  for (Query& divisor : query.over) Obey(filters, vocabulary, divisor);
}

// A panel that names only an alert shows what the alert compares.
Panel Completed(Panel panel, const Policy& policy, const Vocabulary& vocabulary,
                const std::vector<Text>& filters) {
  if (panel.queries.empty() && !panel.alerts.empty()) {
    panel.queries.push_back(FindAlert(policy, *panel.alerts.front())->value);
  }
  for (Query& query : panel.queries) Obey(filters, vocabulary, query);
  return panel;
}

}  // namespace

void AddPolicyRows(const SloView& view, const Vocabulary& vocabulary, const Dashboard& rows,
                   grafana::Dashboard& dashboard) {
  for (const DashboardRow& row : rows.rows) {
    AddSection(dashboard, *row.title, row.collapsed && **row.collapsed);
    std::vector<Sized> line;
    int share = 0;  // columns of the line that are taken, at least
    for (const Panel& written : row.panels) {
      const Panel panel = Completed(written, view.policy(), vocabulary, rows.filters);
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
