// Events as the fleet understands them, and the vocabulary: which types there are and what they carry.
//
// An event type is one row in event_types.cc and one function in the file of its part of the fleet.
// The decoder, the store and the documentation read the rows; nothing else lists the types.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "lib/base/clock.h"

namespace fleet {

// What a field's JSON value must be. Times are RFC 3339 or unix seconds, durations seconds, sizes
// bytes. kText also takes a whole number where people write one (code: 502). kNumber is finite and,
// like every quantity here, not negative. kNumbersByKey is an object {"idle": 3, "active": 1}.
enum class FieldKind { kText, kNumber, kBool, kTime, kNumbersByKey };

// Every field name of the vocabulary, once.
enum class Field : std::uint8_t {
#define FLEET_FIELD(id, name, kind) id,
#include "exporter/fleet/fields.inc"
#undef FLEET_FIELD
};

struct FieldDef {
  std::string_view name;
  FieldKind kind;
};

const FieldDef& Definition(Field field);

struct EventType {
  std::string_view name;  // without the prefix "fleet."
  std::span<const Field> required;
  std::span<const Field> optional;
};

// The whole vocabulary, in the order of the documentation.
std::span<const EventType> EventTypes();
// Null for an unknown type. `name` with or without the prefix "fleet.".
const EventType* FindEventType(std::string_view name);

struct FieldValue {
  Field field{};
  std::string_view text;  // kText, or the key of kNumbersByKey (one FieldValue for each key)
  double number = 0;      // kNumber; kTime as unix seconds; kBool as 0 or 1
};

// One event. The texts belong to whoever decoded it and need to live only while it is applied.
class Event {
 public:
  const EventType* type = nullptr;
  std::string_view source;
  std::string_view id;
  UnixMillis time;
  double count = 1;   // pre-aggregated: that many equal events
  double weight = 1;  // 1 / sampling rate; for observations, never for counters
  std::string_view trace_id;

  static constexpr std::size_t kMaxValues = 24;

  // False when the event is full; more keys than that in one object are not legitimate.
  bool Add(const FieldValue& value);
  std::span<const FieldValue> values() const { return {values_.data(), size_}; }

  bool Has(Field field) const { return Get(field) != nullptr; }
  // Empty text, nullopt when absent.
  std::string_view Text(Field field) const;
  std::optional<double> Number(Field field) const;
  std::optional<bool> Bool(Field field) const;
  std::optional<UnixMillis> Time(Field field) const;

 private:
  const FieldValue* Get(Field field) const;

  std::array<FieldValue, kMaxValues> values_{};
  std::size_t size_ = 0;
};

}  // namespace fleet
