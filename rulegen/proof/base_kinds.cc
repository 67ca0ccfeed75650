#include "rulegen/proof/base_kinds.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>
#include <variant>

#include "rulegen/plan/expr.h"
#include "rulegen/plan/slo_series.h"
#include "rulegen/policy/timing.h"
#include "rulegen/proof/driven_series.h"
#include "rulegen/proof/raw_series.h"
#include "rulegen/proof/threshold_drive.h"
#include "rulegen/proof/values.h"

namespace fleet::rulegen {
namespace {

using std::chrono::minutes;
using Each = Operand::Each;
using Cases = std::vector<PromtoolCase>;

// How long Prometheus goes on showing a series that is not scraped any more.
constexpr Duration kLookback = minutes(5);

Duration StepOf(const SloRules& rules) { return TimingFor(*rules.policy.scrape_interval).step; }

// The matcher of one group, if there are groups.
std::string GroupMatcher(const SloRules& rules, const char* name) {
  return rules.slo.by.empty() ? std::string() : Matcher(*rules.slo.by.front(), name);
}

// What a gauge shows, and how bad that is: 0 to 1. promtool's notation has no NaN.
struct Reading {
  double number = 0;
  double error = 0;
};

struct Gauge {
  const Selector* selector = nullptr;
  Each each = Each::kValue;
  std::vector<Reading> readings;  // good, bad, then those at the limits
};

Gauge Of(const RatioSli& sli) {
  const auto bad = [&](double share) { return sli.counts_bad ? share : 1 - share; };
  return {
      &sli.ratio,
      Each::kValue,
      {{sli.counts_bad ? 0.0 : 1.0, 0.0}, {sli.counts_bad ? 1.0 : 0.0, 1.0}, {0.25, bad(0.25)}, {3, bad(1)}}};
}

Gauge Of(const BooleanSli& sli) {
  const double good = sli.good_is_zero ? 0 : 1;
  return {&sli.gauge, Each::kValue, {{good, 0.0}, {1 - good, 1.0}}};
}

Gauge Of(const FreshnessSli& sli) {
  const double within = ToSeconds(*sli.within);
  return {&sli.timestamp, Each::kAge, {{0, 0.0}, {within + 600, 1.0}, {within, 0.0}, {within + 1, 1.0}}};
}

Gauge Of(const ThresholdSli& sli) {
  const double bound = sli.bad.bound->value.ToDouble();
  const double little = std::max(1e-3, std::abs(bound) / 1000);
  switch (sli.bad.comparison) {
    case Comparison::kAbove:
      return {&sli.gauge,
              Each::kValue,
              {{bound - 1, 0.0}, {bound + 1, 1.0}, {bound, 0.0}, {bound + little, 1.0}}};
    case Comparison::kBelow:
      return {&sli.gauge,
              Each::kValue,
              {{bound + 1, 0.0}, {bound - 1, 1.0}, {bound, 0.0}, {bound - little, 1.0}}};
    case Comparison::kEquals:
      break;
  }
  return {&sli.gauge,
          Each::kValue,
          {{bound + 1, 0.0}, {bound, 1.0}, {bound + little, 0.0}, {bound - little, 0.0}}};
}

class GaugeProver {
 public:
  GaugeProver(const SloRules& rules, Gauge gauge)
      : rules_(rules), gauge_(std::move(gauge)), step_(StepOf(rules)) {
    clock_.interval = step_;
  }

  Result<Cases> Find(const Vocabulary& vocabulary) {
    const catalog::MetricDef* metric = vocabulary.Find(*gauge_.selector->metric);
    const auto labels = FindLabels(metric, gauge_.selector->where);
    if (!labels) return Fail("no labels were found that fulfil its conditions");
    labels_ = *labels;
    FindStrangers(metric);
    return Cases{Readings(), OneEnds(), Unscraped()};
  }

 private:
  using Numbers = std::vector<std::optional<double>>;

