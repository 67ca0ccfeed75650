#include "exporter/sources/row_facts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <limits>

#include "exporter/fleet/event_types.h"
#include "exporter/sources/loose_time.h"
#include "lib/base/text.h"

namespace fleet {
namespace {

constexpr std::string_view kTime = "time";

struct Column {
  const FieldDef* field = nullptr;
  std::string_view key;  // of kNumbersByKey and kTextsByKey
};

std::optional<Column> FindColumn(std::string_view name, const EventType& type) {
  const std::size_t dot = name.find('.');
  const FieldDef* const field = FindField(name.substr(0, dot));
  if (field == nullptr || type.Find(field->field) == nullptr) return std::nullopt;
  const bool by_key = field->kind == FieldKind::kNumbersByKey || field->kind == FieldKind::kTextsByKey;
  if (by_key != (dot != std::string_view::npos)) return std::nullopt;
  return Column{field, by_key ? name.substr(dot + 1) : std::string_view()};
}

std::optional<bool> BoolOf(std::string_view text) {
  if (text == "t" || text == "true" || text == "1") return true;
  if (text == "f" || text == "false" || text == "0") return false;
  return std::nullopt;
}

void Put(Fact& fact, const Column& column, std::string_view text, const ClockSkew& skew) {
  const Field field = column.field->field;
  // What is no number becomes one that no fact takes, so that it is named.
  constexpr double kNoNumber = std::numeric_limits<double>::quiet_NaN();
  switch (column.field->kind) {
    case FieldKind::kText:
    case FieldKind::kMessage:
      fact.Text(field, text);
      return;
    case FieldKind::kNumber:
      fact.Number(field, NumberOf(text).value_or(kNoNumber));
      return;
    case FieldKind::kNumbersByKey:
      fact.Number(field, column.key, NumberOf(text).value_or(kNoNumber));
      return;
    case FieldKind::kTextsByKey:
      fact.Text(field, column.key, text);
      return;
    case FieldKind::kBool:
      fact.Bool(field, BoolOf(text));
      return;
    case FieldKind::kTime: {
      const auto time = ParseLooseTime(text);
      if (time) {
        fact.Time(field, skew.ToOurs(*time));
      } else {
        fact.Number(field, kNoNumber);
      }
      return;
    }
    default:
      return;
  }
}

}  // namespace

std::optional<double> NumberOf(std::optional<std::string_view> value) {
  if (!value || value->empty() || value->size() > 64) return std::nullopt;
  const std::string text(*value);
  char* end = nullptr;
  const double number = std::strtod(text.c_str(), &end);
  if (end != text.c_str() + text.size()) return std::nullopt;
  return number;
}

Result<void> CheckColumns(const PgRow& row, std::string_view type_name) {
  const EventType& type = *FindEventType(type_name);
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (row.name(i) == kTime || FindColumn(row.name(i), type)) continue;
    std::vector<std::string> names{std::string(kTime)};
    for (const FieldUse& use : type.fields) names.emplace_back(Definition(use.field).name);
    return Fail(fmt::format("a column '{}' means nothing; there may be {}", Printable(row.name(i)),
                            Join(names, ", ")));
  }
  for (const FieldUse& use : type.fields) {
    bool found = false;
    for (std::size_t i = 0; i < row.size(); ++i) found = found || row.name(i) == Definition(use.field).name;
    if (use.required && !found)
      return Fail(fmt::format("a column '{}' is missing", Definition(use.field).name));
  }
  return {};
}

std::optional<UnixMillis> TimeOf(const PgRow& row, std::string_view column, const ClockSkew& skew) {
  const auto text = row.Find(column);
  if (!text) return std::nullopt;
  const auto time = ParseLooseTime(*text);
  if (!time) return std::nullopt;
  return skew.ToOurs(*time);
}

Fact ToFact(const PgRow& row, std::string_view type_name, UnixMillis now, const ClockSkew& skew) {
  const EventType& type = *FindEventType(type_name);
  Fact fact(type_name, std::min(now, TimeOf(row, kTime, skew).value_or(now)));
  for (std::size_t i = 0; i < row.size(); ++i) {
    const auto column = FindColumn(row.name(i), type);
    const auto text = row.value(i);
    if (column && text) Put(fact, *column, *text, skew);
  }
  return fact;
}

}  // namespace fleet
