#include "rulegen/proof/base_cases.h"

#include <fmt/format.h>

#include <functional>
#include <variant>

#include "rulegen/plan/slo_series.h"
#include "rulegen/policy/timing.h"
#include "rulegen/proof/base_kinds.h"
#include "rulegen/proof/raw_series.h"
#include "rulegen/proof/values.h"

namespace fleet::rulegen {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using Counts = RawSeries::Counts;

// Scrapes every 5 s: then the newest one is exactly kSettle old when the rules look.
constexpr Duration kScrape = kSettle;
constexpr int kGood = 90;  // events between two scrapes
constexpr int kBad = 10;

int PerScrape(Counts counts, bool errors) {
  switch (counts) {
    case Counts::kAll:
      return kGood + (errors ? kBad : 0);
    case Counts::kGood:
      return kGood;
    case Counts::kBad:
      return errors ? kBad : 0;
  }
  return 0;
}

class BaseProver {
 public:
  BaseProver(const SloRules& rules, std::vector<RawSeries> series)
      : rules_(rules),
        series_(std::move(series)),
        timing_(TimingFor(*rules.policy.scrape_interval)),
        per_step_(timing_.step / kScrape) {}

  std::vector<PromtoolCase> Cases() const {
    return {Beginning(),
            NoErrorSeries(),
            Idle(),
            Reset(),
            CrashLoop("Counters are reset before the first scrape of every step", 0),
            CrashLoop("Counters are reset amid every step", per_step_ / 2),
            NewTarget(),
            Gap(),
            End()};
  }

 private:
  using ValuesOf = std::function<Values(Counts)>;

  PromtoolCase Case(std::string name, const ValuesOf& values,
                    const std::string& extra = "instance=\"a\"") const {
    PromtoolCase result{std::move(name), kScrape, {}, {}};
    Add(result, values, extra);
    return result;
  }

  void Add(PromtoolCase& result, const ValuesOf& values, const std::string& extra) const {
    for (const RawSeries& series : series_) {
      const std::string labels = series.matchers + (series.matchers.empty() ? "" : ",") + extra;
      Values text = values(series.counts);
      result.series.push_back({fmt::format("{}{{{}}}", series.metric, labels), text.Text()});
    }
  }

  // In the step that ended kSettle before `at`.
  void Expect(PromtoolCase& result, Duration at, double total, double error) const {
    ExpectBase(rules_, at, total / ToSeconds(timing_.step), error / ToSeconds(timing_.step), "", result);
  }

  // The evaluation at least so many minutes after the start.
  Duration At(int minute, int steps_later = 0) const { return minutes(minute) + steps_later * timing_.step; }
  std::int64_t ScrapesUntil(Duration at) const { return at / kScrape; }
  double Step(int events) const { return static_cast<double>(events * per_step_); }

  // No errors until minute 6, whose evaluation sees none, as the errors come after its newest reading.
  PromtoolCase Beginning() const {
    const std::int64_t before = ScrapesUntil(At(6));
    PromtoolCase result = Case("Errors begin", [&](Counts counts) {
      const int first = PerScrape(counts, false);
      const int then = PerScrape(counts, true);
      const auto reached = static_cast<double>(first * before);
      return Values().Grow(0, first, before + 1).Grow(reached + then, then, 2 * per_step_);
    });
    Expect(result, At(6), Step(kGood), 0);
    Expect(result, At(6, 1), Step(kGood) + kBad * static_cast<double>(per_step_ - 1),
           kBad * static_cast<double>(per_step_ - 1));
    Expect(result, At(6, 2), Step(kGood + kBad), Step(kBad));
    return result;
  }

  // What nobody has counted yet has no series; 0 errors, not none.
  PromtoolCase NoErrorSeries() const {
    PromtoolCase result{"No series of errors", kScrape, {}, {}};
    for (const RawSeries& series : series_) {
      if (series.counts == Counts::kBad) continue;
      result.series.push_back({fmt::format("{}{{{}}}", series.metric, series.matchers),
                               Values().Grow(0, kGood, ScrapesUntil(At(6))).Text()});
    }
    Expect(result, At(5), Step(kGood), 0);
    return result;
  }

  PromtoolCase Idle() const {
    PromtoolCase result = Case("Idle", [&](Counts) { return Values().Add(700, ScrapesUntil(At(8))); });
    Expect(result, At(7), 0, 0);
    return result;
  }