  void FindStrangers(const catalog::MetricDef* metric) {
    for (const Condition& condition : gauge_.selector->where) {
      std::vector<Condition> others;
      for (const Condition& each : gauge_.selector->where) {
        if (&each != &condition) others.push_back(each);
      }
      const std::vector<Condition> missed = {condition};
      if (auto labels = FindLabels(metric, others, &missed)) strangers_.push_back(*std::move(labels));
    }
  }

  InputSeries Series(LabelMap labels, const char* group, const char* member, Numbers numbers) const {
    for (const Text& label : rules_.slo.by) labels.emplace(*label, group);
    labels.emplace(labels.count("instance") == 0 ? "instance" : "member", member);
    return Rendered({*gauge_.selector->metric, std::move(labels), gauge_.each, std::move(numbers)}, clock_);
  }

  // Two minutes each.
  std::size_t phase() const { return static_cast<std::size_t>(minutes(2) / step_); }

  PromtoolCase Readings() const {
    PromtoolCase result{"Each reading", step_, {}, {}};
    Numbers numbers;
    for (const Reading& reading : gauge_.readings) numbers.insert(numbers.end(), phase(), reading.number);
    const Numbers good(numbers.size(), gauge_.readings[0].number);
    const Numbers bad(numbers.size(), gauge_.readings[1].number);
    result.series.push_back(Series(labels_, "g", "a", numbers));
    result.series.push_back(Series(labels_, "g", "b", good));
    for (const LabelMap& stranger : strangers_) result.series.push_back(Series(stranger, "g", "c", bad));
    const bool has_groups = !rules_.slo.by.empty() && labels_.count(*rules_.slo.by.front()) == 0;
    if (has_groups) result.series.push_back(Series(labels_, "h", "a", bad));
    for (std::size_t i = 0; i < gauge_.readings.size(); ++i) {
      for (const std::size_t scrape : {i * phase(), (i + 1) * phase() - 1}) {
        const Duration at = static_cast<std::int64_t>(scrape) * step_;
        ExpectBase(rules_, at, 2, gauge_.readings[i].error, Group(), result);
        if (has_groups) ExpectBase(rules_, at, 1, 1, GroupMatcher(rules_, "h"), result);
      }
    }
    return result;
  }

  PromtoolCase OneEnds() const {
    PromtoolCase result{"Series end", step_, {}, {}};
    Numbers first(phase(), gauge_.readings[1].number);
    Numbers second(2 * phase(), gauge_.readings[1].number);
    first.resize(3 * phase());
    second.resize(3 * phase());
    result.series = {Series(labels_, "g", "a", first), Series(labels_, "g", "b", second)};
    ExpectBase(rules_, At(1) - step_, 2, 2, Group(), result);
    ExpectBase(rules_, At(1), 1, 1, Group(), result);
    ExpectNoBase(rules_, At(2), Group(), result);
    return result;
  }

  // Nobody says that it ended: what was there last counts for as long as Prometheus shows it.
  PromtoolCase Unscraped() const {
    PromtoolCase result{"Scrapes fail", step_, {}, {}};
    result.series = {Series(labels_, "g", "a", Numbers(phase(), gauge_.readings[1].number))};
    const Duration last = At(1) - step_;
    ExpectBase(rules_, last + kLookback - step_, 1, 1, Group(), result);
    ExpectNoBase(rules_, last + kLookback + step_, Group(), result);
    return result;
  }

  Duration At(std::int64_t phases) const { return phases * static_cast<std::int64_t>(phase()) * step_; }
  std::string Group() const {
    if (rules_.slo.by.empty()) return {};
    const auto fixed = labels_.find(*rules_.slo.by.front());
    return fixed == labels_.end() ? GroupMatcher(rules_, "g") : Matcher(fixed->first, fixed->second);
  }

