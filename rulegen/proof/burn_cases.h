// Proof of the alerts on burn rates: tiers and breach, on a base pair of records.
#pragma once

#include <vector>

#include "rulegen/proof/burn_model.h"
#include "rulegen/proof/slice.h"

namespace fleet::rulegen {

struct BurnProofOptions {
  std::vector<Decimal> errors;  // shares of errors after a history without any
  // Long windows full before the errors begin, as the formulas want it; else a history of an hour, which the
  // model predicts as exactly and a tenth of the time proves.
  bool full_history = false;
  bool closed_ranges = true;  // as promtool evaluates: Prometheus 2
};

// For each alert: silent just below its limit, firing just above; for each share of errors it fires at the
// predicted evaluation, at none before, and ends at the predicted one; waits for min_errors and min_events.
// And every window is as long as its name says. One file for the fast group, one for the long group; with
// full histories one for each alert, so that a window of hours does not wait for one of days.
std::vector<ProofFile> BurnProofs(const SloRules& rules, const std::string& name,
                                  const BurnProofOptions& options);

}  // namespace fleet::rulegen
