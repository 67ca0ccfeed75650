// The labels that rules carry.
#pragma once

#include <algorithm>
#include <utility>

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

}  // namespace fleet::rulegen
