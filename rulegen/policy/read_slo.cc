// An SLO and the burn rate tiers.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "lib/base/text.h"
#include "rulegen/policy/read_parts.h"
#include "rulegen/policy/read_query.h"
#include "rulegen/sli/kinds.h"

namespace fleet::rulegen {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr Duration kDefaultPeriod = hours(30 * 24);
constexpr Duration kDefaultBreachWindow = minutes(5);

BurnTier MakeTier(std::string tier, std::string alert, int percent, Duration long_window,
                  Duration short_window, AlertSeverity severity) {
  return {{std::move(tier), {}}, {std::move(alert), {}}, {Decimal(percent, 2), {}},
          {long_window, {}},     {short_window, {}},     {severity, {}}};
}

// "99.9" or "99.9%": percent is what the number means, so the sign is welcome and not needed.
std::optional<Decimal> ReadObjective(const yaml::Node& node, std::string_view name,
                                     Diagnostics& diagnostics) {
  constexpr std::string_view kExpected = "a percentage such as 99.9";
  constexpr int kDigits = 8;
  auto text = yaml::ReadPlain(node, name, kExpected, diagnostics);
  if (!text) return std::nullopt;
  if (text->ends_with('%')) text->remove_suffix(1);
  const auto value = Decimal::Parse(*text);
  if (!value || value->scale() > kDigits) {
    yaml::ReportValue(node, name, kExpected, diagnostics);
    return std::nullopt;
  }
  if (*value > Decimal() && *value < Decimal(100, 0)) return value;
  Diagnostic& diagnostic = diagnostics.AddError(
      node.span, "objective-range", fmt::format("'{}' must be above 0 and below 100, not {}", name, *text));
  if (*value == Decimal(100, 0)) {
    diagnostic.notes.push_back("100 leaves no error budget: one failure in a year would be a breach");
  }
  return std::nullopt;
}

// A share of the budget or of the period: above nothing, below all of it.
std::optional<Decimal> ReadShare(const yaml::Node& node, std::string_view name, Diagnostics& diagnostics) {
  const auto value = yaml::ReadPercent(node, name, diagnostics);
  if (!value) return std::nullopt;
  if (*value > Decimal() && *value < Decimal(1, 0)) return value;
  diagnostics.AddError(node.span, "share-range",
                       fmt::format("'{}' must be above 0% and below 100%, not {}", name, node.text));
  return std::nullopt;
}

std::optional<std::int64_t> ReadCount(const yaml::Node& node, std::string_view name,
                                      Diagnostics& diagnostics) {
  constexpr std::int64_t kMost = 1'000'000'000;
  const auto value = yaml::ReadInteger(node, name, diagnostics);
  if (!value) return std::nullopt;
  if (*value >= 1 && *value <= kMost) return value;
  diagnostics.AddError(node.span, "count-range", fmt::format("'{}' must be from 1 to {}", name, kMost));
  return std::nullopt;
}

BurnTier ReadTier(const yaml::Node& node, Diagnostics& diagnostics) {
  yaml::MapReader map(node, "a burn rate tier", diagnostics);
  BurnTier tier;
  tier.tier = map.Required("tier", yaml::ReadString);
  tier.alert = map.Required("alert", yaml::ReadString);
  tier.budget = map.Required("budget", ReadShare, Decimal());
  tier.long_window = map.Required("long", ReadWindow);
  tier.short_window = map.Required("short", ReadWindow);
  tier.severity = map.Required("severity", ReadSeverity, AlertSeverity::kWarning);
  map.Finish();
  return tier;
}

// The tiers named in `burn_rates`, in the policy's order; all of them without the key.
std::vector<BurnTier> ReadTierChoice(yaml::MapReader& map, const std::vector<BurnTier>& tiers) {
  const yaml::Node* node = map.Find("burn_rates");
  if (node == nullptr) return tiers;
  const auto names = yaml::ReadStrings(*node, "burn_rates", map.diagnostics());
  std::vector<std::string_view> known;
  for (const BurnTier& tier : tiers) known.push_back(tier.tier.value);
  for (const Text& name : names) {
    if (std::find(known.begin(), known.end(), *name) != known.end()) continue;
    Diagnostic& diagnostic = map.diagnostics().AddError(
        name.span, "tier-unknown", fmt::format("no burn rate tier is called '{}'", Printable(*name)));
    SuggestClosest(diagnostic, *name, known);
  }
  std::vector<BurnTier> chosen;
  for (const BurnTier& tier : tiers) {
    const auto is_named = [&](const Text& name) { return *name == *tier.tier; };
    if (std::any_of(names.begin(), names.end(), is_named)) chosen.push_back(tier);
  }
  return chosen;
}

Sli ReadSli(yaml::MapReader& slo, Span& span) {
  const yaml::Node* node = slo.Require("sli");
  if (node == nullptr) return EventsSli{};
  span = node->span;
  yaml::MapReader map(*node, "'sli'", slo.diagnostics());
  std::vector<const SliKind*> given;
  std::string keys;
  for (const SliKind* kind : SliKinds()) {
    keys += (keys.empty() ? "" : ", ") + std::string(kind->key);
    if (map.Has(kind->key)) given.push_back(kind);
    map.Find(kind->key);
  }
  map.Finish();
  if (given.size() != 1) {
    slo.diagnostics().AddError(
        node->span, given.empty() ? "choice-missing" : "choice-conflict",
        fmt::format("'sli' needs one of {}{}", keys, given.empty() ? "" : ", and only one"));
  }
  if (given.empty()) return EventsSli{};
  return given.front()->read(*map.Find(given.front()->key), slo.diagnostics());
}

std::optional<BreachAlert> ReadBreach(yaml::MapReader& slo) {
  const yaml::Node* node = slo.Find("breach");
  if (node == nullptr) return std::nullopt;
  yaml::MapReader map(*node, "'breach'", slo.diagnostics());
  BreachAlert breach;
  breach.alert = map.Required("alert", yaml::ReadString);
  breach.window =
      map.Optional("window", ReadWindow).value_or(Located<Duration>{kDefaultBreachWindow, node->span});
  breach.hold = map.Optional("for", yaml::ReadDuration).value_or(Located<Duration>{Duration{0}, node->span});
  breach.severity = map.Required("severity", ReadSeverity, AlertSeverity::kWarning);
  map.Finish();
  return breach;
}

bool IsOff(const yaml::Node& node) {
  return node.kind == yaml::Kind::kScalar && !node.quoted && node.text == "off";
}

// An alert that exists unless it is switched `off`; every key of it has a default.
std::optional<BudgetAlert> ReadBudgetLow(yaml::MapReader& slo, Span place) {
  BudgetAlert alert{{"SLOBudgetLow", place}, {Decimal(1, 1), place}, {AlertSeverity::kWarning, place}};
  const yaml::Node* node = slo.Find("budget_low");
  if (node == nullptr) return alert;
  if (IsOff(*node)) return std::nullopt;
  yaml::MapReader map(*node, "'budget_low'", slo.diagnostics());
  if (auto name = map.Optional("alert", yaml::ReadString)) alert.alert = *std::move(name);
  if (auto below = map.Optional("below", ReadShare)) alert.below = *below;
  if (auto severity = map.Optional("severity", ReadSeverity)) alert.severity = *severity;
  map.Finish();
  return alert;
}

std::optional<DataAlert> ReadDataAlert(yaml::MapReader& slo, std::string_view key, DataAlert alert,
                                       bool by_default) {
  const yaml::Node* node = slo.Find(key);
  if (node == nullptr) return by_default ? std::optional(std::move(alert)) : std::nullopt;
  if (IsOff(*node)) return std::nullopt;
  const std::string what = fmt::format("'{}'", key);
  yaml::MapReader map(*node, what, slo.diagnostics());
  if (auto name = map.Optional("alert", yaml::ReadString)) alert.alert = *std::move(name);
  if (auto severity = map.Optional("severity", ReadSeverity)) alert.severity = *severity;
  map.Finish();
  return alert;
}

}  // namespace

