#include "exporter/sources/fact.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>

#include "lib/base/text.h"

namespace fleet {
namespace {

constexpr std::size_t kLongestText = 128;  // as ingest.max_text_bytes
constexpr double kLargestNumber = 1e15;

}  // namespace

Fact::Fact(std::string_view type, UnixMillis at) {
  event_.type = FindEventType(type);
  assert(event_.type != nullptr);
  event_.time = at;
}

Fact& Fact::Text(Field field, std::string_view text) {
  if (!text.empty() && CanUse(field, text)) Put({field, text, 0});
  return *this;
}

Fact& Fact::Text(Field field, std::string_view key, std::string_view text) {
  if (text.empty() || !CanUse(field, key) || !CanUse(field, text)) return *this;
  Put({field, key, 0});
  Put({field, text, 0});
  return *this;
}

Fact& Fact::Number(Field field, std::optional<double> number) {
  if (number) Number(field, "", *number);
  return *this;
}

Fact& Fact::Number(Field field, std::string_view key, double number) {
  if (!std::isfinite(number)) {
    Refuse(field, "is not finite");
  } else if (number < 0) {
    Refuse(field, "is negative");
  } else if (number > kLargestNumber) {
    Refuse(field, "is too large");
  } else {
    Put({field, key, number});
  }
  return *this;
}

Fact& Fact::Bool(Field field, std::optional<bool> value) {
  if (value) Put({field, {}, *value ? 1.0 : 0.0});
  return *this;
}

Fact& Fact::Time(Field field, std::optional<UnixMillis> time) {
  if (time) Number(field, time->Seconds());
  return *this;
}

Fact& Fact::Count(double count) {
  event_.count = std::isfinite(count) ? std::clamp(count, 0.0, kLargestNumber) : 0;
  return *this;
}

bool Fact::complete() const {
  return std::ranges::all_of(event_.type->fields,
                             [&](const FieldUse& use) { return !use.required || event_.Has(use.field); });
}

bool Fact::CanUse(Field field, std::string_view text) {
  if (text.size() > kLongestText) {
    Refuse(field, "is too long");
    return false;
  }
  if (IsValidUtf8(text) && !HasControlCharacter(text)) return true;
  Refuse(field, "has characters no label may have");
  return false;
}

void Fact::Put(const FieldValue& value) {
  assert(event_.type->Find(value.field) != nullptr);
  if (!event_.Add(value)) Refuse(value.field, "is one value too many");
}

void Fact::Refuse(Field field, std::string_view why) {
  if (problem_.empty())
    problem_ = fmt::format("{} of a {} {}", Definition(field).name, event_.type->name, why);
}

}  // namespace fleet
