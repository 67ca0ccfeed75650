#include "rulegen/plan/annotations.h"

#include <fmt/format.h>

#include "rulegen/plan/panel_alerts.h"
#include "rulegen/policy/burn_rate.h"

namespace fleet::rulegen {
namespace {

std::string Replaced(std::string text, std::string_view what, std::string_view with) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
  return text;
}

// " (API availability; tier=gold)": the title, and by template the labels by which the SLO is grouped, as
// alerts of each group fire by themselves.
std::string CalledAs(const Slo& slo) {
  std::string labels;
  for (const Text& label : slo.by) {
    labels += fmt::format("{}{}={{{{ $labels.{} }}}}", labels.empty() ? "" : ", ", *label, *label);
  }
  const std::string title = slo.title ? **slo.title : std::string();
  const bool has_both = !title.empty() && !labels.empty();
  const std::string suffix = title + (has_both ? "; " : "") + labels;
  return suffix.empty() ? suffix : " (" + suffix + ")";
}

// The value of a record, or "unknown", looked up when the alert fires.
std::string LookedUp(const Policy& policy, const Slo& slo, std::string_view record, std::string_view format) {
  std::string matchers = fmt::format("slo_id=\"{}\"", SloId(policy, slo));
  std::string arguments;
  for (const Text& label : slo.by) {
    matchers += fmt::format(",{}=%q", *label);
    arguments += fmt::format(" $labels.{}", *label);
  }
  return fmt::format(
      "{{{{ with printf `{}{{{}}}`{} | query }}}}{{{{ . | first | value | {} }}}}{{{{ else }}}}unknown{{{{ "
      "end }}}}",
      record, matchers, arguments, format);
}

std::string BudgetLeft(const Policy& policy, const Slo& slo) {
  return LookedUp(policy, slo, "slo:period_error_budget_remaining:ratio", "humanizePercentage");
}

std::string TimeLeft(const Policy& policy, const Slo& slo) {
  return LookedUp(policy, slo, "slo:period_error_budget_exhaustion:seconds", "humanizeDuration");
}

// The best there is for an alert on a threshold that no dashboard draws.
std::string UidOfService(const Policy& policy) {
  return policy.slos.empty() ? *policy.service : DashboardUid(policy, kSloListDashboard);
}

void AddLinks(const Policy& policy, const Text& runbook, const std::string& uid, std::string_view query,
              Labels& annotations) {
  std::string url = Replaced(*policy.dashboard_url, "{uid}", uid);
  if (!query.empty()) url += fmt::format("{}{}", url.find('?') == std::string::npos ? '?' : '&', query);
  annotations.emplace_back("runbook_url", RunbookUrl(policy, *runbook));
  annotations.emplace_back("dashboard_url", std::move(url));
}

Labels SloTexts(const Policy& policy, const Slo& slo, std::string summary, std::string description) {
  if (slo.description) {
    description += " The SLO: " + **slo.description;
    if (!description.ends_with('.')) description += '.';
  }
  Labels annotations = {{"summary", std::move(summary)}, {"description", std::move(description)}};
  const std::string uid = DashboardUid(policy, slo.dashboard ? **slo.dashboard : kSloDashboard);
  const std::string query = uid == DashboardUid(policy, kSloDashboard) ? "var-slo=" + *slo.name : "";
  AddLinks(policy, slo.runbook, uid, query, annotations);
  return annotations;
}

std::string InPercent(Decimal share) { return (share * Decimal(100, 0)).ToString(); }

}  // namespace

Labels BurnRateTexts(const Policy& policy, const Slo& slo, const BurnTier& tier) {
  const std::string id = SloId(policy, slo);
  const std::string factor = BurnFactor(tier, *slo.period).Round(2).ToString();
  return SloTexts(
      policy, slo,
      fmt::format("{}{} burns its error budget more than {} times too fast", id, CalledAs(slo), factor),
      fmt::format("{{{{ $value | humanizePercentage }}}} of the events of the last {} failed "
                  "(objective {} %). At this pace a full {} budget lasts {} or less. Budget left: {}; at the "
                  "pace of the last hour it is empty in {}.",
                  PrintDuration(*tier.long_window), slo.objective->ToString(), PeriodName(slo),
                  PrintDuration(TimeToExhaustion(tier, *slo.period)), BudgetLeft(policy, slo),
                  TimeLeft(policy, slo)));
}

Labels BreachTexts(const Policy& policy, const Slo& slo) {
  const std::string id = SloId(policy, slo);
  const std::string window = PrintDuration(*slo.breach->window);
  return SloTexts(
      policy, slo,
      fmt::format("{}{}: fewer than {} % of the events of the last {} were good", id, CalledAs(slo),
                  slo.objective->ToString(), window),
      fmt::format("{{{{ $value | humanizePercentage }}}} of the events of the last {} failed; the "
                  "objective allows {} %. Budget left: {}.",
                  window, InPercent(ErrorBudget(*slo.objective)), BudgetLeft(policy, slo)));
}

Labels BudgetLowTexts(const Policy& policy, const Slo& slo) {
  const std::string id = SloId(policy, slo);
  return SloTexts(
      policy, slo,
      fmt::format("{}{}: less than {} % of the error budget is left", id, CalledAs(slo),
                  InPercent(*slo.budget_low->below)),
      fmt::format("{{{{ $value | humanizePercentage }}}} of the error budget of {} is left (objective "
                  "{} %). Hold back risky changes until it recovers.",
                  PeriodName(slo), slo.objective->ToString()));
}

Labels BudgetSpentTexts(const Policy& policy, const Slo& slo) {
  const std::string id = SloId(policy, slo);
  return SloTexts(
      policy, slo, fmt::format("{}{}: the error budget is spent", id, CalledAs(slo)),
      fmt::format("More events failed in the last {} than the objective of {} % allows; "
                  "{{{{ $value | humanizePercentage }}}} of the budget is left. Only changes that make "
                  "the service more reliable should go out.",
                  PeriodName(slo), slo.objective->ToString()));
}

Labels NoDataTexts(const Policy& policy, const Slo& slo) {
  const std::string id = SloId(policy, slo);
  return SloTexts(
      policy, slo,
      fmt::format("{}{}: no SLI data although its target is up", id,
                  slo.title ? " (" + **slo.title + ")" : ""),
      fmt::format("Prometheus scrapes job {}, but the series that {} is measured by are missing or "
                  "their rules fail. While this lasts, an outage of it would not be seen.",
                  *policy.job, id));
}

Labels NoTrafficTexts(const Policy& policy, const Slo& slo) {
  const std::string id = SloId(policy, slo);
  return SloTexts(policy, slo, fmt::format("{}{}: no events for 15 minutes", id, CalledAs(slo)),
                  "The service is up and nothing reaches it. Look at what should call it: callers, "
                  "load balancer, network.");
}

Labels ThresholdTexts(const Policy& policy, const ThresholdAlert& alert) {
  Labels annotations = {{"summary", *alert.summary}, {"description", *alert.description}};
  const std::string page = DashboardOf(policy, alert);
  const std::string uid = page.empty() ? UidOfService(policy) : DashboardUid(policy, page);
  AddLinks(policy, alert.runbook, uid, {}, annotations);
  return annotations;
}

}  // namespace fleet::rulegen
