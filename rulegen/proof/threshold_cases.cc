#include "rulegen/proof/threshold_cases.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>

#include "rulegen/plan/expr.h"
#include "rulegen/policy/timing.h"
#include "rulegen/proof/driven_series.h"
#include "rulegen/proof/firing.h"
#include "rulegen/proof/threshold_drive.h"

namespace fleet::rulegen {
namespace {

// The name of the group that never gets into trouble.
constexpr char kQuietGroup[] = "h";
// promtool loads at most 10,000 samples for an expression.
constexpr std::int64_t kMostEvaluations = 4000;

// A query that is driven, and what its value is compared with.
struct Side {
  DrivenQuery query;
  Comparison comparison = Comparison::kAbove;
  double bound = 0;
};

// Values around a bound. Odd numbers, so that no mean of two of them over some scrapes is the bound itself.
struct Levels {
  double quiet = 0;
  double beside = 0;         // the alert's side is not reached
  std::optional<double> on;  // exactly the bound, where it does not fire
  double beyond = 0;         // just
  double far = 0;
};

bool Compares(const Side& side, double value) {
  switch (side.comparison) {
    case Comparison::kAbove:
      return value > side.bound;
    case Comparison::kBelow:
      return value < side.bound;
    case Comparison::kEquals:
      return value == side.bound;
  }
  return false;
}

// Rounding could decide otherwise than here.
bool IsTooNear(const Side& side, double value, bool is_exact) {
  if (value == side.bound && (is_exact || value == 0)) return false;
  return std::abs(value - side.bound) <= 1e-9 * std::max(std::abs(value), std::abs(side.bound));
}

Levels CountLevels(const Side& side) {
  const double b = side.bound;
  switch (side.comparison) {
    case Comparison::kAbove:
      return {std::floor(b), std::floor(b), std::nullopt, std::floor(b) + 1, std::floor(b) + 3};
    case Comparison::kBelow:
      return {std::ceil(b) + 1, std::ceil(b), std::nullopt, std::ceil(b) - 1,
              std::max(1.0, std::ceil(b) - 2)};
    case Comparison::kEquals:
      break;
  }
  return {b + 2, b + 1, std::nullopt, b, b};
}

Levels LevelsOf(const Side& side, const QueryDrive& drive) {
  if (drive.is_count()) return CountLevels(side);
  const double b = side.bound;
  const double part = drive.is_exact() ? 0.001 : 0.01;
  const double towards_one = b + 0.4567 * (1 - b);
  // Split in four by Members, it stays a number that floats hold.
  const bool is_on = drive.is_exact() && std::floor(b * 16 * 6400) == b * 16 * 6400;
  const std::optional<double> on = is_on ? std::optional<double>(b) : std::nullopt;
  switch (side.comparison) {
    case Comparison::kAbove: {
      if (b == 0) return {0, 0, std::nullopt, 0.5, drive.is_share() ? 0.9 : 4};
      const double far = 2.7183 * b;
      return {b * 0.5, b * (1 - 0.93 * part), on, b * (1 + 1.23 * part),
              drive.is_share() ? std::min(far, towards_one) : far};
    }
    case Comparison::kBelow: {
      const double quiet = 1.7183 * b;
      return {drive.is_share() ? std::min(quiet, towards_one) : quiet, b * (1 + 0.93 * part), on,
              b * (1 - 1.23 * part), 0};
    }
    case Comparison::kEquals:
      break;
  }
  const double room = drive.is_share() ? 1 - b : 1;
  return {b + room, b + 0.0123 * room, std::nullopt, b, b};
}

class ThresholdProver {
 public:
  ThresholdProver(const Policy& policy, const ThresholdAlert& alert, bool closed_ranges)
      : alert_(alert),
        keep_firing_(EffectiveKeepFiring(policy, alert.keep_firing)),
        step_(TimingFor(*policy.scrape_interval).step) {
    clock_.closed_ranges = closed_ranges;
  }

