#include "rulegen/policy/read_query.h"

#include <fmt/format.h>

#include <limits>
#include <string>
#include <utility>

#include "lib/base/text.h"
#include "rulegen/policy/read_promql.h"

namespace fleet::rulegen {
namespace {

constexpr yaml::EnumName<Aggregation> kAggregations[] = {{"sum", Aggregation::kSum},
                                                         {"max", Aggregation::kMax},
                                                         {"min", Aggregation::kMin},
                                                         {"avg", Aggregation::kAverage},
                                                         {"count", Aggregation::kCount}};

constexpr yaml::EnumName<AlertSeverity> kSeverityNames[] = {
    {Name(AlertSeverity::kCritical), AlertSeverity::kCritical},
    {Name(AlertSeverity::kWarning), AlertSeverity::kWarning},
    {Name(AlertSeverity::kInfo), AlertSeverity::kInfo}};

std::optional<Aggregation> ReadAggregation(const yaml::Node& node, std::string_view name,
                                           Diagnostics& diagnostics) {
  return yaml::ReadEnum(node, name, kAggregations, diagnostics);
}

// {not: x}, {not: [x, y]}, {matches: regex} or {excludes: regex}.
void ReadOperator(const yaml::Node& node, Condition& condition, Diagnostics& diagnostics) {
  const std::string what = fmt::format("the condition on '{}'", Printable(*condition.label));
  yaml::MapReader map(node, what, diagnostics);
  struct Operator {
    std::string_view key;
    MatchKind kind;
  };
  constexpr Operator kOperators[] = {
      {"not", MatchKind::kNoneOf}, {"matches", MatchKind::kMatches}, {"excludes", MatchKind::kExcludes}};
  int found = 0;
  for (const auto& [key, kind] : kOperators) {
    const yaml::Node* value = map.Find(key);
    if (value == nullptr) continue;
    ++found;
    condition.kind = kind;
    if (kind == MatchKind::kNoneOf && value->kind == yaml::Kind::kSequence) {
      condition.values = yaml::ReadStrings(*value, key, diagnostics);
    } else if (auto text = yaml::ReadString(*value, key, diagnostics)) {
      condition.values = {{*std::move(text), value->span}};
    }
  }
  map.Finish();
  if (found > 1) {
    diagnostics.AddError(node.span, "choice-conflict", what + " takes one of not, matches, excludes");
  } else if (found == 0 && node.entries.empty()) {
    diagnostics.AddError(node.span, "choice-missing", what + " needs one of not, matches, excludes");
  }
}

// One number or a list of them.
std::vector<Located<Decimal>> ReadQuantiles(const yaml::Node& node, Diagnostics& diagnostics) {
  std::vector<Located<Decimal>> quantiles;
  const std::span<const yaml::Node> values =
      node.kind == yaml::Kind::kSequence ? std::span(node.items) : std::span(&node, 1);
  for (const yaml::Node& value : values) {
    if (const auto number = yaml::ReadDecimal(value, "quantile", diagnostics)) {
      quantiles.push_back({*number, value.span});
    }
  }
  return quantiles;
}

// The keys `metric` and `where`, or `promql`.
void ReadSource(yaml::MapReader& map, Query& query) {
  const yaml::Node* promql = map.Find("promql");
  if (promql == nullptr) {
    query.selector = ReadSelectorKeys(map);
  } else {
    query.expression = ReadExpression(*promql, "promql", map.diagnostics()).value_or(Expression{});
  }
}

// A rate that is there and wrong is zero, so that nobody misses it.
std::optional<Located<Duration>> ReadRate(yaml::MapReader& map) {
  if (!map.Has("rate")) {
    map.Find("rate");
    return std::nullopt;
  }
  return map.Optional("rate", ReadWindow).value_or(Located<Duration>{});
}

// The text before the suffix as a number times `factor`.
std::optional<Decimal> Scaled(std::string_view text, std::string_view suffix, Decimal factor) {
  if (!text.ends_with(suffix)) return std::nullopt;
  const auto number = Decimal::Parse(text.substr(0, text.size() - suffix.size()));
  constexpr int kDigits = 6;  // after the point
  if (!number || number->scale() > kDigits) return std::nullopt;
  const std::int64_t largest = std::numeric_limits<std::int64_t>::max() / factor.coefficient();
  if (number->coefficient() > largest || number->coefficient() < -largest) return std::nullopt;
  return *number * factor;
}

std::optional<Decimal> ParseBytes(std::string_view text) {
  struct Suffix {
    std::string_view name;
    std::int64_t factor;
  };
  constexpr Suffix kSuffixes[] = {
      {"kB", 1'000},      {"MB", 1'000'000},  {"GB", 1'000'000'000}, {"TB", 1'000'000'000'000},
      {"KiB", 1LL << 10}, {"MiB", 1LL << 20}, {"GiB", 1LL << 30},    {"TiB", 1LL << 40}};
  for (const auto& [name, factor] : kSuffixes) {
    if (const auto value = Scaled(text, name, Decimal(factor, 0))) return value;
  }
  return std::nullopt;
}

}  // namespace

std::vector<Condition> ReadWhere(const yaml::Node& node, Diagnostics& diagnostics) {
  std::vector<Condition> conditions;
  if (node.kind != yaml::Kind::kMap) {
    diagnostics.AddError(node.span, "value-type", "'where' must be a map from labels to values");
    return conditions;
  }
  for (const yaml::Entry& entry : node.entries) {
    Condition condition{entry.key, MatchKind::kOneOf, {}};
    if (entry.value.kind == yaml::Kind::kMap) {
      ReadOperator(entry.value, condition, diagnostics);
    } else if (entry.value.kind == yaml::Kind::kSequence) {
      condition.values = yaml::ReadStrings(entry.value, entry.key.value, diagnostics);
      if (entry.value.items.empty()) {
        diagnostics.AddError(entry.value.span, "value-missing",
                             fmt::format("'{}' has no value", Printable(entry.key.value)));
      }
    } else if (auto text = yaml::ReadString(entry.value, entry.key.value, diagnostics)) {
      condition.values = {{*std::move(text), entry.value.span}};
    }
    // One that could not be read was reported; without it nothing would be compared with nothing.
    if (!condition.values.empty()) conditions.push_back(std::move(condition));
  }
  return conditions;
}

Selector ReadSelectorKeys(yaml::MapReader& map) {
  Selector selector;
  if (const yaml::Node* promql = map.Find("promql")) {
    if (auto read = ReadPromqlSelector(*promql, "promql", map.diagnostics())) selector = *std::move(read);
    return selector;
  }
  selector.metric = map.Required("metric", yaml::ReadString);
  if (const yaml::Node* where = map.Find("where")) selector.where = ReadWhere(*where, map.diagnostics());
  return selector;
}

Selector ReadSelector(const yaml::Node& node, std::string_view what, Diagnostics& diagnostics) {
  yaml::MapReader map(node, what, diagnostics);
  Selector selector = ReadSelectorKeys(map);
  map.Finish();
  return selector;
}

Query ReadQueryKeys(yaml::MapReader& map) {
  Query query;
  query.span = map.span();
  ReadSource(map, query);
  if (const yaml::Node* by = map.Find("by")) query.by = yaml::ReadStrings(*by, "by", map.diagnostics());
  query.aggregate = map.Optional("aggregate", ReadAggregation);
  query.rate = ReadRate(map);
  if (const yaml::Node* quantile = map.Find("quantile")) {
    query.quantiles = ReadQuantiles(*quantile, map.diagnostics());
  }
  query.missing_as_zero = map.Optional("missing_as_zero", yaml::ReadBool);
  if (const yaml::Node* over = map.Find("over")) {
    yaml::MapReader divisor(*over, "'over'", map.diagnostics());
    Query& second = query.over.emplace_back();
    second.span = divisor.span();
    ReadSource(divisor, second);
    second.aggregate = divisor.Optional("aggregate", ReadAggregation);
    second.rate = ReadRate(divisor);
    second.by = query.by;
    divisor.Finish();
  }
  return query;
}

Query ReadQuery(const yaml::Node& node, std::string_view what, Diagnostics& diagnostics) {
  yaml::MapReader map(node, what, diagnostics);
  Query query = ReadQueryKeys(map);
  map.Finish();
  return query;
}

Threshold ReadThresholdKeys(yaml::MapReader& map, std::string_view what) {
  struct Key {
    std::string_view name;
    Comparison comparison;
  };
  constexpr Key kKeys[] = {
      {"above", Comparison::kAbove}, {"below", Comparison::kBelow}, {"equals", Comparison::kEquals}};
  Threshold threshold;
  threshold.bound.span = map.span();
  int found = 0;
  for (const auto& [name, comparison] : kKeys) {
    if (!map.Has(name)) {
      map.Find(name);  // known all the same
      continue;
    }
    ++found;
    if (auto bound = map.Optional(name, ReadQuantity)) threshold = {comparison, *std::move(bound)};
  }
  if (found != 1) {
    map.diagnostics().AddError(
        map.span(), found == 0 ? "choice-missing" : "choice-conflict",
        fmt::format("{} needs one of above, below, equals{}", what, found == 0 ? "" : ", and only one"));
  }
  return threshold;
}

std::optional<Quantity> ReadQuantity(const yaml::Node& node, std::string_view name,
                                     Diagnostics& diagnostics) {
  constexpr std::string_view kExpected = "a number, alone or as in 10%, 50ms, 10GB";
  const auto text = yaml::ReadPlain(node, name, kExpected, diagnostics);
  if (!text) return std::nullopt;
  if (const auto plain = Decimal::Parse(*text))
    return Quantity{*plain, Quantity::Kind::kPlain, std::string(*text)};
  if (const auto percent = Scaled(*text, "%", Decimal(1, 2))) {
    return Quantity{*percent, Quantity::Kind::kPercent, std::string(*text)};
  }
  if (const auto bytes = ParseBytes(*text))
    return Quantity{*bytes, Quantity::Kind::kBytes, std::string(*text)};
  if (const auto duration = ParseDuration(*text)) {
    return Quantity{Decimal(duration->count(), 3), Quantity::Kind::kDuration, std::string(*text)};
  }
  yaml::ReportValue(node, name, kExpected, diagnostics);
  return std::nullopt;
}

std::optional<Duration> ReadWindow(const yaml::Node& node, std::string_view name, Diagnostics& diagnostics) {
  const auto value = yaml::ReadDuration(node, name, diagnostics);
  if (!value) return std::nullopt;
  if (value->count() > 0) return value;
  diagnostics.AddError(node.span, "window-range", fmt::format("'{}' must be longer than 0s", name));
  return std::nullopt;
}

std::optional<AlertSeverity> ReadSeverity(const yaml::Node& node, std::string_view name,
                                          Diagnostics& diagnostics) {
  // Words that other systems have for the same.
  struct Word {
    std::string_view other;
    std::string_view ours;
  };
  constexpr Word kWords[] = {{"page", "critical"},
                             {"high", "warning"},
                             {"medium", "warning"},
                             {"ticket", "warning"},
                             {"low", "info"}};
  for (const auto& [other, ours] : kWords) {
    if (node.text != other) continue;
    yaml::ReportValue(node, name, "critical, warning or info", diagnostics)
        .notes.push_back(fmt::format("'{}' is called {} here", other, ours));
    return std::nullopt;
  }
  return yaml::ReadEnum(node, name, kSeverityNames, diagnostics);
}

}  // namespace fleet::rulegen
