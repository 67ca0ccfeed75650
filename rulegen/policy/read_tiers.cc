// The burn rate tiers: those of the policy, the sets that have a name, and what an SLO makes of them.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "lib/base/text.h"
#include "rulegen/policy/read_parts.h"
#include "rulegen/policy/read_query.h"

namespace fleet::rulegen {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

BurnTier MakeTier(std::string tier, std::string alert, int percent, Duration long_window,
                  Duration short_window, AlertSeverity severity) {
  return {{std::move(tier), {}}, {std::move(alert), {}}, {Decimal(percent, 2), {}},
          std::nullopt,          {long_window, {}},      {short_window, {}},
          {Duration{0}, {}},     std::nullopt,           {severity, {}}};
}

BurnTier MakeFactorTier(std::string tier, std::string alert, Decimal factor, Duration long_window,
                        Duration short_window, AlertSeverity severity) {
  BurnTier made = MakeTier(std::move(tier), std::move(alert), 0, long_window, short_window, severity);
  made.factor = Located<Decimal>{factor, {}};
  return made;
}

// For services with few events: windows in which even they are more than a handful.
std::vector<BurnTier> LowTrafficTiers() {
  return {
      MakeTier("page", "SlowBurnRateHigh", 5, hours(6), minutes(30), AlertSeverity::kCritical),
      MakeTier("ticket-fast", "DailyBurnRateHigh", 10, hours(24), hours(2), AlertSeverity::kWarning),
      MakeTier("ticket-slow", "ThreeDayBurnRateHigh", 10, hours(72), hours(6), AlertSeverity::kWarning),
  };
}

// Three factors and no tickets: 14.4 wakes somebody, 10 and 6 are for the day.
std::vector<BurnTier> FastBurnTiers() {
  return {
      MakeFactorTier("page-fast", "FastBurnRateHigh", Decimal(144, 1), hours(1), minutes(5),
                     AlertSeverity::kCritical),
      MakeFactorTier("burn-10x", "BurnRateAbove10", Decimal(10, 0), hours(2), minutes(10),
                     AlertSeverity::kWarning),
      MakeFactorTier("page-slow", "SlowBurnRateHigh", Decimal(6, 0), hours(6), minutes(30),
                     AlertSeverity::kWarning),
  };
}

struct TierSet {
  std::string_view name;
  std::vector<BurnTier> (*tiers)();
};

constexpr TierSet kSets[] = {
    {"workbook", DefaultTiers}, {"low-traffic", LowTrafficTiers}, {"fast-burn", FastBurnTiers}};

std::vector<BurnTier> ReadSet(const yaml::Node& node, Diagnostics& diagnostics) {
  std::vector<std::string_view> names;
  for (const TierSet& set : kSets) {
    if (set.name == node.text) return set.tiers();
    names.push_back(set.name);
  }
  Diagnostic& diagnostic = yaml::ReportValue(
      node, "burn_rates", "a list, or one of workbook, low-traffic, fast-burn", diagnostics);
  SuggestClosest(diagnostic, node.text, names);
  return DefaultTiers();
}

std::optional<Decimal> ReadFactor(const yaml::Node& node, std::string_view name, Diagnostics& diagnostics) {
  const auto value = yaml::ReadDecimal(node, name, diagnostics);
  if (!value) return std::nullopt;
  constexpr int kDigits = 6;
  if (*value > Decimal() && *value <= Decimal(1'000'000, 0) && value->scale() <= kDigits) return value;
  yaml::ReportValue(node, name, "a factor such as 14.4", diagnostics);
  return std::nullopt;
}

// Without `base` every key but the factor's and the times' is required; with it they change it.
BurnTier ReadTier(yaml::MapReader& map, const BurnTier* base) {
  BurnTier tier = base != nullptr ? *base : BurnTier{};
  const auto take = [&](std::string_view key, auto& value, auto read, auto fallback) {
    if (base == nullptr) {
      value = map.Required(key, read, fallback);
    } else if (auto given = map.Optional(key, read)) {
      value = *std::move(given);
    }
  };
  take("alert", tier.alert, yaml::ReadString, std::string());
  if (map.Has("budget") && map.Has("factor")) {
    map.diagnostics().AddError(map.span(), "choice-conflict",
                               "a burn rate tier needs one of budget, factor, and only one");
  }
  if (auto factor = map.Optional("factor", ReadFactor)) {
    tier.factor = factor;
    tier.budget = {Decimal(), factor->span};
    map.Find("budget");
  } else if (base == nullptr || map.Has("budget")) {
    tier.budget = map.Required("budget", ReadShare, Decimal());
    tier.factor.reset();
  } else {
    map.Find("budget");
  }
  take("long", tier.long_window, ReadWindow, Duration{0});
  take("short", tier.short_window, ReadWindow, Duration{0});
  if (auto hold = map.Optional("for", yaml::ReadDuration)) tier.hold = *hold;
  if (auto keep = map.Optional("keep_firing_for", yaml::ReadDuration)) tier.keep_firing = keep;
  take("severity", tier.severity, ReadSeverity, AlertSeverity::kWarning);
  map.Finish();
  return tier;
}

const BurnTier* FindTier(const std::vector<BurnTier>& tiers, const std::string& name) {
  const auto found = std::ranges::find_if(tiers, [&](const BurnTier& tier) { return *tier.tier == name; });
  return found == tiers.end() ? nullptr : &*found;
}

// Null after a report.
const BurnTier* FindNamedTier(const std::vector<BurnTier>& tiers, const Text& name,
                              Diagnostics& diagnostics) {
  if (const BurnTier* tier = FindTier(tiers, *name)) return tier;
  std::vector<std::string_view> known;
  for (const BurnTier& tier : tiers) known.push_back(tier.tier.value);
  Diagnostic& diagnostic = diagnostics.AddError(
      name.span, "tier-unknown", fmt::format("no burn rate tier is called '{}'", Printable(*name)));
  SuggestClosest(diagnostic, *name, known);
  return nullptr;
}

// Tiers of the policy stand in its order, however they were named. With tiers of the SLO's own the order is
// the one they were written in, and checked.
void SortLikePolicy(std::vector<BurnTier>& chosen, const std::vector<BurnTier>& tiers) {
  const auto place = [&](const BurnTier& tier) { return FindTier(tiers, *tier.tier); };
  const auto is_known = [&](const BurnTier& tier) { return place(tier) != nullptr; };
  if (!std::ranges::all_of(chosen, is_known)) return;
  std::ranges::stable_sort(chosen, {}, place);
}

// An item with keys: it changes the tier of its name, or is one of the SLO's own. Items that only name
// what they change keep the policy's place, so that messages point at the SLO.
BurnTier ReadOwnTier(const yaml::Node& node, const std::vector<BurnTier>& tiers, Diagnostics& diagnostics) {
  yaml::MapReader map(node, "a burn rate tier", diagnostics);
  const Text name = map.Required("tier", yaml::ReadString);
  BurnTier tier = ReadTier(map, FindTier(tiers, *name));
  tier.tier = name;
  return tier;
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
  if (node.kind == yaml::Kind::kScalar) return ReadSet(node, diagnostics);
  std::vector<BurnTier> tiers;
  for (const yaml::Node& item : yaml::ReadItems(node, "burn_rates", diagnostics)) {
    tiers.push_back(ReadOwnTier(item, {}, diagnostics));
  }
  return tiers;
}

std::vector<BurnTier> ReadTierChoice(yaml::MapReader& slo, const std::vector<BurnTier>& tiers) {
  const yaml::Node* node = slo.Find("burn_rates");
  if (node == nullptr) return tiers;
  Diagnostics& diagnostics = slo.diagnostics();
  if (node->kind == yaml::Kind::kScalar) return ReadSet(*node, diagnostics);
  std::vector<BurnTier> chosen;
  for (const yaml::Node& item : yaml::ReadItems(*node, "burn_rates", diagnostics)) {
    if (item.kind == yaml::Kind::kMap) {
      chosen.push_back(ReadOwnTier(item, tiers, diagnostics));
    } else if (auto name = yaml::ReadString(item, "an item of 'burn_rates'", diagnostics)) {
      const BurnTier* tier = FindNamedTier(tiers, {*std::move(name), item.span}, diagnostics);
      if (tier != nullptr && FindTier(chosen, *tier->tier) == nullptr) chosen.push_back(*tier);
    }
  }
  SortLikePolicy(chosen, tiers);
  return chosen;
}

std::optional<Decimal> ReadShare(const yaml::Node& node, std::string_view name, Diagnostics& diagnostics) {
  const auto value = yaml::ReadPercent(node, name, diagnostics);
  if (!value) return std::nullopt;
  if (*value > Decimal() && *value < Decimal(1, 0)) return value;
  diagnostics.AddError(node.span, "share-range",
                       fmt::format("'{}' must be above 0% and below 100%, not {}", name, node.text));
  return std::nullopt;
}

}  // namespace fleet::rulegen