  // Finds series for the query and for its condition.
  Result<void> Prepare(const Vocabulary& vocabulary) {
    if (auto added = AddSide(alert_.value, alert_.threshold, vocabulary); !added) return added;
    if (alert_.only_if) {
      if (auto added = AddSide(alert_.only_if->first, alert_.only_if->second, vocabulary); !added)
        return added;
    }
    for (const Side& side : sides_) {
      auto drive = QueryDrive::For(side.query, vocabulary);
      if (!drive) return tl::make_unexpected(drive.error());
      drives_.push_back(*std::move(drive));
      if (auto fit = CheckBound(side, drives_.back()); !fit) return fit;
    }
    if (sides_.size() == 2 && HaveCommonMetric()) return Fail("its condition is about the same series");
    FindInterval();
    return {};
  }

  Result<std::vector<PromtoolCase>> Cases() {
    cases_ = {};
    if (auto added = AddAroundTheBound(); !added) return tl::make_unexpected(added.error());
    AddNothing();
    if (sides_[0].query.over) AddEmptyDivisor();
    if (sides_.size() == 2) AddCondition();
    if (!too_near_.empty()) return Fail(too_near_);
    return std::move(cases_);
  }

  Duration step() const { return step_; }

 private:
  Result<void> AddSide(const Query& query, const Threshold& threshold, const Vocabulary& vocabulary) {
    auto driven = TakeApart(query, *threshold.bound, vocabulary);
    if (!driven) return tl::make_unexpected(driven.error());
    Side side{*std::move(driven), threshold.comparison, threshold.bound->value.ToDouble()};
    if (!query.quantiles.empty()) side.bound = (Decimal(1, 0) - *query.quantiles.front()).ToDouble();
    sides_.push_back(std::move(side));
    return {};
  }

  static Result<void> CheckBound(const Side& side, const QueryDrive& drive) {
    if (side.bound < 0) return Fail("nothing is ever below zero");
    if (drive.is_share() && side.comparison == Comparison::kAbove && side.bound >= 1)
      return Fail("no share is above 1");
    if (side.comparison == Comparison::kEquals && side.bound != 0 && !drive.is_exact())
      return Fail("whether a rate equals a number depends on its rounding");
    if (drive.is_count() && (side.bound > 50 || (side.comparison == Comparison::kBelow && side.bound < 2)))
      return Fail("that many series are not made up");
    return {};
  }

  bool HaveCommonMetric() const {
    std::set<std::string> seen;
    for (const Side& side : sides_) {
      std::set<std::string> own{side.query.operand.metric};
      if (side.query.over) own.insert(side.query.over->metric);
      for (const std::string& metric : own) {
        if (!seen.insert(metric).second) return true;
      }
    }
    return false;
  }

  // Scrapes at every evaluation, or as often as the shortest window needs.
  void FindInterval() {
    Duration shortest = std::chrono::hours(1);
    for (const Side& side : sides_) {
      for (const Operand* operand : {&side.query.operand, side.query.over ? &*side.query.over : nullptr}) {
        if (operand != nullptr && operand->window.count() > 0) shortest = std::min(shortest, operand->window);
      }
    }
    clock_.interval = step_;
    for (const int part : {2, 3, 6}) {
      if (shortest < 3 * clock_.interval) clock_.interval = step_ / part;
    }
    window_ = Duration{0};
    for (const QueryDrive& drive : drives_) window_ = std::max(window_, drive.longest_window());
    // Each phase is long enough for every window to be full of it, and for the alert to wait and to go on.
    const Duration least = window_ + *alert_.hold + keep_firing_ + 4 * step_;
    phase_ = (least.count() + step_.count() - 1) / step_.count() * step_ / clock_.interval;
  }

  std::int64_t ScrapesFor(Duration duration) const { return duration / clock_.interval; }

