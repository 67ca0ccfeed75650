// The labels that rules carry.
#pragma once

#include <algorithm>
#include <utility>

#include "rulegen/plan/annotations.h"
#include "rulegen/plan/plan.h"

namespace fleet::rulegen {

inline Labels IdentityLabels(const Policy& policy, const Slo& slo) {
  return {{"slo_id", SloId(policy, slo)}, {"slo_service", *policy.service}, {"slo_name", *slo.name}};
}

// The policy's labels; those of `own` with the same name take their place.
inline Labels UserLabels(const Policy& policy, const std::vector<std::pair<Text, Text>>& own) {
  Labels labels;
  for (const auto& [name, value] : policy.labels) labels.emplace_back(*name, *value);
  for (const auto& [name, value] : own) {
    const std::string& wanted = *name;
    const auto same =
        std::find_if(labels.begin(), labels.end(), [&](const auto& label) { return label.first == wanted; });
    if (same == labels.end()) {
      labels.emplace_back(*name, *value);
    } else {
      same->second = *value;
    }
  }
  return labels;
}

// An alert that is only observed has a severity that no route knows, and keeps its own beside it, so that
// it can be counted what would have been sent.
inline constexpr char kObserved[] = "observe";

inline void AddSeverity(AlertSeverity severity, bool observe, Labels& labels) {
  labels.emplace_back("severity", observe ? kObserved : Name(severity));
  if (observe) labels.emplace_back("observed_severity", Name(severity));
}

}  // namespace fleet::rulegen
