// Events as the fleet understands them, and the vocabulary: which types there are and what they carry.
//
// An event type is one row in event_types.h and one in apply.cc. The decoder, the store and the
// documentation read the rows; nothing else lists the types.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string_view>

#include "exporter/fleet/fields.h"
#include "lib/base/clock.h"
#include "lib/catalog/metric_def.h"

namespace fleet {

// A field of an event type.
struct FieldUse {
  Field field{};
  bool required = false;
  // The values it may have (kNumbersByKey: its keys); empty: any. Where "other" is among them every
  // value is taken, and counted as that.
  std::span<const std::string_view> values{};
};

struct FieldUses {
  static constexpr std::size_t kMost = 12;
  std::array<FieldUse, kMost> all{};
  std::size_t size = 0;

  constexpr FieldUses(std::initializer_list<FieldUse> uses) {
    for (const FieldUse& use : uses) all[size++] = use;
  }
  constexpr const FieldUse* begin() const { return all.data(); }
  constexpr const FieldUse* end() const { return all.data() + size; }
};

struct EventType {
  std::string_view name;  // without the prefix "fleet."
  FieldUses fields;       // beside count, weight and trace_id, which every event may have
  // Buckets of the histogram that its duration is observed in, for those that take a HistogramDelta in
  // the place of it.
  catalog::BucketSet delta = catalog::BucketSet::kNone;

  // Null when events of this type do not carry it.
  constexpr const FieldUse* Find(Field field) const {
    for (const FieldUse& use : fields) {
      if (use.field == field) return &use;
    }
    return nullptr;
  }

  // Whether it may have bounds, counts and sum; those of custom metrics are in the configuration.
  constexpr bool TakesDelta() const { return delta != catalog::BucketSet::kNone || name == "custom"; }
};

// The year 5138: who sends more has sent milliseconds.
inline constexpr double kMostUnixSeconds = 1e11;

inline constexpr std::string_view kTypePrefix = "fleet.";

// The whole vocabulary, in the order of the documentation.
std::span<const EventType> EventTypes();
// Null for an unknown type. `name` without the prefix.
const EventType* FindEventType(std::string_view name);

struct FieldValue {
  Field field{};
  // kText, kMessage, or the key of kNumbersByKey (one FieldValue for each key). kTextsByKey: one with
  // the key, then one with its text. kNumbers: all of them, separated by commas.
  std::string_view text{};
  double number = 0;  // kNumber; kTime as unix seconds; kBool as 0 or 1
};

// One event. The texts belong to whoever decoded it and need to live only while it is applied.
class Event {
 public:
  const EventType* type = nullptr;
  std::string_view source;
  std::string_view id;
  UnixMillis time;
  double count = 1;   // pre-aggregated: that many equal events. Multiplies counters
  double weight = 1;  // 1 / sampling rate. Multiplies observations, never counters
  std::string_view trace_id;
  // Measured from outside by a source: no sign that the entity itself does anything, and not counted again
  // with every read. Sources' facts are in no journal, so nobody writes this down.
  bool observed = false;
  // Perhaps told before, by the same source before a restart: what is known already is neither counted again
  // nor wrong, and the end of what is not known is none.
  bool retold = false;

  static constexpr std::size_t kMaxValues = 12;

  // False when the event is full; more keys than that in one object are not legitimate.
  bool Add(const FieldValue& value) {
    if (size_ == kMaxValues) return false;
    values_[size_++] = value;
    return true;
  }
  std::span<const FieldValue> values() const { return {values_.data(), size_}; }

  bool Has(Field field) const { return Get(field) != nullptr; }
  // Empty text, nullopt when absent.
  std::string_view Text(Field field) const {
    const FieldValue* const value = Get(field);
    return value == nullptr ? std::string_view() : value->text;
  }
  std::string_view TextOr(Field field, std::string_view absent) const {
    const std::string_view text = Text(field);
    return text.empty() ? absent : text;
  }
  std::optional<double> Number(Field field) const {
    const FieldValue* const value = Get(field);
    return value == nullptr ? std::nullopt : std::optional(value->number);
  }
  std::optional<bool> Bool(Field field) const {
    const FieldValue* const value = Get(field);
    return value == nullptr ? std::nullopt : std::optional(value->number != 0);
  }
  std::optional<UnixMillis> Time(Field field) const {
    const FieldValue* const value = Get(field);
    if (value == nullptr) return std::nullopt;
    const double seconds = value->number > -kMostUnixSeconds ? value->number : -kMostUnixSeconds;  // also NaN
    return UnixMillis{static_cast<std::int64_t>(std::min(seconds, kMostUnixSeconds) * 1000 + 0.5)};
  }

 private:
  const FieldValue* Get(Field field) const {
    for (std::size_t i = 0; i < size_; ++i) {
      if (values_[i].field == field) return &values_[i];
    }
    return nullptr;
  }

  std::array<FieldValue, kMaxValues> values_;
  std::size_t size_ = 0;
};

}  // namespace fleet