std::vector<BurnTier> DefaultTiers() {
  return {
      MakeTier("page-fast", "FastBurnRateHigh", 2, hours(1), minutes(5), AlertSeverity::kCritical),
      MakeTier("page-slow", "SlowBurnRateHigh", 5, hours(6), minutes(30), AlertSeverity::kWarning),
      MakeTier("ticket-fast", "DailyBurnRateHigh", 10, hours(24), hours(2), AlertSeverity::kWarning),
      MakeTier("ticket-slow", "ThreeDayBurnRateHigh", 10, hours(72), hours(6), AlertSeverity::kWarning),
  };
}

std::vector<BurnTier> ReadTiers(const yaml::Node& node, Diagnostics& diagnostics) {
  std::vector<BurnTier> tiers;
  for (const yaml::Node& item : yaml::ReadItems(node, "burn_rates", diagnostics)) {
    tiers.push_back(ReadTier(item, diagnostics));
  }
  return tiers;
}

Slo ReadSlo(const yaml::Node& node, const std::vector<BurnTier>& tiers, Diagnostics& diagnostics) {
  yaml::MapReader map(node, "an SLO", diagnostics);
  Slo slo;
  slo.name = map.Required("name", yaml::ReadString);
  slo.span = slo.name.span;
  slo.title = map.Optional("title", yaml::ReadString);
  slo.description = map.Optional("description", yaml::ReadString);
  slo.runbook = map.Required("runbook", yaml::ReadString);
  slo.dashboard = map.Optional("dashboard", yaml::ReadString);
  if (const yaml::Node* labels = map.Find("labels")) {
    slo.labels = yaml::ReadStringMap(*labels, "labels", diagnostics);
  }
  slo.objective = map.Required("objective", ReadObjective, Decimal());
  slo.objective_floor = map.Optional("objective_floor", ReadObjective);
  slo.period = map.Optional("period", ReadWindow).value_or(Located<Duration>{kDefaultPeriod, slo.span});
  slo.sli_span = slo.span;
  slo.sli = ReadSli(map, slo.sli_span);
  if (const yaml::Node* by = map.Find("by")) slo.by = yaml::ReadStrings(*by, "by", diagnostics);
  slo.tiers = ReadTierChoice(map, tiers);
  slo.min_errors = map.Optional("min_errors", ReadCount);
  slo.min_events = map.Optional("min_events", ReadCount);
  slo.min_coverage =
      map.Optional("min_coverage", ReadShare).value_or(Located<Decimal>{Decimal(1, 1), slo.span});
  slo.breach = ReadBreach(map);
  slo.budget_low = ReadBudgetLow(map, slo.span);
  const auto data_alert = [&](const char* alert, AlertSeverity severity) {
    return DataAlert{{alert, slo.span}, {severity, slo.span}};
  };
  slo.budget_spent =
      ReadDataAlert(map, "budget_spent", data_alert("SLOBudgetExhausted", AlertSeverity::kWarning), true);
  slo.no_data = ReadDataAlert(map, "no_data", data_alert("SLONoData", AlertSeverity::kCritical), true);
  slo.no_traffic =
      ReadDataAlert(map, "no_traffic", data_alert("SLONoTraffic", AlertSeverity::kWarning), false);
  map.Finish();
  return slo;
}

}  // namespace fleet::rulegen
