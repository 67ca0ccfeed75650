// What is wrong with a policy that reads well: the table of checks, each {id, function}.
//
// An id is the last word of a message and a heading in docs/policy-format.md. A check
// reports under its own id, or under those of check_query.h, which many share.
#pragma once

#include <set>
#include <span>
#include <string_view>

#include "lib/base/diagnostics.h"
#include "rulegen/policy/policy.h"
#include "rulegen/policy/vocabulary.h"

namespace fleet::rulegen {

struct CheckContext {
  const Policy& policy;
  const Vocabulary& vocabulary;
  Diagnostics& diagnostics;
};

struct PolicyCheck {
  std::string_view id;
  void (*run)(const CheckContext&);
};

std::span<const PolicyCheck> PolicyChecks();

// The ids of what the reader, the checks of metrics and the lint of PromQL report; they have no row here.
std::set<std::string_view> OtherCheckIds();

// Runs all of them, and those of the SLI kinds. Values that could not be read are skipped.
void CheckPolicy(const Policy& policy, Diagnostics& diagnostics);

}  // namespace fleet::rulegen
