#include "rulegen/plan/slo_view.h"

#include <algorithm>
#include <set>

#include "lib/base/text.h"
#include "rulegen/plan/expr.h"
#include "rulegen/plan/page.h"
#include "rulegen/policy/burn_rate.h"

namespace fleet::rulegen {
namespace {

BurnLine LineOf(const Slo& slo, const BurnTier& tier) {
  return {.factor = BurnFactor(tier, *slo.period).Round(),
          .long_window = *tier.long_window,
          .short_window = *tier.short_window,
          .severity = *tier.severity,
          .lasts = TimeToExhaustion(tier, *slo.period)};
}

}  // namespace

SloView::SloView(const Policy& policy) : policy_(policy) {
  std::set<Duration> windows = {kNowWindow, kHourWindow};
  for (const Slo& slo : policy.slos) {
    if (slo.objective->scale() >= finest_objective_.scale()) finest_objective_ = *slo.objective;
    for (const Text& label : slo.by) {
      if (std::ranges::find(group_labels_, *label) == group_labels_.end()) group_labels_.push_back(*label);
    }
    std::vector<BurnLine> lines;
    for (const BurnTier& tier : slo.tiers) {
      lines.push_back(LineOf(slo, tier));
      windows.insert({*tier.long_window, *tier.short_window});
    }
    const auto same = std::ranges::find(groups_, lines, &SloGroup::lines);
    if (same != groups_.end()) {
      same->names.push_back(*slo.name);
    } else {
      groups_.push_back({{*slo.name}, std::move(lines)});
    }
  }
  windows_.assign(windows.begin(), windows.end());
}

std::vector<Duration> SloView::WindowsOf(const std::string& slo_name) const {
  std::set<Duration> windows = {kNowWindow, kHourWindow};
  for (const Slo& slo : policy_.slos) {
    if (*slo.name != slo_name) continue;
    for (const BurnTier& tier : slo.tiers) windows.insert({*tier.long_window, *tier.short_window});
  }
  return {windows.begin(), windows.end()};
}

std::string SloView::All() const { return "{slo_service=" + Quoted(*policy_.service) + "}"; }

std::string SloView::Selected() const {
  return "{slo_service=" + Quoted(*policy_.service) + ",slo_name=\"$" + kSloVariable + "\"}";
}

std::string SloView::Only(const std::vector<std::string>& names) const {
  return "{slo_service=" + Quoted(*policy_.service) + "," + Among(names) + "}";
}

std::string SloView::Among(const std::vector<std::string>& names) {
  return names.size() == 1 ? "slo_name=" + Quoted(names[0]) : "slo_name=~" + Quoted(AnyOf(names));
}

std::vector<BurnLine> SloView::Lines(bool fast) const {
  std::vector<BurnLine> lines;
  for (const SloGroup& group : groups_) {
    for (const BurnLine& line : group.lines) {
      if (line.is_fast() != fast) continue;
      if (std::ranges::find(lines, line) == lines.end()) lines.push_back(line);
    }
  }
  return lines;
}

std::string SloView::PeriodName() const {
  const Duration first = *policy_.slos.front().period;
  const bool same =
      std::ranges::all_of(policy_.slos, [&](const Slo& s) { return *s.period == first && !s.calendar; });
  return same ? PrintDuration(first) : "period";
}

std::string SloView::ErrorRatio(Duration window) {
  return "slo:sli_error:ratio_rate" + PrintDuration(window);
}

std::string SloView::BurnRate(Duration window, const std::string& matchers,
                              const std::vector<std::string>& extra) {
  std::vector<std::string> by = {"slo_name"};
  by.insert(by.end(), extra.begin(), extra.end());
  return "max by (" + Join(by, ", ") + ") (" + ErrorRatio(window) + matchers +
         " / on (slo_id) group_left () slo:error_budget:ratio" + matchers + ")";
}

}  // namespace fleet::rulegen
