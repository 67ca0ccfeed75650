// Cases for the base pair of the kinds of SLI that are no counters: gauges, records of other SLOs, PromQL.
#pragma once

#include <string>
#include <vector>

#include "lib/base/result.h"
#include "rulegen/proof/slice.h"

namespace fleet::rulegen {

// "_all" where maintenance is taken out of the pair later: the tests' clock begins in 1970, in a window
// perhaps.
std::string BaseSuffix(const SloRules& rules);

// The pair at an evaluation, in events per second. `group` is a matcher, or empty where there is one group.
void ExpectBase(const SloRules& rules, Duration at, double total, double error, const std::string& group,
                PromtoolCase& result);
// Neither record is there.
void ExpectNoBase(const SloRules& rules, Duration at, const std::string& group, PromtoolCase& result);

// Gauges: each reading on both sides of its limit, another group, series that miss a condition, one that
// ends, scrapes that fail. Timeslices and composites: records of their members, on both sides of the limit,
// idle, gone. PromQL: rates around the begin and the end of errors, and no series of errors.
// None for kinds that count events, which base_cases.h has.
Result<std::vector<PromtoolCase>> KindCases(const SloRules& rules, bool closed_ranges);

}  // namespace fleet::rulegen
