// The kinds of service level indicators: one file and one row each.
//
// A kind only says what its events are: the pair slo:sli_total:rate and slo:sli_error:rate. All other
// rules are made of that pair and are the same for every kind.
#pragma once

#include <span>
#include <string_view>

#include "lib/base/diagnostics.h"
#include "lib/yaml/yaml.h"
#include "rulegen/plan/expr.h"
#include "rulegen/policy/policy.h"
#include "rulegen/policy/timing.h"
#include "rulegen/policy/vocabulary.h"

namespace fleet::rulegen {

// Events per second in the last step. The total is recorded first, in the same group.
struct BasePair {
  Expr total;
  Expr error;
};

struct BaseContext {
  std::string_view service;
  const Timing& timing;
  const std::vector<Text>& by;
  const Expr& recorded_total;  // the record of `total`
};

struct SliKind {
  std::string_view key;  // in the policy, under `sli`
  Sli (*read)(const yaml::Node&, Diagnostics&);
  // Everything that only this kind can get wrong; metrics and labels as well.
  void (*check)(const Slo&, const Vocabulary&, Diagnostics&);
  BasePair (*plan)(const Sli&, const BaseContext&);
};

// In the order of the alternatives of Sli.
std::span<const SliKind* const> SliKinds();
const SliKind& KindOf(const Sli& sli);

// Events of a counter in the last step, per second. Of its readings now and a step before, and of the scrapes
// within the step, by the first branch that holds:
//
//   sum by (..) (
//     (
//       last_over_time(x[30s] offset 5s)
//         < max_over_time(x[30s] offset 5s)
//     ) + (
//       max_over_time(x[30s] offset 5s)
//         - last_over_time(x[5m] offset 35s) >= 0
//     )
//     or
//     last_over_time(x[30s] offset 5s)
//       >= min_over_time(x[30s] offset 5s)
//     and
//     min_over_time(x[30s] offset 5s)
//       < last_over_time(x[5m] offset 35s)
//     or
//     last_over_time(x[5m] offset 5s)
//       - last_over_time(x[5m] offset 35s) >= 0
//     or
//     last_over_time(x[30s] offset 5s)
//       - min_over_time(x[30s] offset 5s) >= 0
//   ) / 30
//
// 1. It fell between two scrapes of the step, so it was reset: its value, and what it had grown by before.
// 2. It is, or was, lower than a step ago: it was reset before the first scrape of the step, and grew by its
// value.
// 3. It grew. Readings may be old, as scrapes that fail for less than the bridge lose no event.
// 4. It is new: what its scrapes saw it grow by. The first one, the count of a whole life, adds nothing.
//
// NaN fails all of them. A counter that is reset twice between two readings loses what it counted between;
// one that has passed its old value before the next scrape cannot be told from one that grew.
Expr StepDifference(const Expr& series, const BaseContext& context);

// `error`, and 0 for every group in which nothing has failed yet.
Expr ZeroFilled(const Expr& error, const BaseContext& context);

// All events less the good ones, never below 0.
Expr TotalLess(const Expr& good, const BaseContext& context);

// Of all events and those that are counted, which are bad or good ones. While no good event was ever counted,
// every event is bad.
BasePair PairOf(const Expr& total, const Expr& counted, bool counts_bad, const BaseContext& context);

// Kinds about gauges count one event for every series and second.
Expr CountOf(const Expr& series, const BaseContext& context);

// The metric is a gauge, and the grouping labels are its own; its row, or null after a report.
const catalog::MetricDef* CheckGauge(const Selector& selector, const Slo& slo, const Vocabulary& vocabulary,
                                     Diagnostics& diagnostics);
// The metric is a histogram of seconds. Likewise.
const catalog::MetricDef* CheckLatencyHistogram(const Selector& selector, const Slo& slo,
                                                const Vocabulary& vocabulary, Diagnostics& diagnostics);

extern const SliKind kEventsKind;
extern const SliKind kLatencyKind;
extern const SliKind kNativeLatencyKind;
extern const SliKind kRatioKind;
extern const SliKind kBooleanKind;
extern const SliKind kFreshnessKind;
extern const SliKind kThresholdKind;
extern const SliKind kTimesliceKind;
extern const SliKind kCompositeKind;
extern const SliKind kPromqlKind;

}  // namespace fleet::rulegen
