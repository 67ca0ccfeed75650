#include "rulegen/emit/grafana/check_panel.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string_view>

#include "lib/promql/parser.h"
#include "rulegen/emit/grafana/expr_scan.h"
#include "rulegen/emit/grafana/units.h"
#include "rulegen/emit/grafana/variables.h"

namespace fleet::rulegen::grafana {
namespace {

constexpr std::size_t kMaxTargets = 26;  // A to Z
constexpr int kTableLegendHeight = 9;    // below, rows of the legend are cut off
constexpr int kTableWidth = 8;           // below, columns are cut off
constexpr std::string_view kRatio = "percentunit";

bool Contains(const std::vector<std::string>& list, std::string_view word) {
  return std::ranges::find(list, word) != list.end();
}

// Adds problems of one panel under its name.
class Reporter {
 public:
  Reporter(const Panel& panel, std::vector<std::string>& problems)
      : where_(fmt::format("panel '{}': ", panel.title)), problems_(problems) {}

  template <typename... Args>
  void Add(fmt::format_string<Args...> format, Args&&... args) {
    problems_.push_back(where_ + fmt::format(format, std::forward<Args>(args)...));
  }

 private:
  std::string where_;
  std::vector<std::string>& problems_;
};

void CheckThresholds(const std::vector<Threshold>& steps, Reporter& report) {
  if (!steps.empty() && steps.front().from) report.Add("the first threshold must be the base");
  for (std::size_t i = 1; i < steps.size(); ++i) {
    if (!steps[i].from) {
      report.Add("threshold {} has no bound", i + 1);
    } else if (steps[i - 1].from && *steps[i].from <= *steps[i - 1].from) {
      report.Add("thresholds do not rise: {} after {}", steps[i].from->ToString(),
                 steps[i - 1].from->ToString());
    }
  }
}

// `what` names the field within the panel: "", or "column 'Budget left': ".
void CheckField(const Field& field, const std::string& what, Reporter& report) {
  if (!field.unit.empty() && !IsKnownUnit(field.unit)) {
    report.Add("{}Grafana has no unit '{}'", what, field.unit);
  }
  CheckThresholds(field.thresholds, report);
  if (field.color_mode == ColorMode::kThresholds && field.thresholds.empty()) {
    report.Add("{}coloured by thresholds, but there are none", what);
  }
  if (field.min && field.max && *field.max <= *field.min) {
    report.Add("{}maximum {} is not above minimum {}", what, field.max->ToString(), field.min->ToString());
  }
  if (field.objective) {
    const int wanted = DecimalsFor(*field.objective);
    if (field.decimals.value_or(0) < wanted) {
      report.Add("{}needs {} decimals beside an objective of {}%", what, wanted, field.objective->ToString());
    }
  } else if (field.unit == kRatio && !field.decimals) {
    report.Add("{}a ratio needs its number of decimals said", what);
  }
  std::set<std::string> seen;
  for (const ValueText& m : field.mappings) {
    if (!seen.insert(m.value.ToString()).second) report.Add("{}two texts for {}", what, m.value.ToString());
  }
}

void CheckLink(const Link& link, Reporter& report) {
  if (link.title.empty()) report.Add("link without a title");
  const bool elsewhere = link.url.starts_with("https://") || link.url.starts_with("http://");
  if (!link.url.starts_with("/d/") && !elsewhere) {
    report.Add("link '{}' is neither /d/... nor https://...", link.title);
  } else if (elsewhere && link.url.find("/d/") != std::string::npos) {
    report.Add("link '{}' names a host for a dashboard", link.title);
  }
}

bool IsCounter(std::string_view metric) {
  if (metric.find(':') != std::string_view::npos) return false;
  return metric.ends_with("_total") || metric.ends_with("_bucket");
}

void CheckRead(const SeriesRead& read, const Target& target, Reporter& report) {
  const bool rates = read.function == "rate" || read.function == "increase" || read.function == "irate";
  const bool recorded = read.metric.find(':') != std::string::npos;
  if (rates && recorded)
    report.Add("{}() of the recorded {} loses counter resets", read.function, read.metric);
  if (IsCounter(read.metric) && read.range.empty()) {
    report.Add("counter {} without rate or increase", read.metric);
  }
  if (read.range.find("__interval") != std::string::npos) {
    report.Add("{} over $__interval; use $__rate_interval", read.metric);
  } else if (rates && !recorded && !target.fixed_window &&
             read.range.find("__rate_interval") == std::string::npos) {
    report.Add("{} over a literal [{}]; use $__rate_interval", read.metric, read.range);
  }
}

void CheckTarget(const Panel& panel, std::size_t number, Reporter& report) {
  const Target& target = panel.targets[number];
  const char id = static_cast<char>('A' + number);
  if (target.expr.empty()) {
    report.Add("query {} is empty", id);
  } else if (const auto parsed = promql::Parse(WithoutVariables(target.expr)); !parsed.ok()) {
    report.Add("query {} is no PromQL: {}", id, parsed.problems.front().text);
  }
  for (const SeriesRead& read : ScanReads(target.expr)) CheckRead(read, target, report);
  for (const std::string& label : ScanLegendLabels(target.legend)) {
    if (!Contains(target.labels, label))
      report.Add("legend of label '{}', which query {} does not carry", label, id);
  }
  const bool is_table = std::holds_alternative<Table>(panel.view);
  if (target.legend.empty() && !is_table && (panel.targets.size() > 1 || !target.labels.empty())) {
    report.Add("query {} needs a legend", id);
  }
}

void CheckColumns(const Table& table, const Panel& panel, Reporter& report) {
  std::set<std::string> titles;
  for (const Column& column : table.columns) {
    const std::string what = fmt::format("column '{}': ", column.title);
    if (!titles.insert(column.title).second) report.Add("{}title used twice", what);
    CheckField(column.field, what, report);
    for (const Link& link : column.links) CheckLink(link, report);
    if (column.label.empty()) {
      if (column.target >= panel.targets.size()) report.Add("{}there is no such query", what);
      if (column.field.unit.empty() && column.field.mappings.empty()) report.Add("{}no unit", what);
      if (column.field.no_value.empty()) report.Add("{}no text for absent data", what);
      continue;
    }
    // The merge joins rows by label, so each query must carry the label.
    for (std::size_t i = 0; i < panel.targets.size(); ++i) {
      if (!Contains(panel.targets[i].labels, column.label)) {
        report.Add("{}query {} does not carry label '{}'", what, static_cast<char>('A' + i), column.label);
      }
    }
  }
  for (const Sort& sort : table.sort) {
    if (!titles.contains(sort.column)) report.Add("sorted by '{}', which is no column", sort.column);
  }
}

// What holds of one kind only.
struct KindCheck {
  const Panel& panel;
  int width;
  int height;
  Reporter& report;

