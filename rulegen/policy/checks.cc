#include "rulegen/policy/checks.h"

#include "lib/promql/lint.h"
#include "rulegen/policy/check_parts.h"
#include "rulegen/policy/check_query.h"
#include "rulegen/sli/kinds.h"

namespace fleet::rulegen {
namespace {

constexpr PolicyCheck kChecks[] = {
    {"name-invalid", CheckNames},
    {"name-duplicate", CheckDuplicateNames},
    {"alert-name-invalid", CheckAlertNames},
    {"alert-name-duplicate", CheckDuplicateAlerts},
    {"label-name-invalid", CheckLabelNames},
    {"label-reserved", CheckReservedLabels},
    {"url-invalid", CheckUrls},
    {"reference-unknown", CheckReferences},
    {"scrape-interval-range", CheckScrapeInterval},
    {"objective-below-floor", CheckObjectiveFloor},
    {"period-range", CheckPeriods},
    {"burn-rate-unreachable", CheckUnreachableTiers},
    {"burn-rate-windows", CheckTierWindows},
    {"burn-rate-order", CheckTierOrder},
    {"burn-rate-sustainable", CheckSustainableTiers},
    {"window-short", CheckWindowScrapes},
    {"window-step", CheckWindowSteps},
    {"selector-subset", CheckSubsets},
    {"selector-empty", CheckNarrowing},
    {"member-invalid", CheckMembers},
    {"traffic-low", CheckTraffic},
    {"retention-short", CheckRetention},
    {"version-old", CheckTargetVersion},
    {"maintenance-range", CheckMaintenance},
    {"for-range", CheckHolds},
    {"threshold-unit", CheckThresholdUnits},
    {"threshold-negative", CheckThresholdSigns},
    {"quantile-alert", CheckQuantileAlerts},
    {"template-invalid", CheckTemplates},
    {"template-label", CheckTemplateLabels},
    {"panel-word-unknown", CheckPanelWords},
    {"panel-unit-unknown", CheckPanelUnits},
    {"panel-size-range", CheckPanelSizes},
    {"panel-content", CheckPanelContents},
    {"filter-unused", CheckFilters},
};

constexpr std::string_view kOtherIds[] = {
    // lib/yaml
    "text-encoding",
    "yaml-syntax",
    "yaml-empty",
    "yaml-documents",
    "yaml-alias",
    "yaml-merge",
    "yaml-tag",
    "yaml-key",
    "yaml-depth",
    "key-duplicate",
    "key-unknown",
    "key-missing",
    "value-missing",
    "value-type",
    // the reader
    "version-unsupported",
    "choice-missing",
    "choice-conflict",
    "objective-range",
    "share-range",
    "window-range",
    "count-range",
    "tier-unknown",
    // rulegen/commands
    "runbook-folder-missing",
    "runbook-missing",
    // check_notifications.cc
    "receiver-unknown",
    "severity-unrouted",
    // check_query.cc, and the SLI kinds through it
    "metric-unknown",
    "metric-type",
    "label-unknown",
    "label-value-unknown",
    "promql-conflict",
    "promql-invalid",
    "regex-invalid",
    "quantile-range",
    "by-misplaced",
    "bucket-missing",
};

}  // namespace

std::span<const PolicyCheck> PolicyChecks() { return kChecks; }
std::set<std::string_view> OtherCheckIds() {
  std::set<std::string_view> ids(std::begin(kOtherIds), std::end(kOtherIds));
  for (const promql::LintCheck& check : promql::LintChecks()) ids.insert(check.id);
  return ids;
}

void CheckPolicy(const Policy& policy, Diagnostics& diagnostics) {
  const Vocabulary vocabulary(*policy.metric_namespace, *policy.scrape_interval);
  const CheckContext context{policy, vocabulary, diagnostics};
  for (const PolicyCheck& check : kChecks) check.run(context);
  for (const Slo& slo : policy.slos) KindOf(slo.sli).check(slo, vocabulary, diagnostics);
  for (const ThresholdAlert& alert : policy.alerts) {
    CheckQuery(alert.value, vocabulary, diagnostics);
    if (!alert.only_if) continue;
    const Query& condition = alert.only_if->first;
    CheckQuery(condition, vocabulary, diagnostics);
    if (!condition.by.empty()) {
      diagnostics.AddError(condition.by.front().span, "by-misplaced",
                           "'only_if' is one number, without 'by'");
    }
  }
  for (const Dashboard& dashboard : policy.dashboards) {
    for (const DashboardRow& row : dashboard.rows) {
      for (const Panel& panel : row.panels) {
        for (const Query& query : panel.queries) CheckPanelQuery(query, vocabulary, diagnostics);
      }
    }
  }
}

}  // namespace fleet::rulegen
