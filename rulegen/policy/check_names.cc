// Names, labels, links and references.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "lib/base/text.h"
#include "rulegen/policy/check_parts.h"
#include "rulegen/policy/check_query.h"

namespace fleet::rulegen {
namespace {

bool IsLower(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

// For names that become parts of ids, files and links.
bool IsSlug(std::string_view name) {
  constexpr std::size_t kLongest = 63;
  return !name.empty() && name.size() <= kLongest && IsLower(name.front()) && IsLower(name.back()) &&
         std::all_of(name.begin(), name.end(), [](char c) { return IsLower(c) || c == '-'; });
}

bool IsIdentifier(std::string_view name) {
  return !name.empty() && !IsDigit(name.front()) &&
         std::all_of(name.begin(), name.end(), [](char c) { return IsLetter(c) || IsDigit(c) || c == '_'; });
}

void CheckSlug(const CheckContext& context, const Text& name, std::string_view what) {
  if (name->empty() || IsSlug(*name)) return;
  context.diagnostics.AddError(
      name.span, "name-invalid",
      fmt::format("{} '{}' may hold a to z, 0 to 9 and, inside, '-'", what, Printable(*name)));
}

using Labels = std::vector<std::pair<Text, Text>>;

// Labels of the policy, then those of its parts.
std::vector<const Labels*> AllLabels(const Policy& policy) {
  std::vector<const Labels*> all = {&policy.labels};
  for (const Slo& slo : policy.slos) all.push_back(&slo.labels);
  for (const ThresholdAlert& alert : policy.alerts) all.push_back(&alert.labels);
  return all;
}

struct NamedAlert {
  Text name;
  const Slo* slo = nullptr;
};

// Every alert name of the policy, in the order of the file within each kind.
std::vector<NamedAlert> AllAlerts(const Policy& policy) {
  std::vector<NamedAlert> all;
  for (const BurnTier* tier : AllTiers(policy)) all.push_back({tier->alert});
  for (const Slo& slo : policy.slos) {
    if (slo.breach) all.push_back({slo.breach->alert, &slo});
    if (slo.budget_low) all.push_back({slo.budget_low->alert, &slo});
    for (const auto* alert : {&slo.budget_spent, &slo.no_data, &slo.no_traffic}) {
      if (*alert) all.push_back({(*alert)->alert, &slo});
    }
  }
  for (const ThresholdAlert& alert : policy.alerts) all.push_back({alert.alert});
  return all;
}

// Names that stand nowhere are those of the default tiers.
std::string WhereIs(Span first, const SourceText& source) {
  if (first == Span{}) return "the first is a default of 'burn_rates'";
  const LineColumn at = source.Locate(first.begin);
  return fmt::format("the first is at {}:{}:{}", source.path(), at.line, at.column);
}

void CheckUrl(const CheckContext& context, const Text& url, std::string_view placeholder) {
  if (url->empty()) return;
  if (!url->starts_with("https://") && !url->starts_with("http://")) {
    context.diagnostics.AddError(url.span, "url-invalid", "a link begins with https:// or http://");
    return;
  }
  for (std::size_t at = url->find('{'); at != std::string::npos; at = url->find('{', at + 1)) {
    if (std::string_view(*url).substr(at).starts_with(placeholder)) continue;
    context.diagnostics.AddError(url.span, "url-invalid",
                                 fmt::format("only {} can be filled in here", placeholder));
    return;
  }
}

void CheckDashboardName(const CheckContext& context, const std::optional<Text>& name) {
  if (!name) return;
  std::vector<std::string_view> known;
  for (const Dashboard& dashboard : context.policy.dashboards) known.push_back(*dashboard.name);
  if (!context.policy.slos.empty()) known.insert(known.end(), {kSloListDashboard, kSloDashboard});
  if (std::find(known.begin(), known.end(), **name) != known.end()) return;
  Diagnostic& diagnostic = context.diagnostics.AddError(
      name->span, "reference-unknown", fmt::format("no dashboard is called '{}'", Printable(**name)));
  SuggestClosest(diagnostic, **name, known);
}

void CheckPanelReferences(const CheckContext& context, const Panel& panel) {
  if (panel.slo && **panel.slo != "all") {
    std::vector<std::string_view> known;
    for (const Slo& slo : context.policy.slos) known.push_back(*slo.name);
    if (std::find(known.begin(), known.end(), **panel.slo) == known.end()) {
      Diagnostic& diagnostic = context.diagnostics.AddError(
          panel.slo->span, "reference-unknown", fmt::format("no SLO is called '{}'", Printable(**panel.slo)));
      SuggestClosest(diagnostic, **panel.slo, known);
    }
  }
  std::vector<std::string_view> known;
  for (const ThresholdAlert& alert : context.policy.alerts) known.push_back(*alert.alert);
  for (const Text& alert : panel.alerts) {
    if (std::find(known.begin(), known.end(), *alert) != known.end()) continue;
    Diagnostic& diagnostic =
        context.diagnostics.AddError(alert.span, "reference-unknown",
                                     fmt::format("no entry of 'alerts' is called '{}'", Printable(*alert)));
    SuggestClosest(diagnostic, *alert, known);
  }
}

}  // namespace

void CheckNames(const CheckContext& context) {
  const Policy& policy = context.policy;
  CheckSlug(context, policy.service, "the service");
  if (!IsIdentifier(*policy.metric_namespace)) {
    context.diagnostics.AddError(policy.metric_namespace.span, "name-invalid",
                                 fmt::format("the namespace '{}' may hold letters, digits and '_'",
                                             Printable(*policy.metric_namespace)));
  }
  for (const BurnTier* tier : AllTiers(policy)) CheckSlug(context, tier->tier, "the tier");
  for (const Maintenance& window : policy.maintenance)
    CheckSlug(context, window.name, "the maintenance window");
  for (const Slo& slo : policy.slos) {
    CheckSlug(context, slo.name, "the SLO");
    CheckSlug(context, slo.runbook, "the runbook");
  }
  for (const ThresholdAlert& alert : policy.alerts) {
    CheckSlug(context, alert.group, "the group");
    CheckSlug(context, alert.runbook, "the runbook");
    if (*alert.group == "slo") {
      context.diagnostics.AddError(alert.group.span, "name-invalid",
                                   "the group 'slo' is the file of the SLOs themselves");
    }
    if (*alert.group == "legacy" && policy.legacy_names) {
      context.diagnostics.AddError(alert.group.span, "name-invalid",
                                   "the group 'legacy' is the file of the old names");
    }
  }
  for (const Dashboard& dashboard : policy.dashboards) CheckSlug(context, dashboard.name, "the dashboard");
}

void Uniqueness::Add(const Text& name) {
  if (name->empty()) return;
  const auto [first, is_new] = seen_.emplace(*name, name.span);
  if (is_new) return;
  diagnostics_
      .AddError(name.span, "name-duplicate", fmt::format("a second {} called '{}'", what_, Printable(*name)))
      .notes.push_back(WhereIs(first->second, diagnostics_.source()));
}

void CheckDuplicateNames(const CheckContext& context) {
  Uniqueness tiers(context.diagnostics, "tier");
  for (const BurnTier& tier : context.policy.tiers) tiers.Add(tier.tier);
  Uniqueness slos(context.diagnostics, "SLO");
  for (const Slo& slo : context.policy.slos) {
    slos.Add(slo.name);
    Uniqueness own_tiers(context.diagnostics, "tier");
    for (const BurnTier& tier : slo.tiers) {
      if (tier.tier.span != Span{}) own_tiers.Add(tier.tier);
    }
  }
  Uniqueness windows(context.diagnostics, "maintenance window");
  for (const Maintenance& window : context.policy.maintenance) windows.Add(window.name);
  Uniqueness dashboards(context.diagnostics, "dashboard");
  for (const Dashboard& dashboard : context.policy.dashboards) dashboards.Add(dashboard.name);
}

void CheckAlertNames(const CheckContext& context) {
  for (const auto& [name, slo] : AllAlerts(context.policy)) {
    if (name->empty() || IsIdentifier(*name)) continue;
    context.diagnostics.AddError(
        name.span, "alert-name-invalid",
        fmt::format("the alert '{}' may hold letters, digits and '_', no digit first", Printable(*name)));
  }
}

// Alerts of SLOs may share a name, since slo_id and slo_tier tell them apart. Others have nothing else.
void CheckDuplicateAlerts(const CheckContext& context) {
  std::map<std::string, Span> seen;
  for (const auto& [name, slo] : AllAlerts(context.policy)) seen.emplace(*name, name.span);
  for (const ThresholdAlert& alert : context.policy.alerts) {
    const auto first = seen.find(*alert.alert);
    if (alert.alert->empty() || first->second == alert.alert.span) continue;
    Diagnostic& diagnostic =
        context.diagnostics.AddError(alert.alert.span, "alert-name-duplicate",
                                     fmt::format("a second alert called '{}'", Printable(*alert.alert)));
    diagnostic.notes.push_back(WhereIs(first->second, context.diagnostics.source()));
  }
}

void CheckLabelNames(const CheckContext& context) {
  for (const Labels* labels : AllLabels(context.policy)) {
    for (const auto& [name, value] : *labels) {
      if (IsIdentifier(*name)) continue;
      context.diagnostics.AddError(
          name.span, "label-name-invalid",
          fmt::format("the label '{}' may hold letters, digits and '_', no digit first", Printable(*name)));
    }
  }
}

void CheckReservedLabels(const CheckContext& context) {
  for (const Labels* labels : AllLabels(context.policy)) {
    for (const auto& [name, value] : *labels) {
      if (!IsReservedLabel(*name) && *name != "job" && *name != "instance") continue;
      context.diagnostics.AddError(name.span, "label-reserved",
                                   fmt::format("'{}' is a label that alerts carry themselves", *name));
    }
  }
}

void CheckUrls(const CheckContext& context) {
  CheckUrl(context, context.policy.runbook_url, "{runbook}");
  CheckUrl(context, context.policy.dashboard_url, "{uid}");
  if (!context.policy.runbook_url->empty() &&
      context.policy.runbook_url->find("{runbook}") == std::string::npos) {
    context.diagnostics.AddError(context.policy.runbook_url.span, "url-invalid",
                                 "'runbook_url' needs {runbook}, which is filled in for every alert");
  }
}

void CheckReferences(const CheckContext& context) {
  for (const Slo& slo : context.policy.slos) CheckDashboardName(context, slo.dashboard);
  for (const ThresholdAlert& alert : context.policy.alerts) CheckDashboardName(context, alert.dashboard);
  for (const Dashboard& dashboard : context.policy.dashboards) {
    for (const DashboardRow& row : dashboard.rows) {
      for (const Panel& panel : row.panels) CheckPanelReferences(context, panel);
    }
  }
}

}  // namespace fleet::rulegen
