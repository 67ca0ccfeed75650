// What slo/policies.yaml says, as values that remember where they stand. No YAML here, no PromQL.
//
// docs/policy-format.md describes the keys. The reader (reader.h) fills this in, the checks (checks.h)
// judge it, and the plan (rulegen/plan) is made of it; nobody changes it after it was read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "lib/base/decimal.h"
#include "lib/base/duration.h"
#include "lib/base/source_text.h"
#include "lib/promql/ast.h"

namespace fleet::rulegen {

using Text = Located<std::string>;

enum class AlertSeverity { kCritical, kWarning, kInfo };
inline constexpr AlertSeverity kSeverities[] = {AlertSeverity::kCritical, AlertSeverity::kWarning,
                                                AlertSeverity::kInfo};
// As it is written in policies and in the label `severity`: "critical".
constexpr std::string_view Name(AlertSeverity severity) {
  switch (severity) {
    case AlertSeverity::kCritical:
      return "critical";
    case AlertSeverity::kWarning:
      return "warning";
    case AlertSeverity::kInfo:
      return "info";
  }
  return {};
}

// How the value of a label is compared. kOneOf and kNoneOf take any number of values, the others one.
enum class MatchKind { kOneOf, kNoneOf, kMatches, kExcludes };

struct Condition {
  Text label;
  MatchKind kind = MatchKind::kOneOf;
  std::vector<Text> values;
};

// Series of one metric. The name is written in full: fleet_queue_depth.
struct Selector {
  Text metric;
  std::vector<Condition> where;
  // Of one that is written in PromQL, which may name metrics of others that no catalog knows: empty for all
  // others. As in Expression.
  promql::Tree tree;

