// Which alerts keep others quiet while they fire.
#pragma once

#include <string>
#include <vector>

#include "rulegen/policy/policy.h"

namespace fleet::rulegen {

struct Inhibition {
  enum class Source {
    kTier,        // an alert on an SLO, by its slo_tier; it quiets slower ones of the same SLO and group
    kTargetDown,  // an alert by its name; it quiets all alerts on SLOs of its service
  };
  Source source = Source::kTier;
  std::string name;
  std::vector<std::string> quiet;  // of kTier: tiers, from the fastest to the slowest
};

// Of all SLOs, from the fastest tier to the slowest, then those about targets.
std::vector<Inhibition> InhibitionsOf(const Policy& policy);

}  // namespace fleet::rulegen
