#include "rulegen/plan/dashboards.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <set>

#include "rulegen/plan/expr.h"
#include "rulegen/plan/page.h"
#include "rulegen/plan/panel_alerts.h"
#include "rulegen/plan/policy_panels.h"
#include "rulegen/plan/slo_detail.h"
#include "rulegen/plan/slo_overview.h"
#include "rulegen/plan/slo_view.h"
#include "rulegen/policy/panel_words.h"
#include "rulegen/policy/vocabulary.h"

namespace fleet::rulegen {
namespace {

constexpr Duration kSloRange = std::chrono::hours(6);
constexpr Duration kMetricRange = std::chrono::hours(1);

// A mark at the first sample of a version: `offset 1m` and a step of one minute give one, not a band.
grafana::Annotation Deployments(const Policy& policy) {
  const std::string info = *policy.metric_namespace + "_component_info";
  return {
      .name = "Deployments",
      .expr = fmt::format(
          "group by (component, version) ({0}) unless group by (component, version) ({0} offset 1m)", info),
      .color = grafana::Color::kBlue,
      .title = "{{component}} {{version}}",
      .text = "New version",
      .tags = {"component", "version"}};
}

grafana::Annotation FiringAlerts(const std::string& slos) {
  std::string matchers = slos;
  matchers.insert(1, "alertstate=\"firing\",");
  return {.name = "Firing alerts",
          .expr = "ALERTS" + matchers,
          .color = grafana::Color::kRed,
          .title = "{{alertname}}",
          .text = "{{slo_name}}",
          .tags = {"severity", "slo_name"}};
}

// Only the page's own alerts: those of the whole service would cover every graph with marks.
grafana::Annotation FiringAlertsOf(const SloView& view, const std::vector<const ThresholdAlert*>& alerts) {
  std::vector<std::string> names;
  for (const ThresholdAlert* alert : alerts) names.push_back(*alert->alert);
  grafana::Annotation marks = FiringAlerts(view.All());
  marks.expr.insert(marks.expr.size() - 1, ",alertname=~" + Quoted(AnyOf(names)));
  marks.text = "{{severity}}";
  marks.tags = {"severity"};
  return marks;
}

grafana::DashboardLink RunbookLink(const Policy& policy, const std::string& runbook) {
  return {.title = "Runbook: " + runbook,
          .tooltip = "What to do when an alert of this page fires",
          .url = RunbookUrl(policy, runbook)};
}

void AddFilters(const Dashboard& rows, const Vocabulary& vocabulary, grafana::Dashboard& d) {
  std::vector<Text> before;
  for (const Text& filter : rows.filters) {
    const Query* source = FilterSource(rows, *filter, vocabulary);
    const catalog::MetricDef& metric = *vocabulary.Find(*source->selector.metric);
    std::vector<Condition> where;
    for (const Text& earlier : before) {
      if (Vocabulary::FindLabel(metric, *earlier) == nullptr) continue;
      where.push_back({earlier, MatchKind::kMatches, {{"$" + *earlier, earlier.span}}});
    }
    const bool histogram = metric.type == catalog::MetricType::kHistogram;
    const std::string name = *source->selector.metric + (histogram ? "_count" : "");
    std::string label = *filter;
    std::ranges::replace(label, '_', ' ');
    label[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(label[0])));
    d.variables.push_back({.name = *filter,
                           .label = std::move(label),
                           .selector = Series(name, where).text,
                           .values_of = *filter});
    before.push_back(filter);
  }
}

// What all dashboards of a policy have in common.
grafana::Dashboard Frame(const SloView& view, const std::string& name, const std::string& title,
                         const std::string& description) {
  const Policy& policy = view.policy();
  grafana::Dashboard d;
  d.uid = DashboardUid(policy, name);
  d.title = *policy.service + ": " + title;
  d.description = description;
  d.tags = {"rulegen", *policy.service};
  d.range = kMetricRange;
  const std::vector<const ThresholdAlert*> alerts = AlertsOf(policy, name);
  if (!alerts.empty()) d.annotations.push_back(FiringAlertsOf(view, alerts));
  d.annotations.push_back(Deployments(policy));
  d.links = {{.title = "Dashboards of " + *policy.service,
              .tooltip = "Others of this service, with the same variables and time",
              .tag = *policy.service}};
  std::set<std::string> runbooks;
  for (const ThresholdAlert* alert : alerts) runbooks.insert(*alert->runbook);
  if (name == kSloDashboard) {
    for (const Slo& slo : policy.slos) runbooks.insert(*slo.runbook);
  }
  for (const std::string& runbook : runbooks) d.links.push_back(RunbookLink(policy, runbook));
  return d;
}

const Dashboard* FindDashboard(const Policy& policy, const std::string& name) {
  const auto found =
      std::ranges::find_if(policy.dashboards, [&](const Dashboard& d) { return *d.name == name; });
  return found != policy.dashboards.end() ? &*found : nullptr;
}

// A page that every policy with SLOs gets. What the policy says of a dashboard with its name counts.
grafana::Dashboard SloFrame(const SloView& view, const std::string& name, std::string title,
                            std::string description) {
  const Dashboard* own = FindDashboard(view.policy(), name);
  if (own != nullptr) title = *own->title;
  if (own != nullptr && own->description) description = **own->description;
  grafana::Dashboard d = Frame(view, name, title, description);
  d.tags.insert(d.tags.begin() + 1, "slo");
  d.range = kSloRange;
  return d;
}

void AddOwnRows(const SloView& view, const Vocabulary& vocabulary, const std::string& name,
                grafana::Dashboard& d) {
  const Dashboard* own = FindDashboard(view.policy(), name);
  if (own == nullptr) return;
  AddFilters(*own, vocabulary, d);
  AddPolicyRows(view, vocabulary, *own, d);
}

grafana::Dashboard PlanSloList(const SloView& view, const Vocabulary& vocabulary) {
  grafana::Dashboard d = SloFrame(view, kSloListDashboard, "SLO overview",
                                  "How does every objective stand, and which needs help first?");
  AddSloSummary(view, d);
  AddAlertTimelines(view, d);
  AddSloLatency(view, d);
  AddOwnRows(view, vocabulary, kSloListDashboard, d);
  return d;
}

grafana::Dashboard PlanSloDetail(const SloView& view, const Vocabulary& vocabulary) {
  const Policy& policy = view.policy();
  grafana::Dashboard d =
      SloFrame(view, kSloDashboard, "SLO detail",
               "What spends the error budget of this objective, since when, and how long does it last?");
  // One at a time: the detail of several is a tangle of lines.
  d.variables = {{.name = kSloVariable,
                  .label = "SLO",
                  .selector = "slo_info" + view.All(),
                  .values_of = "slo_name",
                  .multi = false,
                  .first = *policy.slos.front().name}};
  // Those on the budget fire for hours and would cover every graph; the last panel has them all.
  std::string critical = view.Selected();
  critical.insert(critical.size() - 1, ",severity=\"critical\"");
  d.annotations = {FiringAlerts(critical), Deployments(policy)};
  d.links.insert(d.links.begin(), {.title = "All SLOs",
                                   .tooltip = "The list of all objectives, the worst first",
                                   .uid = DashboardUid(policy, kSloListDashboard)});
  AddSloDetail(view, d);
  AddOwnRows(view, vocabulary, kSloDashboard, d);
  return d;
}

bool IsOfSlos(const Policy& policy, const std::string& name) {
  return !policy.slos.empty() && (name == kSloListDashboard || name == kSloDashboard);
}

}  // namespace

std::vector<grafana::Dashboard> PlanDashboards(const Policy& policy) {
  const SloView view(policy);
  const Vocabulary vocabulary(*policy.metric_namespace);
  std::vector<grafana::Dashboard> out;
  if (!policy.slos.empty()) out = {PlanSloList(view, vocabulary), PlanSloDetail(view, vocabulary)};
  for (const Dashboard& dashboard : policy.dashboards) {
    if (IsOfSlos(policy, *dashboard.name)) continue;
    grafana::Dashboard d = Frame(view, *dashboard.name, *dashboard.title,
                                 dashboard.description ? **dashboard.description : *dashboard.title + ".");
    AddFilters(dashboard, vocabulary, d);
    AddPolicyRows(view, vocabulary, dashboard, d);
    out.push_back(std::move(d));
  }
  return out;
}

}  // namespace fleet::rulegen