  std::int64_t ScrapesOf(const std::vector<Phase>& phases) const {
    std::int64_t count = 0;
    for (const Phase& phase : phases) count += phase.scrapes;
    return count;
  }

  // The condition, if there is one, holds as long as the case lasts.
  std::vector<Phase> Met(std::int64_t scrapes) const {
    if (sides_.size() < 2) return {};
    return {{LevelsOf(sides_[1], drives_[1]).far, scrapes, 1}};
  }

  std::vector<DrivenSeries> SeriesFor(const std::vector<Phase>& main, const std::vector<Phase>& condition) {
    std::vector<DrivenSeries> series;
    drives_[0].Add(kFirstGroup, main, clock_.interval, series);
    const std::int64_t scrapes = ScrapesOf(main);
    drives_[0].Add(kQuietGroup, {{LevelsOf(sides_[0], drives_[0]).quiet, scrapes, 1}}, clock_.interval,
                   series);
    AddConditionSeries(condition.empty() ? Met(scrapes) : condition, series);
    for (std::size_t i = 0; i < sides_.size(); ++i) {
      drives_[i].AddStrangers(LevelsOf(sides_[i], drives_[i]).far, scrapes, clock_.interval, series);
    }
    return series;
  }

  void AddConditionSeries(const std::vector<Phase>& phases, std::vector<DrivenSeries>& series) {
    if (sides_.size() < 2) return;
    for (const char* group : {kFirstGroup, kQuietGroup})
      drives_[1].Add(group, phases, clock_.interval, series);
  }

  // The alerts of which labels are active.
  std::set<LabelMap> ActiveAt(const std::vector<DrivenSeries>& series, Duration at) {
    std::set<LabelMap> active = HoldingAt(0, series, at);
    if (sides_.size() < 2) return active;
    const std::set<LabelMap> conditions = HoldingAt(1, series, at);
    std::erase_if(active, [&](const LabelMap& labels) {
      return std::none_of(conditions.begin(), conditions.end(), [&](const LabelMap& met) {
        return std::all_of(
            alert_.only_if->first.by.begin(), alert_.only_if->first.by.end(), [&](const Text& by) {
              const auto own = labels.find(*by);
              const auto other = met.find(*by);
              return (own == labels.end() ? "" : own->second) == (other == met.end() ? "" : other->second);
            });
      });
    });
    return active;
  }

  std::set<LabelMap> HoldingAt(std::size_t side, const std::vector<DrivenSeries>& series, Duration at) {
    std::set<LabelMap> holding;
    for (const auto& [labels, value] : ValuesAt(sides_[side].query, series, at, clock_)) {
      if (IsTooNear(sides_[side], value, drives_[side].is_exact()))
        too_near_ = "a made-up value is too near to the bound to be predicted";
      if (Compares(sides_[side], value)) holding.insert(labels);
    }
    return holding;
  }

  // Adds the case, with all that was predicted of it.
  std::map<LabelMap, std::vector<Firing>> AddCase(const std::string& name,
                                                  const std::vector<DrivenSeries>& series,
                                                  std::int64_t scrapes) {
    PromtoolCase result{name, clock_.interval, {}, {}};
    for (const DrivenSeries& one : series) result.series.push_back(Rendered(one, clock_));
    // promtool wants some series.
    if (series.empty()) result.series.push_back({"nothing", fmt::format("0x{}", scrapes)});
    const Duration until = (scrapes - 1) * clock_.interval / step_ * step_;
    std::vector<std::set<LabelMap>> active;
    std::set<LabelMap> seen;
    for (Duration at{0}; at <= until; at += step_) {
      active.push_back(ActiveAt(series, at));
      seen.insert(active.back().begin(), active.back().end());
    }
    std::map<LabelMap, std::vector<Firing>> firings;
    for (const LabelMap& labels : seen) {
      auto found = PredictFirings({*alert_.hold, keep_firing_, step_, until}, [&](Duration at) {
        return active[static_cast<std::size_t>(at / step_)].count(labels) != 0;
      });
      if (!found.empty()) firings[labels] = std::move(found);
    }
    ExpectTransitions(firings, until, result);
    ExpectCounts(firings, until, result);
    cases_.push_back(std::move(result));
    return firings;
  }