  const SloRules& rules_;
  Gauge gauge_;
  Duration step_;
  ScrapeClock clock_;
  LabelMap labels_;
  std::vector<LabelMap> strangers_;
};

// A member's pair over some steps: per second, or nothing.
struct MemberPair {
  std::int64_t steps = 0;
  std::optional<double> total;
  std::optional<double> error;
};

class MemberProver {
 public:
  explicit MemberProver(const SloRules& rules) : rules_(rules), step_(StepOf(rules)) {}

  // Half of the bad share's excess is over the limit, so that one bad step of a minute is.
  PromtoolCase Timeslice(const TimesliceSli& sli) const {
    constexpr double kEvents = 1e6;
    const double limit = sli.at_most->ToDouble();
    const std::int64_t phase = minutes(5) / step_;
    PromtoolCase result{"Good, bad, idle and no minutes", step_, {}, {}};
    Add(*sli.slo,
        {{phase, kEvents, limit * kEvents},
         {phase, kEvents, (limit + 0.001 * (1 - limit)) * kEvents},
         {phase, 0, 0},
         {phase, std::nullopt, std::nullopt}},
        result);
    const auto at = [&](std::int64_t phases, std::int64_t steps) { return (phases * phase + steps) * step_; };
    // A record is seen one step after it was made, and the minute holds those of one minute.
    const std::int64_t held = minutes(1) / step_;
    ExpectBase(rules_, at(1, 0), 1, 0, Group(), result);
    ExpectBase(rules_, at(1, 1), 1, 1, Group(), result);
    ExpectBase(rules_, at(2, held - 1), 1, 1, Group(), result);
    ExpectBase(rules_, at(2, held), 0, 0, Group(), result);
    ExpectBase(rules_, at(3, held - 1), 0, 0, Group(), result);
    ExpectNoBase(rules_, at(3, held + 1), Group(), result);
    return result;
  }

  // Each member has its number of events; one after the other gets its share of errors, then all do, all are
  // idle, and at last the first one's errors are not known.
  PromtoolCase Composite(const CompositeSli& sli) const {
    PromtoolCase result{"Members fail, are idle, and are not known", step_, {}, {}};
    const auto count = static_cast<std::int64_t>(sli.slos.size());
    const std::int64_t phase = minutes(5) / step_;
    const auto events = [](std::int64_t member) { return 10.0 * static_cast<double>(member + 1); };
    const auto errors = [&](std::int64_t member) { return 5.0 + static_cast<double>(member); };
    double all = 0;
    double all_errors = 0;
    for (std::int64_t member = 0; member < count; ++member) {
      all += events(member);
      all_errors += errors(member);
      std::vector<MemberPair> pairs;
      for (std::int64_t i = 0; i < count; ++i)
        pairs.push_back({phase, events(member), i == member ? errors(member) : 0});
      pairs.push_back({phase, events(member), errors(member)});
      pairs.push_back({phase, 0, 0});
      pairs.push_back({phase, events(member), member == 0 ? std::nullopt : std::optional(errors(member))});
      Add(*sli.slos[static_cast<std::size_t>(member)], pairs, result);
    }
    // The first evaluation that sees a phase, and the last.
    const auto expect = [&](std::int64_t nth, double total, double error) {
      for (const Duration at : {(nth * phase + 1) * step_, (nth + 1) * phase * step_})
        ExpectBase(rules_, at, total, error, Group(), result);
    };
    const auto share = [&](std::int64_t member) { return errors(member) / events(member); };  // falls
    for (std::int64_t member = 0; member < count; ++member) {
      expect(member, sli.takes_worst ? 1 : all, sli.takes_worst ? share(member) : errors(member));
    }
    expect(count, sli.takes_worst ? 1 : all, sli.takes_worst ? share(0) : all_errors);
    expect(count + 1, 0, 0);
    const Duration unknown = (count + 3) * phase * step_ - step_;
    if (count == 1) {
      ExpectNoBase(rules_, unknown, Group(), result);
    } else if (sli.takes_worst) {
      ExpectBase(rules_, unknown, 1, share(1), Group(), result);
    } else {
      ExpectBase(rules_, unknown, all - events(0), all_errors - errors(0), Group(), result);
    }
    return result;
  }

