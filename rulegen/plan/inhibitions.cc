#include "rulegen/plan/inhibitions.h"

#include <algorithm>

namespace fleet::rulegen {
namespace {

// From the fastest alert to the slowest.
std::vector<std::string> Ranks(const Policy& policy) {
  std::vector<const BurnTier*> tiers;
  for (const Slo& slo : policy.slos) {
    for (const BurnTier& tier : slo.tiers) {
      const auto is_same = [&](const BurnTier* other) { return *other->tier == *tier.tier; };
      if (std::none_of(tiers.begin(), tiers.end(), is_same)) tiers.push_back(&tier);
    }
  }
  std::stable_sort(tiers.begin(), tiers.end(),
                   [](const BurnTier* a, const BurnTier* b) { return *a->long_window < *b->long_window; });
  std::vector<std::string> ranks;
  for (const BurnTier* tier : tiers) ranks.push_back(*tier->tier);
  ranks.insert(ranks.end(), {"budget-exhausted", "budget-low"});
  return ranks;
}

}  // namespace

std::vector<Inhibition> InhibitionsOf(const Policy& policy) {
  std::vector<Inhibition> inhibitions;
  const std::vector<std::string> ranks = Ranks(policy);
  for (auto rank = ranks.begin(); rank + 1 != ranks.end(); ++rank) {
    inhibitions.push_back({Inhibition::Source::kTier, *rank, {rank + 1, ranks.end()}});
  }
  // Who knows that a target is down need not hear that its SLOs are blind, idle or burning.
  for (const ThresholdAlert& alert : policy.alerts) {
    const bool is_target_down =
        *alert.value.selector.metric == "up" && alert.threshold.comparison == Comparison::kEquals;
    if (is_target_down) inhibitions.push_back({Inhibition::Source::kTargetDown, *alert.alert, {}});
  }
  return inhibitions;
}

}  // namespace fleet::rulegen
