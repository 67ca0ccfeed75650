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

std::optional<std::int64_t> ReadCount(const yaml::Node& node, std::string_view name,
                                      Diagnostics& diagnostics) {
  constexpr std::int64_t kMost = 1'000'000'000;
  const auto value = yaml::ReadInteger(node, name, diagnostics);
  if (!value) return std::nullopt;
  if (*value >= 1 && *value <= kMost) return value;
  diagnostics.AddError(node.span, "count-range", fmt::format("'{}' must be from 1 to {}", name, kMost));
  return std::nullopt;
}

// "240/h": events of a quiet hour.
std::optional<Decimal> ReadEventRate(const yaml::Node& node, std::string_view name,
                                     Diagnostics& diagnostics) {
  constexpr std::string_view kExpected = "events in a time, as in 240/h";
  const auto text = yaml::ReadPlain(node, name, kExpected, diagnostics);
  if (!text) return std::nullopt;
  struct Unit {
    std::string_view suffix;
    std::int64_t seconds;
  };
  constexpr Unit kUnits[] = {{"/s", 1}, {"/m", 60}, {"/h", 3600}, {"/d", 86400}};
  for (const auto& [suffix, per] : kUnits) {
    if (!text->ends_with(suffix)) continue;
    const auto value = Decimal::Parse(text->substr(0, text->size() - suffix.size()));
    constexpr int kDigits = 6;
    if (!value || *value <= Decimal() || *value > Decimal(1'000'000'000, 0) || value->scale() > kDigits)
      break;
    return Fraction::Of(*value, 3600, per).Round(kDigits);
  }
  yaml::ReportValue(node, name, kExpected, diagnostics);
  return std::nullopt;
}

struct Period {
  Duration length;
  std::optional<Calendar> calendar;
};

// "30d" rolls; "week", "month" and "quarter" begin anew. Of those the usual length is kept.
std::optional<Period> ReadPeriod(const yaml::Node& node, std::string_view name, Diagnostics& diagnostics) {
  if (node.kind == yaml::Kind::kScalar) {
    if (node.text == "week") return Period{hours(7 * 24), Calendar::kWeek};
    if (node.text == "month") return Period{hours(30 * 24), Calendar::kMonth};
    if (node.text == "quarter") return Period{hours(90 * 24), Calendar::kQuarter};
  }
  constexpr std::string_view kExpected = "a duration such as 30d, or week, month or quarter";
  const auto text = yaml::ReadPlain(node, name, kExpected, diagnostics);
  if (!text) return std::nullopt;
  if (!ParseDuration(*text)) {
    yaml::ReportValue(node, name, kExpected, diagnostics);
    return std::nullopt;
  }
  const auto window = ReadWindow(node, name, diagnostics);
  if (!window) return std::nullopt;
  return Period{*window, std::nullopt};
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
  const auto period =
      map.Optional("period", ReadPeriod).value_or(Located<Period>{{kDefaultPeriod, {}}, slo.span});
  slo.period = {period->length, period.span};
  slo.calendar = period->calendar;
  slo.sli_span = slo.span;
  slo.sli = ReadSli(map, slo.sli_span);
  if (const yaml::Node* by = map.Find("by")) slo.by = yaml::ReadStrings(*by, "by", diagnostics);
  slo.tiers = ReadTierChoice(map, tiers);
  slo.observe = map.Optional("observe", yaml::ReadBool).value_or(Located<bool>{false, slo.span}).value;
  slo.min_errors = map.Optional("min_errors", ReadCount);
  slo.min_events = map.Optional("min_events", ReadCount);
  slo.expected_events = map.Optional("expected_events", ReadEventRate);
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
