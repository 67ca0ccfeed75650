#include "rulegen/policy/policy.h"

#include <algorithm>

namespace fleet::rulegen {

using std::chrono::hours;

std::string WithWindow(std::string text, std::string_view duration) {
  for (std::size_t at = 0; (at = text.find(kWindowVariable, at)) != std::string::npos;
       at += duration.size()) {
    text.replace(at, kWindowVariable.size(), duration);
  }
  return text;
}

Duration EffectiveKeepFiring(const Policy& policy, const std::optional<Located<Duration>>& keep_firing) {
  return keep_firing && *policy.version >= kKnowsKeepFiring ? **keep_firing : Duration{0};
}

std::string PeriodName(const Slo& slo) {
  if (!slo.calendar) return PrintDuration(*slo.period);
  switch (*slo.calendar) {
    case Calendar::kWeek:
      return "week";
    case Calendar::kMonth:
      return "month";
    case Calendar::kQuarter:
      return "quarter";
  }
  return {};
}

Duration LongestLength(Calendar calendar) {
  switch (calendar) {
    case Calendar::kWeek:
      return hours(7 * 24);
    case Calendar::kMonth:
      return hours(31 * 24);
    case Calendar::kQuarter:
      return hours(92 * 24);
  }
  return {};
}

Duration ShortestLength(Calendar calendar) {
  switch (calendar) {
    case Calendar::kWeek:
      return hours(7 * 24);
    case Calendar::kMonth:
      return hours(28 * 24);
    case Calendar::kQuarter:
      return hours(90 * 24);
  }
  return {};
}

std::vector<const Maintenance*> MaintenanceOf(const Policy& policy, const Slo& slo) {
  std::vector<const Maintenance*> windows;
  for (const Maintenance& window : policy.maintenance) {
    const auto is_named = [&](const Text& name) { return *name == *slo.name; };
    if (window.slos.empty() || std::ranges::any_of(window.slos, is_named)) windows.push_back(&window);
  }
  return windows;
}

}  // namespace fleet::rulegen
