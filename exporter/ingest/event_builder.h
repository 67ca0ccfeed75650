// From the members of a CloudEvent to an Event, or to the one sentence that says what is wrong with it.
// Knows the rules of the vocabulary, not how JSON is written.
#pragma once

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/fleet/event.h"
#include "exporter/fleet/refusal.h"
#include "exporter/ingest/ingest_limits.h"
#include "lib/base/clock.h"

namespace fleet {

struct JsonValue {
  enum class Kind { kString, kNumber, kTrue, kFalse, kNull, kArray, kObject };
  Kind kind = Kind::kNull;
  std::string_view text{};  // kString: without quotes and escapes; kNumber: as written
};

// An array of numbers while it is read: their texts, with commas between them.
struct NumberList {
  std::string texts;
  std::string wrong;  // what is wrong with it, or nothing
  std::size_t size = 0;

  void Add(const JsonValue& value);
};

// A member of the envelope; kOther is any that says nothing to us.
enum class Attribute : std::uint8_t { kSpecVersion, kId, kSource, kType, kTime, kData, kOther };
inline constexpr std::size_t kAttributes = 6;  // without kOther

Attribute FindAttribute(std::string_view name);
// Empty for kOther.
std::string_view NameOf(Attribute attribute);

// A field that does not come from the body.
struct GivenText {
  Field field{};
  std::string_view text;
  bool is_default = false;  // the body's wins, else this
};

// The members may come in any order, so what is wrong with a field of `data` is only judged when the
// type is known: fields the type does not have are ignored, whatever they hold.
class EventBuilder {
 public:
  explicit EventBuilder(const IngestLimits& limits) : limits_(&limits) {}

  void Start();
  // Data without an envelope, of a known type: the heartbeat shortcut. Then its fields, then Give.
  void StartData(const EventType& type);
  void Give(std::span<const GivenText> given);

  // Instead of an event.
  void NotAnObject(const JsonValue& value);
  // A member of the envelope except `data`.
  void Put(Attribute attribute, const JsonValue& value);
  void Data(const JsonValue& value);
  // A member of `data`; of a field with numbers by key only when it is no object.
  void DataField(const FieldDef& def, const JsonValue& value);
  // Once for each member of that object.
  void DataNumber(const FieldDef& def, std::string_view key, const JsonValue& value);
  void DataText(const FieldDef& def, std::string_view key, const JsonValue& value);
  // An array of numbers as their texts with commas between them; `wrong` says what is wrong with it.
  void DataNumbers(const FieldDef& def, std::string_view numbers, std::string wrong);

  // Fills `event`; `now` is the time of events that have none.
  Refused Finish(UnixMillis now, Event& event);

  // The part of the fleet the event speaks of, for counting: "worker", or "other".
  std::string_view kind() const;

 private:
  // Something wrong with a field, which matters only if the type has the field.
  struct WrongField {
    Field field{};
    std::string text;
  };

  void PutField(const FieldValue& value);
  void Wrong(Attribute attribute, std::string text, std::string_view reason = "invalid_value");
  // These return false after Wrong for the field.
  bool Wrong(Field field, std::string text);
  bool ReadValue(const FieldDef& def, const JsonValue& value, FieldValue& to);
  bool ReadText(const FieldDef& def, const JsonValue& value, FieldValue& to);
  bool ReadTime(const FieldDef& def, const JsonValue& value, double& to);

  void ReadType(std::string_view name);
  Refused FinishEnvelope(UnixMillis now, Event& event);
  Refused FinishData(Event& event);
  Refused TakeField(const FieldValue& value, Event& event);
  Refused CheckRequired(const Event& event) const;
  static Refused CountObservations(Event& event);

  const IngestLimits* limits_;
  Refused not_an_object_;
  bool has_envelope_ = true;
  std::bitset<kAttributes> seen_;
  std::array<Refused, kAttributes> wrong_;  // by attribute
  bool any_wrong_ = false;
  const EventType* type_ = nullptr;
  std::string_view id_;
  std::string_view source_;
  UnixMillis time_;
  bool has_time_ = false;
  std::bitset<kFieldCount> seen_fields_;
  bool has_count_ = false;          // as taken by the event
  std::vector<FieldValue> fields_;  // in document order
  std::vector<WrongField> wrong_fields_;
};

}  // namespace fleet