  void operator()(const Timeseries& v) const {
    RequireUnit();
    if (v.legend.style == LegendStyle::kTable && v.legend.placement == Placement::kBottom &&
        height < kTableLegendHeight) {
      report.Add("height {} cuts off the legend's table; at least {}", height, kTableLegendHeight);
    }
    if (v.thresholds != ThresholdStyle::kOff && panel.field.thresholds.size() < 2) {
      report.Add("threshold lines without thresholds");
    }
    for (const SeriesStyle& style : v.series) {
      if (style.match != Match::kRefId) continue;
      const bool known = style.pattern.size() == 1 && style.pattern[0] >= 'A' &&
                         static_cast<std::size_t>(style.pattern[0] - 'A') < panel.targets.size();
      if (!known) report.Add("style for query '{}', which there is not", style.pattern);
    }
  }
  void operator()(const Stat&) const { RequireNumber(); }
  void operator()(const Gauge&) const {
    RequireNumber();
    RequireEnds();
  }
  void operator()(const BarGauge&) const {
    RequireNumber();
    if (!panel.field.min) report.Add("needs a minimum, where its bars begin");
  }
  void operator()(const Heatmap&) const {
    RequireUnit();
    if (panel.targets.size() != 1 || panel.targets[0].labels != std::vector<std::string>{"le"} ||
        panel.targets[0].legend != "{{le}}") {
      report.Add("a heatmap has one query by le with legend {{{{le}}}}");
    }
  }
  void operator()(const Table& v) const {
    if (width < kTableWidth) report.Add("width {} cuts off columns; at least {}", width, kTableWidth);
    if (v.columns.empty()) report.Add("no columns");
    CheckColumns(v, panel, report);
  }
  void operator()(const StateTimeline& v) const {
    if (v.per_page < 1) report.Add("{} rows a page", v.per_page);
    if (panel.field.mappings.empty()) report.Add("states without texts");
  }
  void operator()(const PieChart&) const { RequireUnit(); }
  void operator()(const Text& v) const {
    if (v.markdown.empty()) report.Add("no text");
    if (!panel.targets.empty()) report.Add("a text has no query");
  }

  void RequireUnit() const {
    if (panel.field.unit.empty()) report.Add("no unit");
  }
  void RequireNumber() const {
    RequireUnit();
    if (panel.field.no_value.empty()) report.Add("no text for absent data");
  }
  void RequireEnds() const {
    if (!panel.field.min || !panel.field.max) report.Add("needs minimum and maximum, the ends of its scale");
  }
};

}  // namespace

void CheckPanel(const Panel& panel, int width, int height, std::vector<std::string>& problems) {
  Reporter report(panel, problems);
  if (!std::holds_alternative<Text>(panel.view)) {
    if (panel.title.empty()) report.Add("no title");
    if (panel.description.empty()) report.Add("no description");
    if (panel.targets.empty()) report.Add("no query");
  }
  if (panel.targets.size() > kMaxTargets) report.Add("more than {} queries", kMaxTargets);
  CheckField(panel.field, "", report);
  for (const Link& link : panel.links) CheckLink(link, report);
  for (std::size_t i = 0; i < panel.targets.size(); ++i) CheckTarget(panel, i, report);
  std::visit(KindCheck{panel, width, height, report}, panel.view);
}

}  // namespace fleet::rulegen::grafana
