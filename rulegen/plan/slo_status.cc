#include "rulegen/plan/slo_status.h"

#include <fmt/format.h>

#include <map>
#include <optional>
#include <vector>

#include "lib/base/text.h"

namespace fleet::rulegen {
namespace {

using grafana::Color;
using grafana::ColorMode;
using grafana::Field;

// The policy's own bound of "low", the greatest where SLOs differ; a tenth where none says it.
Decimal LowBudget(const SloView& view) {
  std::optional<Decimal> low;
  for (const Slo& slo : view.policy().slos) {
    if (slo.budget_low && (!low || *low < *slo.budget_low->below)) low = *slo.budget_low->below;
  }
  return low.value_or(Decimal(1, 1));
}

// One number from both windows of a tier: 0 fine, 1 only the long one is over the factor, 2 only the
// short one, 3 both. The worst tier counts. A short window of hours stays over a slow tier's factor
// long after the trouble, so there it says nothing alone.
std::string TierStatus(const BurnLine& line, const std::string& slos, std::size_t number) {
  const std::string factor = line.factor.ToString();
  const std::string over_long = SloView::BurnRate(line.long_window, slos) + " > bool " + factor;
  const std::string over_short = SloView::BurnRate(line.short_window, slos) + " > bool " + factor;
  const std::string status = line.is_fast() ? fmt::format("({})\n  + 2 * ({})", over_long, over_short)
                                            : fmt::format("({})\n  * (1 + 2 * ({}))", over_long, over_short);
  return fmt::format("label_replace(\n  {},\n  \"tier\", \"{}\", \"\", \"\")", status, number);
}

// 4 where the objective of the period is missed, for SLOs without alerts on burn rates.
std::string Missed(const std::string& slos) {
  return fmt::format("4 * max by (slo_name) (slo:period_burn_rate:ratio{} > bool 1)", slos);
}

}  // namespace

std::string Matchers(const SloView& view, SloScope scope) {
  return scope == SloScope::kAll ? view.All() : view.Selected();
}

Field BudgetField(const SloView& view) {
  return {.unit = "percentunit",
          .decimals = 1,
          .no_value = "unknown",
          .color_mode = ColorMode::kThresholds,
          .thresholds = {{.color = Color::kRed},
                         {.from = kZero, .color = Color::kOrange},
                         {.from = LowBudget(view), .color = Color::kGreen}}};
}

Field BurnField(const SloView& view) {
  std::map<Decimal, Color> steps = {{kOne, Color::kYellow}};
  for (const bool fast : {false, true}) {
    for (const BurnLine& line : view.Lines(fast)) {
      steps[line.factor] = line.severity == AlertSeverity::kCritical ? Color::kRed : Color::kOrange;
    }
  }
  Field field = {.unit = "suffix:x",
                 .decimals = 2,
                 .min = kZero,
                 .no_value = kNoData,
                 .color_mode = ColorMode::kThresholds,
                 .thresholds = {{.color = Color::kGreen}}};
  for (const auto& [factor, color] : steps) field.thresholds.push_back({.from = factor, .color = color});
  return field;
}

std::string Status(const SloView& view, SloScope scope) {
  std::vector<std::string> tiers;
  std::size_t with_tiers = 0;
  for (const SloGroup& group : view.groups()) {
    std::string slos = Matchers(view, scope);
    if (view.groups().size() > 1) slos.insert(slos.size() - 1, "," + SloView::Among(group.names));
    for (const BurnLine& line : group.lines) tiers.push_back(TierStatus(line, slos, tiers.size()));
    if (!group.lines.empty()) with_tiers += group.names.size();
  }
  const std::string missed = Missed(Matchers(view, scope));
  if (tiers.empty()) return missed;
  std::string status = "max by (slo_name) (\n" + Join(tiers, "\nor\n") + "\n)";
  if (with_tiers < view.policy().slos.size()) status += "\nor\n" + missed;
  return status;
}

Field StatusField() {
  return {.unit = "none",
          .no_value = kNoData,
          .mappings = {{.value = Decimal(0, 0), .text = "fine", .color = Color::kGreen},
                       {.value = Decimal(1, 0), .text = "recovering", .color = Color::kYellow},
                       {.value = Decimal(2, 0), .text = "rising", .color = Color::kOrange},
                       {.value = Decimal(3, 0), .text = "burning", .color = Color::kRed},
                       {.value = Decimal(4, 0), .text = "missed", .color = Color::kRed}}};
}

std::string PeriodRatio(const SloView& view, SloScope scope) {
  const std::string slos = Matchers(view, scope);
  const std::string period = view.PeriodName();
  if (period != "period") {
    return "1 - max by (slo_name) (slo:sli_error:ratio_rate" + period + slos + ")";
  }
  return fmt::format(
      "1 - max by (slo_name) (slo:period_burn_rate:ratio{0} * on (slo_id) group_left () "
      "slo:error_budget:ratio{0})",
      slos);
}

}  // namespace fleet::rulegen
