// What a panel may say: the words, and what goes together.
#include "rulegen/policy/panel_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "lib/base/text.h"
#include "rulegen/emit/grafana/units.h"
#include "rulegen/policy/check_parts.h"

namespace fleet::rulegen {
namespace {

constexpr auto kKinds = std::to_array<std::string_view>(
    {"timeseries", "stat", "gauge", "bargauge", "heatmap", "table", "state-timeline", "piechart", "text"});
constexpr auto kShows =
    std::to_array<std::string_view>({"ratio", "budget", "burn", "errors", "events", "alerts"});

constexpr auto kColors =
    std::to_array<std::string_view>({"green", "yellow", "orange", "red", "blue", "purple", "text"});

template <typename Check>
void ForEachPanel(const CheckContext& context, Check check) {
  for (const Dashboard& dashboard : context.policy.dashboards) {
    for (const DashboardRow& row : dashboard.rows) {
      for (const Panel& panel : row.panels) check(panel);
    }
  }
}

void CheckWord(const CheckContext& context, const std::optional<Text>& word, std::string_view key,
               std::span<const std::string_view> known) {
  if (!word || std::ranges::find(known, **word) != known.end()) return;
  Diagnostic& diagnostic = context.diagnostics.AddError(
      word->span, "panel-word-unknown", fmt::format("'{}' is no {} of a panel", Printable(**word), key));
  SuggestClosest(diagnostic, **word, {known.begin(), known.end()});
  if (diagnostic.notes.empty()) {
    diagnostic.notes.push_back(fmt::format("it is one of: {}", fmt::join(known.begin(), known.end(), ", ")));
  }
}

// A heatmap is of one histogram; quantiles and divisors are of numbers.
void CheckHeatmap(const CheckContext& context, const Panel& panel) {
  if (!panel.kind || **panel.kind != "heatmap" || panel.queries.empty()) return;
  const Query& query = panel.queries.front();
  if (query.promql) return;  // metric-unknown and Grafana itself judge it
  const catalog::MetricDef* metric = context.vocabulary.Find(*query.selector.metric);
  if (metric == nullptr) return;
  if (metric->type != catalog::MetricType::kHistogram || panel.queries.size() != 1 ||
      !query.quantiles.empty() || !query.by.empty() || !query.over.empty()) {
    context.diagnostics.AddError(panel.kind->span, "panel-content",
                                 "a heatmap shows one histogram, without 'quantile', 'by' or 'over'");
  }
}

// Of an expression nothing follows from the catalog, so that the panel must say it.
void CheckExpressions(const CheckContext& context, const Panel& panel) {
  const bool expression =
      std::ranges::any_of(panel.queries, [](const Query& q) { return q.promql.has_value(); });
  if (!expression || (panel.title && panel.description && (panel.unit || !panel.states.empty()))) return;
  context.diagnostics.AddError(panel.span, "panel-content",
                               "a panel with 'promql' needs 'title', 'description' and 'unit' (or 'states'): "
                               "nothing says them for it");
}

void CheckStates(const CheckContext& context, const Panel& panel) {
  for (const StateWord& state : panel.states) CheckWord(context, state.color, "colour", kColors);
}

}  // namespace

const Query* FilterSource(const Dashboard& dashboard, std::string_view label, const Vocabulary& vocabulary) {
  for (const DashboardRow& row : dashboard.rows) {
    for (const Panel& panel : row.panels) {
      for (const Query& query : panel.queries) {
        const catalog::MetricDef* metric = vocabulary.Find(*query.selector.metric);
        if (metric != nullptr && Vocabulary::FindLabel(*metric, label) != nullptr) return &query;
      }
    }
  }
  return nullptr;
}

std::span<const std::string_view> PanelKinds() { return kKinds; }
std::span<const std::string_view> SloShows() { return kShows; }

void CheckPanelWords(const CheckContext& context) {
  ForEachPanel(context, [&](const Panel& panel) {
    CheckWord(context, panel.kind, "kind", kKinds);
    CheckWord(context, panel.show, "view", kShows);
  });
}

void CheckPanelUnits(const CheckContext& context) {
  ForEachPanel(context, [&](const Panel& panel) {
    const auto check = [&](const std::optional<Text>& unit) {
      if (!unit || grafana::IsKnownUnit(**unit)) return;
      context.diagnostics.AddError(unit->span, "panel-unit-unknown",
                                   fmt::format("Grafana has no unit '{}'", Printable(**unit)));
    };
    check(panel.unit);
    for (const Query& query : panel.queries) check(query.unit);
  });
}

void CheckPanelSizes(const CheckContext& context) {
  constexpr std::int64_t kColumns = 24;
  constexpr std::int64_t kTallest = 40;
  ForEachPanel(context, [&](const Panel& panel) {
    if (panel.width && (**panel.width < 1 || **panel.width > kColumns)) {
      context.diagnostics.AddError(panel.width->span, "panel-size-range", "'width' is 1 to 24 columns");
    }
    if (panel.height && (**panel.height < 2 || **panel.height > kTallest)) {
      context.diagnostics.AddError(panel.height->span, "panel-size-range", "'height' is 2 to 40");
    }
  });
}

void CheckPanelContents(const CheckContext& context) {
  ForEachPanel(context, [&](const Panel& panel) {
    const bool is_text = panel.kind && **panel.kind == "text";
    const bool metrics = !panel.queries.empty() || !panel.alerts.empty();
    const int sources = (panel.slo ? 1 : 0) + (metrics ? 1 : 0) + (is_text ? 1 : 0);
    if (sources != 1) {
      context.diagnostics.AddError(
          panel.span, "panel-content",
          "a panel shows one of: 'slo', metrics, an 'alert', or 'kind: text' with a 'description'");
    } else if (is_text && !panel.description) {
      context.diagnostics.AddError(panel.span, "panel-content",
                                   "a text needs a 'description', which is the text");
    }
    if (panel.show && !panel.slo) {
      context.diagnostics.AddError(panel.show->span, "panel-content", "'show' is for a panel about an 'slo'");
    }
    CheckHeatmap(context, panel);
    CheckExpressions(context, panel);
    CheckStates(context, panel);
  });
}

// A variable without any series to choose from would be empty.
void CheckFilters(const CheckContext& context) {
  for (const Dashboard& dashboard : context.policy.dashboards) {
    for (const Text& filter : dashboard.filters) {
      if (FilterSource(dashboard, *filter, context.vocabulary) != nullptr) continue;
      context.diagnostics.AddError(
          filter.span, "filter-unused",
          fmt::format("no metric of this dashboard has the label '{}'", Printable(*filter)));
    }
  }
}

}  // namespace fleet::rulegen
