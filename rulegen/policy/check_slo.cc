// What of an SLO needs more than its windows: selectors, traffic, other SLOs, the target, maintenance.
#include <fmt/format.h>

#include <algorithm>
#include <variant>

#include "lib/base/text.h"
#include "lib/promql/regex.h"
#include "lib/promql/rewrite.h"
#include "rulegen/policy/burn_rate.h"
#include "rulegen/policy/check_parts.h"

namespace fleet::rulegen {
namespace {

using std::chrono::hours;

bool Satisfies(const std::string& value, const Condition& condition) {
  const auto is_value = [&](const Text& other) { return *other == value; };
  switch (condition.kind) {
    case MatchKind::kOneOf:
      return std::ranges::any_of(condition.values, is_value);
    case MatchKind::kNoneOf:
      return std::ranges::none_of(condition.values, is_value);
    case MatchKind::kMatches:
      return promql::RegexMatches(*condition.values.front(), value);
    case MatchKind::kExcludes:
      return !promql::RegexMatches(*condition.values.front(), value);
  }
  return false;
}

bool HasSameValues(const Condition& a, const Condition& b) {
  return std::ranges::equal(a.values, b.values, {}, &Text::value, &Text::value);
}

// Every value that `narrow` lets through is let through by `wide`, as far as can be told.
bool Implies(const Condition& narrow, const Condition& wide) {
  if (*narrow.label != *wide.label) return false;
  if (narrow.kind == MatchKind::kOneOf) {
    return std::ranges::all_of(narrow.values, [&](const Text& value) { return Satisfies(*value, wide); });
  }
  if (narrow.kind == MatchKind::kNoneOf && wide.kind == MatchKind::kNoneOf) {
    return std::ranges::all_of(wide.values, [&](const Text& value) { return !Satisfies(*value, narrow); });
  }
  return narrow.kind == wide.kind && HasSameValues(narrow, wide);
}

bool CanBeRead(const Condition& condition) {
  const bool is_regex = condition.kind == MatchKind::kMatches || condition.kind == MatchKind::kExcludes;
  return !condition.values.empty() && (!is_regex || !promql::RegexError(*condition.values.front()));
}

// Good or bad events of a metric of their own: where it has a label by which the total is narrowed, they
// must be narrowed, too, or they count what the total does not.
void CheckSubset(const CheckContext& context, const EventsSli& sli) {
  const catalog::MetricDef* metric = context.vocabulary.Find(*sli.counted.metric);
  if (metric == nullptr) return;
  const std::vector<std::string_view> labels = Vocabulary::LabelNames(*metric);
  for (const Condition& wide : sli.total.where) {
    if (!CanBeRead(wide) || std::ranges::find(labels, *wide.label) == labels.end()) continue;
    const auto implies = [&](const Condition& narrow) { return CanBeRead(narrow) && Implies(narrow, wide); };
    if (std::ranges::any_of(sli.counted.where, implies)) continue;
    context.diagnostics
        .AddError(sli.counted.metric.span, "selector-subset",
                  fmt::format("{} counts events that the total does not: 'total' has a condition on '{}'",
                              *sli.counted.metric, *wide.label))
        .notes.push_back("give it the same condition, or leave out 'metric' to narrow 'total'");
  }
}

// What narrows the total must leave something of it.
void CheckNotEmpty(const CheckContext& context, const EventsSli& sli) {
  for (std::size_t i = sli.total.where.size(); i < sli.counted.where.size(); ++i) {
    const Condition& own = sli.counted.where[i];
    for (const Condition& wide : sli.total.where) {
      if (*own.label != *wide.label || !CanBeRead(own) || !CanBeRead(wide)) continue;
      const Condition& listed = own.kind == MatchKind::kOneOf ? own : wide;
      const Condition& other = own.kind == MatchKind::kOneOf ? wide : own;
      if (listed.kind != MatchKind::kOneOf) continue;
      const auto fits = [&](const Text& value) { return Satisfies(*value, other); };
      if (std::ranges::any_of(listed.values, fits)) continue;
      context.diagnostics.AddError(
          own.label.span, "selector-empty",
          fmt::format("'total' has no events with this '{}', so nothing would ever be counted", *own.label));
    }
  }
}

const Slo* FindSlo(const Policy& policy, const std::string& name) {
  const auto found = std::ranges::find_if(policy.slos, [&](const Slo& slo) { return *slo.name == name; });
  return found == policy.slos.end() ? nullptr : &*found;
}

// Null after a report.
const Slo* FindNamedSlo(const CheckContext& context, const Text& name) {
  if (const Slo* slo = FindSlo(context.policy, *name)) return slo;
  if (name->empty()) return nullptr;
  std::vector<std::string_view> known;
  for (const Slo& slo : context.policy.slos) known.push_back(*slo.name);
  Diagnostic& diagnostic = context.diagnostics.AddError(
      name.span, "reference-unknown", fmt::format("no SLO is called '{}'", Printable(*name)));
  SuggestClosest(diagnostic, *name, known);
  return nullptr;
}

bool IsMadeOfOthers(const Slo& slo) {
  return std::holds_alternative<TimesliceSli>(slo.sli) || std::holds_alternative<CompositeSli>(slo.sli);
}

std::vector<Text> MembersOf(const Slo& slo) {
  if (const auto* slices = std::get_if<TimesliceSli>(&slo.sli)) return {slices->slo};
  if (const auto* composite = std::get_if<CompositeSli>(&slo.sli)) return composite->slos;
  return {};
}

void CheckMember(const CheckContext& context, const Slo& slo, const Text& name) {
  const Slo* member = FindNamedSlo(context, name);
  if (member == nullptr) return;
  if (IsMadeOfOthers(*member)) {
    context.diagnostics.AddError(
        name.span, "member-invalid",
        fmt::format("'{}' is made of other SLOs itself; name those that count events", *name));
    return;
  }
  for (const Text& label : slo.by) {
    const auto is_label = [&](const Text& other) { return *other == *label; };
    if (std::ranges::any_of(member->by, is_label)) continue;
    context.diagnostics.AddError(label.span, "member-invalid",
                                 fmt::format("'{}' is not grouped by '{}'", *name, Printable(*label)));
  }
}

// A single bad event of a quiet hour would fire the tier.
void CheckTrafficOf(const CheckContext& context, const Slo& slo, const BurnTier& tier) {
  const double in_window = (**slo.expected_events).ToDouble() * ToSeconds(*tier.long_window) / 3600;
  const double limit =
      BurnFactor(tier, *slo.period).Round().ToDouble() * ErrorBudget(*slo.objective).ToDouble();
  if (in_window * limit >= 1) return;
  if (slo.min_errors && **slo.min_errors > 1) return;
  if (slo.min_events && static_cast<double>(**slo.min_events) > in_window) return;
  context.diagnostics
      .AddError(
          slo.expected_events->span, "traffic-low",
          fmt::format("one bad event fires {}: of the {:.6g} events of {} it is {:.4g} %, and {:.4g} % do",
                      *tier.alert, in_window, PrintDuration(*tier.long_window), 100 / in_window, 100 * limit))
      .notes.push_back(
          "set 'min_errors: 2' or more, choose 'burn_rates: low-traffic', or lower the objective");
}

void CheckWindow(const CheckContext& context, const Maintenance& window) {
  if (window.once && *window.once->end <= *window.once->begin) {
    context.diagnostics.AddError(window.once->end.span, "maintenance-range",
                                 "the window ends before it begins");
  }
  if (!window.once && *window.from == *window.to) {
    context.diagnostics.AddError(window.to.span, "maintenance-range", "the window ends when it begins")
        .notes.push_back("a whole day is 'from: \"00:00\"' with 'to: \"24:00\"'");
  }
  if (!window.once && *window.from == Duration(hours(24))) {
    context.diagnostics.AddError(window.from.span, "maintenance-range", "the day ends at 24:00");
  }
  for (const Text& slo : window.slos) FindNamedSlo(context, slo);
}

// The PromQL that rules are made of; panels go to Grafana, which asks a server of any age.
std::vector<const promql::Tree*> TreesInRules(const Policy& policy) {
  std::vector<const promql::Tree*> trees;
  const auto add = [&](const Query& query) {
    if (query.expression) trees.push_back(&query.expression->tree);
    for (const Query& divisor : query.over) {
      if (divisor.expression) trees.push_back(&divisor.expression->tree);
    }
  };
  for (const Slo& slo : policy.slos) {
    const auto* sli = std::get_if<PromqlSli>(&slo.sli);
    if (sli != nullptr) trees.insert(trees.end(), {&sli->total.tree, &sli->counted.tree});
  }
  for (const ThresholdAlert& alert : policy.alerts) {
    add(alert.value);
    if (alert.only_if) add(alert.only_if->first);
  }
  return trees;
}

}  // namespace

void CheckSubsets(const CheckContext& context) {
  for (const Slo& slo : context.policy.slos) {
    const auto* sli = std::get_if<EventsSli>(&slo.sli);
    if (sli == nullptr || sli->total.metric.span == sli->counted.metric.span) continue;
    CheckSubset(context, *sli);
  }
}

void CheckNarrowing(const CheckContext& context) {
  for (const Slo& slo : context.policy.slos) {
    const auto* sli = std::get_if<EventsSli>(&slo.sli);
    if (sli != nullptr && sli->total.metric.span == sli->counted.metric.span) CheckNotEmpty(context, *sli);
  }
}

void CheckMembers(const CheckContext& context) {
  for (const Slo& slo : context.policy.slos) {
    for (const Text& member : MembersOf(slo)) CheckMember(context, slo, member);
  }
}

void CheckTraffic(const CheckContext& context) {
  for (const Slo& slo : context.policy.slos) {
    if (!slo.expected_events || *slo.objective == Decimal()) continue;
    for (const BurnTier& tier : slo.tiers) {
      if (WasRead(tier)) CheckTrafficOf(context, slo, tier);
    }
  }
}

void CheckRetention(const CheckContext& context) {
  const auto& retention = context.policy.retention;
  if (!retention) return;
  for (const Slo& slo : context.policy.slos) {
    const Duration looks_back = slo.calendar ? LongestLength(*slo.calendar) : *slo.period;
    if (looks_back <= **retention) continue;
    context.diagnostics.AddError(slo.period.span, "retention-short",
                                 fmt::format("the budget looks back {}, and Prometheus keeps {}",
                                             PrintDuration(looks_back), PrintDuration(**retention)));
  }
}

void CheckTargetVersion(const CheckContext& context) {
  const Policy& policy = context.policy;
  const auto version = fmt::format("{}.{}", policy.version->major, policy.version->minor);
  const auto check_keep_firing = [&](const std::optional<Located<Duration>>& keep_firing) {
    if (!keep_firing || *policy.version >= kKnowsKeepFiring) return;
    context.diagnostics.AddWarning(
        keep_firing->span, "version-old",
        fmt::format("Prometheus {} does not know 'keep_firing_for', which is left out", version));
  };
  for (const BurnTier* tier : AllTiers(policy)) check_keep_firing(tier->keep_firing);
  for (const ThresholdAlert& alert : policy.alerts) check_keep_firing(alert.keep_firing);
  for (const Slo& slo : policy.slos) {
    if (!std::holds_alternative<NativeLatencySli>(slo.sli) || *policy.version >= kKnowsNativeHistograms)
      continue;
    context.diagnostics.AddError(slo.sli_span, "version-old",
                                 fmt::format("Prometheus {} has no native histograms; 2.40 has", version));
  }
  if (*policy.version > kOldestPromql) return;
  for (const promql::Tree* tree : TreesInRules(policy)) {
    for (const promql::Problem& problem : promql::NewerThanPrometheus2(*tree)) {
      context.diagnostics.AddError(problem.span, "version-old", problem.text);
    }
  }
}

void CheckMaintenance(const CheckContext& context) {
  for (const Maintenance& window : context.policy.maintenance) CheckWindow(context, window);
}

}  // namespace fleet::rulegen
