#include "rulegen/plan/dashboards.h"

#include <fmt/format.h>

#include <algorithm>

#include "rulegen/plan/expr.h"
#include "rulegen/plan/policy_panels.h"
#include "rulegen/plan/slo_overview.h"
#include "rulegen/plan/slo_view.h"
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

// Alerts on SLOs; in the overview only of those that are looked at, or every graph is full of marks.
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
  d.annotations = {FiringAlerts(view.All()), Deployments(policy)};
  d.links = {{.title = "Dashboards of " + *policy.service,
              .tooltip = "Others of this service, with the same variables and time",
              .tag = *policy.service}};
  return d;
}

grafana::Dashboard PlanOverview(const SloView& view, const Vocabulary& vocabulary, const Dashboard* own) {
  const Policy& policy = view.policy();
  const bool described = own != nullptr && own->description;
  grafana::Dashboard d = Frame(
      view, kSloDashboard, own != nullptr ? *own->title : "SLO overview",
      described ? **own->description : "How every objective stands, what spends its budget, and what fired.");
  d.tags.insert(d.tags.begin() + 1, "slo");
  d.range = kSloRange;
  // One SLO at first: the detail of all of them at once is a tangle of lines.
  d.variables = {{.name = kSloVariable,
                  .label = "SLO",
                  .selector = "slo_info" + view.All(),
                  .values_of = "slo_name",
                  .first = *policy.slos.front().name}};
  d.annotations.front() = FiringAlerts(view.Selected());
  AddSloSummary(view, d);
  AddSloDetail(view, d);
  AddAlertTimelines(view, d);
  AddSloLatency(view, d);
  if (own != nullptr) AddPolicyRows(view, vocabulary, *own, d);
  return d;
}

}  // namespace

std::vector<grafana::Dashboard> PlanDashboards(const Policy& policy) {
  const SloView view(policy);
  const Vocabulary vocabulary(*policy.metric_namespace);
  std::vector<grafana::Dashboard> out;
  if (!policy.slos.empty()) {
    const auto own =
        std::ranges::find_if(policy.dashboards, [](const Dashboard& d) { return *d.name == kSloDashboard; });
    out.push_back(PlanOverview(view, vocabulary, own != policy.dashboards.end() ? &*own : nullptr));
  }
  for (const Dashboard& dashboard : policy.dashboards) {
    if (!policy.slos.empty() && *dashboard.name == kSloDashboard) continue;
    grafana::Dashboard d = Frame(view, *dashboard.name, *dashboard.title,
                                 dashboard.description ? **dashboard.description : *dashboard.title + ".");
    AddPolicyRows(view, vocabulary, dashboard, d);
    out.push_back(std::move(d));
  }
  return out;
}

}  // namespace fleet::rulegen
