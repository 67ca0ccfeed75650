#include "rulegen/plan/panel_bounds.h"

#include <fmt/format.h>

#include <algorithm>

#include "rulegen/plan/panel_alerts.h"

namespace fleet::rulegen {
namespace {

using grafana::Color;

// Grafana colours a value that reaches a step, while an alert fires beyond its bound: for counts and
// shares alike this is the first number that is more than nothing.
const Decimal kMoreThanNothing(1, 6);

Bound BoundOf(const ThresholdAlert& alert) {
  const Comparison comparison = alert.threshold.comparison;
  const char* const word = comparison == Comparison::kAbove   ? "above"
                           : comparison == Comparison::kBelow ? "below"
                                                              : "at";
  const Quantity& bound = *alert.threshold.bound;
  Bound out = {.value = bound.value,
               .words = fmt::format("{} fires {} {}", *alert.alert, word, bound.text),
               .bad_above = comparison == Comparison::kAbove,
               .at_zero = bound.value == Decimal(0, 0),
               .color = *alert.severity == AlertSeverity::kCritical ? Color::kRed : Color::kOrange};
  if (out.at_zero) out.value = kMoreThanNothing;
  return out;
}

}  // namespace

std::vector<Bound> BoundsOf(const Policy& policy, const Panel& panel) {
  std::vector<Bound> bounds;
  if (panel.target) {
    bounds.push_back({.value = (**panel.target).value,
                      .words = "target " + (**panel.target).text,
                      .color = Color::kOrange});
  }
  for (const Text& name : panel.alerts) {
    if (const ThresholdAlert* alert = FindAlert(policy, *name)) bounds.push_back(BoundOf(*alert));
  }
  std::ranges::stable_sort(bounds, {}, &Bound::value);
  return bounds;
}

std::vector<grafana::Threshold> ThresholdsOf(const std::vector<Bound>& bounds, bool lines) {
  std::vector<grafana::Threshold> steps;
  for (const Bound& bound : bounds) {
    if (lines && bound.at_zero) continue;
    if (steps.empty()) {
      steps.push_back({.color = lines ? Color::kTransparent : bound.bad_above ? Color::kGreen : bound.color});
    }
    if (steps.back().from == bound.value) continue;
    steps.push_back({.from = bound.value, .color = lines || bound.bad_above ? bound.color : Color::kGreen});
  }
  return steps;
}

}  // namespace fleet::rulegen
