#include "rulegen/plan/slo_alerts.h"

#include "rulegen/plan/annotations.h"

namespace fleet::rulegen {
namespace {

using std::chrono::minutes;

constexpr Duration kIdleWindow = minutes(15);
constexpr Duration kIdleHold = minutes(5);
constexpr Duration kBlindHold = minutes(5);
// How long a group that has vanished is missed; afterwards it counts as gone for good.
constexpr Duration kMissedFor = std::chrono::hours(1);

// Sums of floating numbers: N - 0.5 is between N - 1 and N events.
Expr AtLeast(const Expr& count, std::int64_t events) {
  return Binary(count, ">", Number(Decimal(10 * events - 5, 1)));
}

class AlertPlanner {
 public:
  AlertPlanner(const SloContext& context, RuleGroup& group)
      : context_(context),
        policy_(context.policy),
        slo_(context.slo),
        group_(group),
        series_(context.series) {}

  // The identity is static, too: absent() has no other, and rules of one name must differ by their labels.
  void Add(const Text& name, const Expr& expr, Duration hold, AlertSeverity severity, const char* tier,
           Labels texts) {
    Rule rule{true, *name, expr.text, hold, Duration{0}, UserLabels(policy_, slo_.labels), std::move(texts)};
    for (auto& label : IdentityLabels(policy_, slo_)) rule.labels.push_back(std::move(label));
    AddSeverity(severity, slo_.observe, rule.labels);
    rule.labels.emplace_back("slo_tier", tier);
    group_.rules.push_back(std::move(rule));
  }

  // Both windows burn too fast: the long one says that it matters, the short one that it still lasts.
  void AddTier(const BurnTier& tier) {
    const Expr limit =
        Binary(Number(BurnFactor(tier, *slo_.period).Round()), "*", Number(ErrorBudget(*slo_.objective)));
    const Expr burning = Binary(Binary(series_.Ratio(*tier.long_window), ">", limit), "and",
                                Binary(series_.Ratio(*tier.short_window), ">", limit), Layout::kOwnLine);
    Add(tier.alert, Guarded(burning, *tier.long_window), *tier.hold, *tier.severity, tier.tier->c_str(),
        BurnRateTexts(policy_, slo_, tier));
    group_.rules.back().keep_firing = EffectiveKeepFiring(policy_, tier.keep_firing);
  }

  void AddBreach() {
    const BreachAlert& breach = *slo_.breach;
    const Expr too_many = Binary(series_.Ratio(*breach.window), ">", Number(ErrorBudget(*slo_.objective)));
    Add(breach.alert, Guarded(too_many, *breach.window), *breach.hold, *breach.severity, "breach",
        BreachTexts(policy_, slo_));
  }

  void AddNoData() {
    Expr missing = Binary(Call("absent", {series_.Total()}), "or", Call("absent", {series_.Error()}));
    if (!slo_.by.empty()) {
      // absent() sees only that all groups are gone; a group that was there an hour ago is missed, too.
      std::vector<Text> identity = {{"slo_id", {}}};
      identity.insert(identity.end(), slo_.by.begin(), slo_.by.end());
      Expr before = series_.TotalPer(kLongInterval);
      before.text += " offset " + PrintDuration(kMissedFor);
      missing =
          Binary(missing, "or", Binary(before, "unless", series_.Total(), Layout::kInline, On(identity)),
                 Layout::kOwnLine);
    }
    const Expr is_scraped =
        Binary(Call("max", {Series("up", Matcher("job", *policy_.job))}), "==", Number(1));
    Add(slo_.no_data->alert, Binary(missing, "and", is_scraped, Layout::kOwnLine, "on ()"), kBlindHold,
        *slo_.no_data->severity, "blind", NoDataTexts(policy_, slo_));
  }

  void AddNoTraffic() {
    const Expr most = Call("max_over_time", {Range(series_.Total(), context_.timing.RecordsOf(kIdleWindow))});
    Expr is_idle = Binary(most, "==", Number(0));
    if (!context_.maintenance.empty()) {
      // Maintenance looks like silence, and is none.
      const Expr recent = Call("max_over_time", {Range(series_.Maintenance(), kIdleWindow)});
      is_idle = Binary(is_idle, "and", Binary(recent, "==", Number(0)), Layout::kOwnLine, "on (slo_id)");
    }
    Add(slo_.no_traffic->alert, is_idle, kIdleHold, *slo_.no_traffic->severity, "idle",
        NoTrafficTexts(policy_, slo_));
  }

  void AddBudgetLow() {
    const BudgetAlert& low = *slo_.budget_low;
    const Expr left = series_.BudgetLeft();
    Expr expr = Binary(left, "<", Number(*low.below));
    // Below 0 the alert for a spent budget takes over, where there is one.
    if (slo_.budget_spent) expr = Binary(expr, "and", Binary(left, ">", Number(0)));
    Add(low.alert, expr, Duration{0}, *low.severity, "budget-low", BudgetLowTexts(policy_, slo_));
  }

  void AddBudgetSpent() {
    Add(slo_.budget_spent->alert, Binary(series_.BudgetLeft(), "<=", Number(0)), Duration{0},
        *slo_.budget_spent->severity, "budget-exhausted", BudgetSpentTexts(policy_, slo_));
  }

 private:
  // Few errors or events in the window are no alert. Only alerts are guarded; ratios and budgets never are.
  // In the long group the subquery fixes the records per minute, whatever interval the group is run at.
  Expr Guarded(Expr expr, Duration window) const {
    const bool is_long = window > kLongestFastWindow;
    const auto events = [&](const Expr& in_step, const Expr& in_minute) {
      const Expr records = is_long ? Subquery(in_minute, window, kLongInterval)
                                   : Range(in_step, context_.timing.RecordsOf(window));
      const Duration each = is_long ? kLongInterval : context_.timing.step;
      return Binary(Call("sum_over_time", {records}), "*",
                    Number(std::int64_t{std::chrono::duration_cast<std::chrono::seconds>(each).count()}));
    };
    if (slo_.min_errors) {
      const Expr errors = events(series_.Error(), series_.ErrorPer(kLongInterval));
      expr = Binary(expr, "and", AtLeast(errors, **slo_.min_errors), Layout::kOwnLine);
    }
    if (slo_.min_events) {
      const Expr all = events(series_.Total(), series_.TotalPer(kLongInterval));
      expr = Binary(expr, "and", AtLeast(all, **slo_.min_events), Layout::kOwnLine);
    }
    return expr;
  }

  const SloContext& context_;
  const Policy& policy_;
  const Slo& slo_;
  RuleGroup& group_;
  const SloSeries& series_;
};

}  // namespace

void AddFastAlerts(const SloContext& context, RuleGroup& group) {
  AlertPlanner planner(context, group);
  const Slo& slo = context.slo;
  for (const BurnTier& tier : slo.tiers) {
    if (*tier.long_window <= kLongestFastWindow) planner.AddTier(tier);
  }
  if (slo.breach) planner.AddBreach();
  if (slo.no_data) planner.AddNoData();
  if (slo.no_traffic) planner.AddNoTraffic();
}

void AddLongAlerts(const SloContext& context, RuleGroup& group) {
  AlertPlanner planner(context, group);
  const Slo& slo = context.slo;
  for (const BurnTier& tier : slo.tiers) {
    if (*tier.long_window > kLongestFastWindow) planner.AddTier(tier);
  }
  if (slo.budget_low) planner.AddBudgetLow();
  if (slo.budget_spent) planner.AddBudgetSpent();
}

}  // namespace fleet::rulegen