 private:
  std::string Group() const { return GroupMatcher(rules_, "g"); }

  void Add(const std::string& slo, const std::vector<MemberPair>& pairs, PromtoolCase& result) const {
    LabelMap labels{{"slo_id", SloId(*rules_.policy.service, slo)}, {"slo_name", slo}};
    for (const Text& label : rules_.slo.by) labels.emplace(*label, "g");
    for (const bool is_total : {true, false}) {
      DrivenSeries series{is_total ? kTotalRate : kErrorRate, labels, Each::kValue, {}};
      for (const MemberPair& pair : pairs) {
        series.numbers.insert(series.numbers.end(), static_cast<std::size_t>(pair.steps),
                              is_total ? pair.total : pair.error);
      }
      result.series.push_back(Rendered(series, {step_, true}));
    }
  }

  const SloRules& rules_;
  Duration step_;
};

// Rates of two expressions, which may read the same series.
class PromqlProver {
 public:
  PromqlProver(const SloRules& rules, const PromqlSli& sli, bool closed_ranges)
      : rules_(rules), sli_(sli), timing_(TimingFor(*rules.policy.scrape_interval)) {
    clock_ = {timing_.step, closed_ranges};
    while (timing_.rate_window() < 2 * clock_.interval) clock_.interval /= 2;
  }

  Result<Cases> Find(const Vocabulary& vocabulary) {
    auto counted = TakeApart(sli_.counted, timing_.rate_window(), rules_.slo.by);
    if (!counted) return tl::make_unexpected(counted.error());
    auto total = TakeApart(sli_.total, timing_.rate_window(), rules_.slo.by);
    if (!total) return tl::make_unexpected(total.error());
    const DrivenQuery share{DrivenQuery::Form::kQuotient, *counted, *total, false};
    const auto drive = QueryDrive::For(share, vocabulary);
    if (!drive) return tl::make_unexpected(drive.error());
    const auto at_rest = [&](double bad) { return sli_.counts_bad ? bad : 1 - bad; };
    const std::int64_t phase = minutes(10) / clock_.interval;
    std::vector<DrivenSeries> series;
    drive->Add("g", {{at_rest(0), phase, 1}, {at_rest(0.1), phase, 1}, {at_rest(0), phase, 2}},
               clock_.interval, series);
    counted_ = {DrivenQuery::Form::kOperand, *std::move(counted), std::nullopt, false};
    total_ = {DrivenQuery::Form::kOperand, *std::move(total), std::nullopt, false};
    return Cases{Around(series), WithoutCounted(series)};
  }

 private:
  void Expect(const std::vector<DrivenSeries>& series, Duration at, PromtoolCase& result) const {
    const ValueByLabels total = ValuesAt(total_, series, at, clock_);
    const ValueByLabels counted = ValuesAt(counted_, series, at, clock_);
    const double all = total.empty() ? 0 : total.begin()->second;
    const double of_them = counted.empty() ? 0 : counted.begin()->second;
    ExpectBase(rules_, at, all, sli_.counts_bad ? of_them : std::max(0.0, all - of_them), Group(), result);
  }

  PromtoolCase Around(const std::vector<DrivenSeries>& series) const {
    PromtoolCase result{"Errors begin, and end as traffic doubles", clock_.interval, {}, {}};
    for (const DrivenSeries& one : series) result.series.push_back(Rendered(one, clock_));
    for (const Duration begin : {minutes(10), minutes(20)}) {
      for (Duration at = begin - timing_.step; at <= begin + timing_.rate_window() + timing_.step;
           at += timing_.step)
        Expect(series, at, result);
    }
    return result;
  }