  std::string Alerts() const {
    return fmt::format("ALERTS{{alertname={},alertstate=\"firing\"}}", Quoted(*alert_.alert));
  }

  static bool IsFiring(const std::vector<Firing>& firings, Duration at) {
    return std::any_of(firings.begin(), firings.end(), [&](const Firing& firing) {
      return firing.begin <= at && (!firing.end || at < *firing.end);
    });
  }

  // Who fires one evaluation before each change, and at it.
  void ExpectTransitions(const std::map<LabelMap, std::vector<Firing>>& firings, Duration until,
                         PromtoolCase& result) const {
    std::set<Duration> times{until};
    for (const auto& [labels, own] : firings) {
      for (const Firing& firing : own) {
        for (const Duration at : {firing.begin, firing.end.value_or(until)}) {
          if (at >= step_) times.insert(at - step_);
          times.insert(at);
        }
      }
    }
    std::string by;
    for (const std::string& label : drives_[0].group_labels()) by += (by.empty() ? "" : ", ") + label;
    const std::string expr = fmt::format("count by ({}) ({})", by, Alerts());
    for (const Duration at : times) {
      Expectation expectation{expr, at, {}};
      for (const auto& [labels, own] : firings) {
        if (IsFiring(own, at))
          expectation.samples.emplace_back(fmt::format("{{{}}}", MatchersOf(labels)), "1");
      }
      result.expectations.push_back(std::move(expectation));
    }
  }

  // At how many evaluations, so that none in between is missed.
  void ExpectCounts(const std::map<LabelMap, std::vector<Firing>>& firings, Duration until,
                    PromtoolCase& result) const {
    for (Duration begin{0}; begin <= until; begin += kMostEvaluations * step_) {
      const Duration last = std::min(until, begin + (kMostEvaluations - 1) * step_);
      std::int64_t count = 0;
      for (Duration at = begin; at <= last; at += step_) {
        for (const auto& [labels, own] : firings) count += IsFiring(own, at) ? 1 : 0;
      }
      Expectation expectation{
          fmt::format("sum(count_over_time({}[{}]))", Alerts(), PrintDuration(last - begin + step_ / 2)),
          last,
          {}};
      if (count > 0) expectation.samples.emplace_back("{}", std::to_string(count));
      result.expectations.push_back(std::move(expectation));
    }
  }

  // Whether a break in which the value is quiet can be told to the evaluation.
  bool HasBreak() const { return window_.count() == 0 && keep_firing_ >= step_; }

  // Too short for `for`, and a break too short for `keep_firing_for`, by one evaluation each.
  void AddTooShort(const Levels& levels, std::vector<Phase>& phases) const {
    const auto scrapes_below = [&](Duration duration) {
      return ScrapesFor((duration + step_ - Duration(1)) / step_ * step_);
    };
    if (window_.count() == 0 && *alert_.hold >= step_) {
      phases.push_back({levels.far, scrapes_below(*alert_.hold), 1});
      phases.push_back({levels.quiet, phase_, 1});
    }
    if (HasBreak()) {
      phases.push_back({levels.far, phase_, 1});
      phases.push_back({levels.quiet, scrapes_below(keep_firing_), 1});
      phases.push_back({levels.far, phase_, 1});
      phases.push_back({levels.quiet, phase_, 1});
    }
  }