  bool is_promql() const { return tree.root != promql::kNoNode; }
};

// PromQL for an instant vector, as it was written.
struct Expression {
  Text text;
  std::vector<Selector> reads;  // all its selectors, each at its place
  promql::Tree tree;            // places are those in the file; an hour stands in place of $window
};

enum class Aggregation { kSum, kMax, kMin, kAverage, kCount };

// One number per group, made of one metric, or of the quotient of two.
struct Query {
  Span span;
  Selector selector;
  // Panels only, in place of the selector: an expression that may hold Grafana's variables. `by` then
  // names the labels of its result.
  std::optional<Text> promql;
  promql::Tree promql_tree;  // its places are those in the file; something stands in place of the variables
  std::optional<Expression> expression;           // alerts only, in place of the selector
  std::vector<Text> by;                           // grouping labels; empty: one number, or each series
  std::optional<Located<Aggregation>> aggregate;  // absent and nothing in `by`: each series by itself
  std::optional<Located<Duration>> rate;          // window of a counter or histogram
  std::vector<Located<Decimal>> quantiles;        // of a histogram, 0.95; alerts have one, panels many
  std::optional<Text> legend;                     // panels only
  std::optional<Located<bool>> limit;             // panels only: drawn as a limit of the others
  std::optional<Text> unit;                       // panels only: of a column of a table
  std::optional<Located<std::int64_t>> top;       // panels only: the largest so many
  std::optional<Located<bool>> missing_as_zero;   // no series at all count as 0; only without `by`
  std::vector<Query> over;                        // the divisor: none or one; it is grouped as its dividend
};

enum class Comparison { kAbove, kBelow, kEquals };

// A number with the unit it was written in: 1000, 10%, 50ms, 10GB. `value` is in base units (0.1, 0.05,
// 10000000000), so that it can stand in an expression.
struct Quantity {
  enum class Kind { kPlain, kPercent, kDuration, kBytes };
  Decimal value;
  Kind kind = Kind::kPlain;
  std::string text;  // as written, for messages and summaries
};

struct Threshold {
  Comparison comparison = Comparison::kAbove;
  Located<Quantity> bound;
};

// Bad or good events out of all of them, from counters.
struct EventsSli {
  Selector total;
  Selector counted;  // complete: where it named no metric, it inherited metric and conditions of `total`
  bool counts_bad = true;  // `counted` are the bad events, else the good ones
};

// Observations of a histogram at or below a bound are good. The bound must be one of its buckets.
struct LatencySli {
  Selector histogram;
  Located<Duration> below;
};

// The same of a histogram that Prometheus stores as a native one; any bound will do.
struct NativeLatencySli {
  Selector histogram;
  Located<Duration> below;
};

// The gauge is a share already, 0 to 1, of bad or good events.
struct RatioSli {
  Selector ratio;
  bool counts_bad = true;
};

// A series is bad while its gauge is 0, or, where `good_is_zero`, while it is not.
struct BooleanSli {
  Selector gauge;
  bool good_is_zero = false;
};

// A series is bad while its point in time is further away than `within`.
struct FreshnessSli {
  Selector timestamp;
  Located<Duration> within;
};

// A series is bad while its gauge compares so.
struct ThresholdSli {
  Selector gauge;
  Threshold bad;
};

// Minutes of another SLO; one with events is bad while more than `at_most` of them are.
struct TimesliceSli {
  Text slo;
  Located<Decimal> at_most;  // a share: 0.05
};

// Other SLOs together: their events in one heap, or each moment as bad as the worst of them.
struct CompositeSli {
  std::vector<Text> slos;
  bool takes_worst = false;
};

// Events per second, bad or good ones and all of them.
struct PromqlSli {
  Expression total;
  Expression counted;
  bool counts_bad = true;
};

// One alternative for each row of the table in rulegen/sli/kinds.h.
using Sli = std::variant<EventsSli, LatencySli, NativeLatencySli, RatioSli, BooleanSli, FreshnessSli,
                         ThresholdSli, TimesliceSli, CompositeSli, PromqlSli>;

// A pair of windows over which the budget is spent too fast. The burn rate factor is given, or follows
// from the share of the period's budget that is spent within the long window: budget * period / long.
struct BurnTier {
  Text tier;
  Text alert;
  Located<Decimal> budget;  // a share: 0.02; not looked at where there is a factor
  std::optional<Located<Decimal>> factor;
  Located<Duration> long_window;
  Located<Duration> short_window;
  Located<Duration> hold;                        // `for`
  std::optional<Located<Duration>> keep_firing;  // `keep_firing_for`
  Located<AlertSeverity> severity;
};

struct BreachAlert {
  Text alert;
  Located<Duration> window;
  Located<Duration> hold;  // `for`
  Located<AlertSeverity> severity;
};

struct BudgetAlert {
  Text alert;
  Located<Decimal> below;  // share of the budget that is left: 0.1
  Located<AlertSeverity> severity;
};

struct DataAlert {
  Text alert;
  Located<AlertSeverity> severity;
};

// Periods that begin anew: on Monday, on the first of the month, of every third month. UTC.
enum class Calendar { kWeek, kMonth, kQuarter };

struct Slo {
  Span span;  // of the entry's `name`, or of the entry
  Text name;
  std::optional<Text> title;
  std::optional<Text> description;
  Text runbook;
  std::optional<Text> dashboard;
  std::vector<std::pair<Text, Text>> labels;  // beside the policy's, on its alerts and its slo_info
  Located<Decimal> objective;                 // in percent: 99.9
  std::optional<Located<Decimal>> objective_floor;
  Located<Duration> period;  // of a calendar period the usual length: 7d, 30d, 90d
  std::optional<Calendar> calendar;
  Span sli_span;
  Sli sli;
  std::vector<Text> by;
  std::vector<BurnTier> tiers;  // those that apply, from the fastest to the slowest
  bool observe = false;         // alerts are recorded and reach nobody
  std::optional<Located<std::int64_t>> min_errors;
  std::optional<Located<std::int64_t>> min_events;
  std::optional<Located<Decimal>> expected_events;  // an hour, in quiet hours; for checks alone
  Located<Decimal> min_coverage;                    // a share: 0.1
  std::optional<BreachAlert> breach;
  std::optional<BudgetAlert> budget_low;
  std::optional<DataAlert> budget_spent;
  std::optional<DataAlert> no_data;
  std::optional<DataAlert> no_traffic;
};

// An alert on a number that is compared with a fixed bound.
struct ThresholdAlert {
  Text alert;
  Text group;  // the file: alerts/<group>.yaml
  Query value;
  Threshold threshold;
  // Only while this other number compares so; for what cannot be known when a source is down.
  std::optional<std::pair<Query, Threshold>> only_if;
  Located<Duration> hold;                        // `for`
  std::optional<Located<Duration>> keep_firing;  // `keep_firing_for`
  Located<AlertSeverity> severity;
  bool observe = false;  // recorded, and reaches nobody
  Text summary;
  Text description;
  Text runbook;
  std::optional<Text> dashboard;
  std::vector<std::pair<Text, Text>> labels;  // beside the policy's
};

// What a number means, where it stands for a state: {value: 2, text: down, color: red}.
struct StateWord {
  Located<Decimal> value;
  Text text;
  Text color;
};

// A panel shows an SLO (`slo`, and what of it: `show`) or metrics (`queries`). Which words `show` and
// `kind` may be is known to rulegen/plan/dashboards.
struct Panel {
  Span span;
  std::optional<Text> title;
  std::optional<Text> description;
  std::optional<Text> slo;  // an SLO's name, or "all"
  std::optional<Text> show;
  std::vector<Query> queries;
  std::optional<Text> kind;  // timeseries, stat, gauge, heatmap, ...
  std::vector<Text> alerts;  // draw the bounds of these as lines
  std::optional<Located<bool>> stack;
  std::vector<StateWord> states;
  std::optional<Text> unit;                    // a Grafana unit, where the catalog's is not the one wanted
  std::optional<Located<Quantity>> target;     // draw a line here
  std::optional<Located<std::int64_t>> width;  // of 24 columns
  std::optional<Located<std::int64_t>> height;
};

struct DashboardRow {
  Span span;
  Text title;
  std::optional<Located<bool>> collapsed;
  std::vector<Panel> panels;
};

struct Dashboard {
  Span span;
  Text name;
  Text title;
  std::optional<Text> description;
  std::vector<Text> filters;  // labels; each becomes a variable that all queries with the label obey
  std::vector<DashboardRow> rows;
};

// Time in which SLOs do not count: every week, or once. UTC.
struct Maintenance {
  Text name;
  std::vector<Located<int>> days;  // 0 is Sunday; none: every day
  Located<Duration> from;          // since midnight
  Located<Duration> to;            // up to 24 h; where it is not later than `from`, on the next day
  struct Once {
    Located<std::int64_t> begin;  // unix seconds
    Located<std::int64_t> end;
  };
  std::optional<Once> once;  // then the four above are not used
  std::vector<Text> slos;    // by name; none: all
};

// The Prometheus that the rules are made for.
struct PrometheusVersion {
  int major = 2;
  int minor = 42;