  // Two scrapes after a reading every counter begins anew. What it counted before that, and what it had
  // counted at the first scrape after it, is growth.
  PromtoolCase Reset() const {
    const std::int64_t before = ScrapesUntil(At(6)) + 2;
    PromtoolCase result = Case("Counters are reset", [&](Counts counts) {
      const int each = PerScrape(counts, true);
      return Values().Grow(0, each, before).Grow(each, each, 3 * per_step_);
    });
    for (const int steps_later : {0, 1, 2})
      Expect(result, At(6, steps_later), Step(kGood + kBad), Step(kBad));
    return result;
  }

  // Once in a step, so that readings a step apart are the same.
  PromtoolCase CrashLoop(std::string name, std::int64_t scrapes_later) const {
    PromtoolCase result = Case(std::move(name), [&](Counts counts) {
      const int each = PerScrape(counts, true);
      Values values;
      values.Grow(each, each, scrapes_later);
      for (std::int64_t at = scrapes_later; at <= ScrapesUntil(At(7)); at += per_step_)
        values.Grow(each, each, per_step_);
      return values;
    });
    Expect(result, At(6), Step(kGood + kBad), Step(kBad));
    Expect(result, At(6, 1), Step(kGood + kBad), Step(kBad));
    return result;
  }

  // Its first reading is the count of a whole life, and adds nothing; what it grows by after it does.
  PromtoolCase NewTarget() const {
    const std::int64_t before = ScrapesUntil(At(6));
    const std::int64_t count = before + 3 * per_step_;
    PromtoolCase result = Case(
        "A target is new", [&](Counts counts) { return Values().Grow(0, PerScrape(counts, true), count); });
    Add(
        result,
        [&](Counts counts) {
          const int each = PerScrape(counts, true);
          return Values().Skip(before).Grow(1'000'000.0 * each, each, 3 * per_step_);
        },
        "instance=\"b\"");
    const auto grown = static_cast<double>(per_step_ - 1);
    Expect(result, At(6, 1), Step(kGood + kBad) + (kGood + kBad) * grown, Step(kBad) + kBad * grown);
    Expect(result, At(6, 2), 2 * Step(kGood + kBad), 2 * Step(kBad));
    return result;
  }

  // Four minutes without a scrape: their events count in the step in which the target is back.
  PromtoolCase Gap() const {
    const std::int64_t before = ScrapesUntil(At(6));
    const std::int64_t missed = ScrapesUntil(At(4));
    PromtoolCase result = Case("Scrapes fail for four minutes", [&](Counts counts) {
      const int each = PerScrape(counts, true);
      return Values()
          .Grow(0, each, before)
          .Skip(missed)
          .Grow(static_cast<double>(each * (before + missed)), each, 2 * per_step_);
    });
    Expect(result, At(8), 0, 0);
    const auto counted = static_cast<double>(missed + per_step_);
    Expect(result, At(10, 1), (kGood + kBad) * counted, kBad * counted);
    Expect(result, At(10, 2), Step(kGood + kBad), Step(kBad));
    return result;
  }

  PromtoolCase End() const {
    const std::int64_t before = ScrapesUntil(At(6));
    PromtoolCase result = Case(
        "The series end", [&](Counts counts) { return Values().Grow(0, PerScrape(counts, true), before); });
    Expect(result, At(8), 0, 0);
    const Duration gone = At(6) + timing_.bridge + minutes(2);
    ExpectNoBase(rules_, gone, "", result);
    return result;
  }

  const SloRules& rules_;
  std::vector<RawSeries> series_;
  Timing timing_;
  std::int64_t per_step_;
};

}  // namespace

Result<ProofFile> BaseProof(const SloRules& rules, const std::string& name, bool closed_ranges) {
  const std::string suffix = BaseSuffix(rules);
  const auto is_wanted = [&](const Rule& rule) {
    return rule.name == kTotalRate + suffix || rule.name == kErrorRate + suffix;
  };
  ProofFile proof =
      MakeProof(name + "-base", rules.id() + ": events of each step", Cut(rules.groups, is_wanted, {}),
                TimingFor(*rules.policy.scrape_interval).step);
  const Sli& sli = rules.slo.sli;
  if (!std::holds_alternative<EventsSli>(sli) && !std::holds_alternative<LatencySli>(sli)) {
    auto cases = KindCases(rules, closed_ranges);
    if (!cases) return tl::make_unexpected(cases.error());
    proof.tests.cases = *std::move(cases);
    return proof;
  }
  auto series = RawSeriesOf(rules.slo, Vocabulary(*rules.policy.metric_namespace));
  if (!series) return Fail("no labels were found that fulfil its conditions");
  proof.tests.cases = BaseProver(rules, *std::move(series)).Cases();
  return proof;
}

}  // namespace fleet::rulegen