  Result<void> AddAroundTheBound() {
    const Levels levels = LevelsOf(sides_[0], drives_[0]);
    std::vector<Phase> phases = {{levels.quiet, phase_, 1}, {levels.beside, phase_, 1}};
    if (levels.on) phases.push_back({*levels.on, phase_, 1});
    const std::int64_t silent = ScrapesOf(phases);
    phases.push_back({levels.beyond, phase_, 1});
    phases.push_back({levels.quiet, phase_, 1});
    phases.push_back({levels.far, phase_, 1});
    phases.push_back({levels.quiet, phase_, 1});
    AddTooShort(levels, phases);
    const auto firings = AddCase("Around the bound", SeriesFor(phases, {}), ScrapesOf(phases));
    // While windows are young, quotients of two of them are anything; that is predicted, too, but shows
    // nothing.
    const Duration young = phase_ * clock_.interval;
    std::vector<Firing> grown;
    for (const auto& [labels, own] : firings) {
      for (const Firing& firing : own) {
        if (!firing.end || *firing.end > young) grown.push_back(firing);
      }
    }
    if (grown.size() != (HasBreak() ? 3 : 2) || grown.front().begin < silent * clock_.interval)
      return Fail("series on each side of the bound cannot be told apart");
    return {};
  }

  void AddNothing() {
    std::vector<DrivenSeries> series;
    const std::int64_t scrapes = 2 * phase_;
    AddConditionSeries(Met(scrapes), series);
    AddCase("Nothing is there", series, scrapes);
  }

  void AddEmptyDivisor() {
    const Levels levels = LevelsOf(sides_[0], drives_[0]);
    const std::vector<Phase> phases = {{levels.far, 2 * phase_, 0}};
    std::vector<DrivenSeries> series;
    drives_[0].Add(kFirstGroup, phases, clock_.interval, series);
    AddConditionSeries(Met(2 * phase_), series);
    AddCase("Over nothing", series, 2 * phase_);
  }

  void AddCondition() {
    const Levels levels = LevelsOf(sides_[0], drives_[0]);
    const Levels condition = LevelsOf(sides_[1], drives_[1]);
    const std::vector<Phase> phases = {{levels.far, 4 * phase_, 1}};
    AddCase("The condition holds for some time",
            SeriesFor(phases, {{condition.quiet, phase_, 1},
                               {condition.beside, phase_, 1},
                               {condition.beyond, phase_, 1},
                               {condition.quiet, phase_, 1}}),
            4 * phase_);
  }

  const ThresholdAlert& alert_;
  Duration keep_firing_;
  Duration step_;
  ScrapeClock clock_;
  Duration window_{0};       // the longest of all
  std::int64_t phase_ = 0;   // scrapes
  std::vector<Side> sides_;  // the value, and what it depends on
  std::vector<QueryDrive> drives_;
  std::vector<PromtoolCase> cases_;
  std::string too_near_;
};

}  // namespace

Result<ProofFile> ThresholdProof(const Policy& policy, const ThresholdAlert& alert,
                                 const std::vector<RuleGroup>& groups, bool closed_ranges) {
  const std::string group = *policy.service + ":" + *alert.group;
  std::vector<RuleGroup> own;
  for (const RuleGroup& each : groups) {
    if (each.name == group) own.push_back(each);
  }
  const auto is_wanted = [&](const Rule& rule) { return rule.is_alert && rule.name == *alert.alert; };
  std::vector<RuleGroup> cut = Cut(own, is_wanted, {});
  if (cut.empty()) return Fail("the rules do not have it");
  ThresholdProver prover(policy, alert, closed_ranges);
  if (auto prepared = prover.Prepare(Vocabulary(*policy.metric_namespace)); !prepared)
    return tl::make_unexpected(prepared.error());
  auto cases = prover.Cases();
  if (!cases) return tl::make_unexpected(cases.error());
  ProofFile proof = MakeProof("alert-" + *alert.alert, *policy.service + ": alert " + *alert.alert,
                              std::move(cut), prover.step());
  proof.tests.cases = *std::move(cases);
  return proof;
}

}  // namespace fleet::rulegen