  friend auto operator<=>(const PrometheusVersion&, const PrometheusVersion&) = default;
};

inline constexpr PrometheusVersion kKnowsNativeHistograms = {2, 40};
inline constexpr PrometheusVersion kKnowsKeepFiring = {2, 42};
// What lib/promql knows not to be in an old Prometheus, it knows of this one.
inline constexpr PrometheusVersion kOldestPromql = {2, 42};

// Of a policy that does not say.
inline constexpr std::string_view kDefaultNamespace = "fleet";
inline constexpr Duration kDefaultScrapeInterval = std::chrono::seconds(15);

struct Policy {
  Text service;
  Text metric_namespace;                      // the exporter's prefix: fleet
  std::vector<std::pair<Text, Text>> labels;  // on every alert and on slo_info
  Text runbook_url;                           // with {runbook}
  Text dashboard_url;                         // with {uid}
  std::optional<Text> runbook_folder;         // in which every runbook must have its page
  Located<Duration> scrape_interval;
  Text job;
  Located<PrometheusVersion> version;
  std::optional<Located<Duration>> retention;
  std::vector<BurnTier> tiers;
  std::vector<Maintenance> maintenance;
  std::vector<Slo> slos;
  std::vector<ThresholdAlert> alerts;
  std::vector<Dashboard> dashboards;
  bool legacy_names = false;  // also rules for the names metrics had before
  std::string hash;           // first 12 hexadecimal digits of the file's SHA-256, as sha256sum prints them
};

// service/name: what joins all series of an SLO. Neither part may contain a slash.
inline std::string SloId(std::string_view service, std::string_view slo) {
  return std::string(service) + "/" + std::string(slo);
}
inline std::string SloId(const Policy& policy, const Slo& slo) { return SloId(*policy.service, *slo.name); }

// What rules say of `keep_firing_for`: nothing, 0, where the target version would refuse the file for it.
Duration EffectiveKeepFiring(const Policy& policy, const std::optional<Located<Duration>>& keep_firing);

// As it is said and as records are called: 30d, month.
std::string PeriodName(const Slo& slo);

// Of the longest and of the shortest there are: a month has 28 to 31 days.
Duration LongestLength(Calendar calendar);
Duration ShortestLength(Calendar calendar);

// What an SLI's expression calls the time over which it must count: the rules choose it.
inline constexpr std::string_view kWindowVariable = "$window";
// The text with `duration` in place of each $window.
std::string WithWindow(std::string text, std::string_view duration);

// The windows of maintenance in which the SLO does not count.
std::vector<const Maintenance*> MaintenanceOf(const Policy& policy, const Slo& slo);

// The pages that every policy with SLOs gets: the list of all SLOs, and one of them in detail. A dashboard of
// the policy with one of these names adds its rows to that page.
inline constexpr char kSloListDashboard[] = "slos";
inline constexpr char kSloDashboard[] = "slo";

// Fixed for ever by its two names, so that a dashboard is updated in place and links stay good.
inline std::string DashboardUid(const Policy& policy, const std::string& dashboard) {
  return policy.service.value + "-" + dashboard;
}

}  // namespace fleet::rulegen