  // What nobody has counted yet has no series.
  PromtoolCase WithoutCounted(std::vector<DrivenSeries> series) const {
    PromtoolCase result{"Nothing was counted yet", clock_.interval, {}, {}};
    std::erase_if(series, [&](const DrivenSeries& one) {
      return one.metric == counted_.operand.metric && Fulfil(one.labels, counted_.operand.where);
    });
    // Where good events are counted, what is left may be no events at all.
    if (!sli_.counts_bad) {
      for (DrivenSeries& one : series) one.numbers.assign(one.numbers.size(), 1.0);
    }
    for (const DrivenSeries& one : series) result.series.push_back(Rendered(one, clock_));
    Expect(series, minutes(9), result);
    return result;
  }

  std::string Group() const { return GroupMatcher(rules_, "g"); }

  const SloRules& rules_;
  const PromqlSli& sli_;
  Timing timing_;
  ScrapeClock clock_;
  DrivenQuery total_;
  DrivenQuery counted_;
};

// One for each kind, so that a new one does not compile without.
struct CasesOfKind {
  const SloRules& rules;
  Vocabulary vocabulary;
  bool closed_ranges;

  Result<Cases> operator()(const RatioSli& sli) const { return OfGauge(Of(sli)); }
  Result<Cases> operator()(const BooleanSli& sli) const { return OfGauge(Of(sli)); }
  Result<Cases> operator()(const FreshnessSli& sli) const { return OfGauge(Of(sli)); }
  Result<Cases> operator()(const ThresholdSli& sli) const { return OfGauge(Of(sli)); }
  Result<Cases> operator()(const TimesliceSli& sli) const {
    return Cases{MemberProver(rules).Timeslice(sli)};
  }
  Result<Cases> operator()(const CompositeSli& sli) const {
    return Cases{MemberProver(rules).Composite(sli)};
  }
  Result<Cases> operator()(const PromqlSli& sli) const {
    return PromqlProver(rules, sli, closed_ranges).Find(vocabulary);
  }
  Result<Cases> operator()(const NativeLatencySli&) const {
    return Fail("promtool's tests cannot write native histograms");
  }
  // They count events: base_cases.cc.
  Result<Cases> operator()(const EventsSli&) const { return Cases{}; }
  Result<Cases> operator()(const LatencySli&) const { return Cases{}; }

  Result<Cases> OfGauge(Gauge gauge) const { return GaugeProver(rules, std::move(gauge)).Find(vocabulary); }
};

}  // namespace

std::string BaseSuffix(const SloRules& rules) {
  return MaintenanceOf(rules.policy, rules.slo).empty() ? "" : "_all";
}

void ExpectBase(const SloRules& rules, Duration at, double total, double error, const std::string& group,
                PromtoolCase& result) {
  for (const auto& [record, rate] : {std::pair{kTotalRate, total}, std::pair{kErrorRate, error}}) {
    const std::string series = fmt::format("{}{}{{slo_id={}{}{}}}", record, BaseSuffix(rules),
                                           Quoted(rules.id()), group.empty() ? "" : ",", group);
    result.expectations.push_back(
        {fmt::format("sum(abs({} - {}) <= bool 1e-06)", series, PlainNumber(rate)), at, {{"{}", "1"}}});
  }
}

void ExpectNoBase(const SloRules& rules, Duration at, const std::string& group, PromtoolCase& result) {
  for (const char* record : {kTotalRate, kErrorRate}) {
    result.expectations.push_back({fmt::format("{}{}{{slo_id={}{}{}}}", record, BaseSuffix(rules),
                                               Quoted(rules.id()), group.empty() ? "" : ",", group),
                                   at,
                                   {}});
  }
}

Result<std::vector<PromtoolCase>> KindCases(const SloRules& rules, bool closed_ranges) {
  const CasesOfKind cases{rules, Vocabulary(*rules.policy.metric_namespace), closed_ranges};
  return std::visit(cases, rules.slo.sli);
}

}  // namespace fleet::rulegen
