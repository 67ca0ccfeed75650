#include "exporter/ingest/event_builder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <utility>

#include "exporter/fleet/histogram_delta.h"
#include "exporter/ingest/json_number.h"
#include "lib/base/rfc3339.h"
#include "lib/base/text.h"

namespace fleet {
namespace {

using Kind = JsonValue::Kind;

constexpr double kMostNumber = 1e15;
constexpr double kMostCount = 1e9;
constexpr double kMostWeight = 1e6;
constexpr std::size_t kMostMessageBytes = 4096;
constexpr std::size_t kMostTraceIdBytes = 64;  // OpenMetrics: 128 characters for all of an exemplar
constexpr std::size_t kFieldsAtOnce = 32;
constexpr std::size_t kMostNumbers = 64;  // in one array

constexpr std::string_view kAttributeNames[] = {"specversion", "id", "source", "type", "time", "data", ""};

constexpr std::size_t Place(Attribute attribute) { return static_cast<std::size_t>(attribute); }

std::string_view NameOf(Kind kind) {
  switch (kind) {
    case Kind::kString:
      return "a string";
    case Kind::kNumber:
      return "a number";
    case Kind::kTrue:
    case Kind::kFalse:
      return "a boolean";
    case Kind::kNull:
      return "null";
    case Kind::kArray:
      return "an array";
    case Kind::kObject:
      return "an object";
  }
  return "";
}

std::string MustBe(std::string_view what, Kind kind) {
  return fmt::format("must be {}, not {}", what, NameOf(kind));
}

bool IsWholeNumber(const JsonValue& value) {
  return value.kind == Kind::kNumber && value.text.find_first_not_of("0123456789") == std::string_view::npos;
}

bool IsBool(Kind kind) { return kind == Kind::kTrue || kind == Kind::kFalse; }

// What is wrong with a text, or nothing.
std::string CheckText(std::string_view text, std::size_t limit, bool is_message = false) {
  if (text.empty()) return "must not be empty";
  if (text.size() > limit) return fmt::format("must have at most {} bytes, not {}", limit, text.size());
  if (!is_message && HasControlCharacter(text)) return "must not contain control characters";
  return {};
}

// What is wrong with a number, or nothing.
std::string ReadNumber(const JsonValue& value, double& to) {
  if (value.kind != Kind::kNumber) return MustBe("a number", value.kind);
  to = JsonNumberValue(value.text);
  if (to < 0) return "must not be negative";
  if (to > kMostNumber) return "must be at most 1e15";
  return {};
}

}  // namespace

void NumberList::Add(const JsonValue& value) {
  const bool fits = value.kind == Kind::kNumber && !value.text.starts_with('-');
  if (!fits) wrong = "must be an array of numbers, none of them negative";
  if (++size > kMostNumbers) wrong = fmt::format("must have at most {} numbers", kMostNumbers);
  if (!wrong.empty()) return;
  if (size > 1) texts += ',';
  texts += value.text;
}

Attribute FindAttribute(std::string_view name) {
  const auto it = std::ranges::find(kAttributeNames, name);
  return static_cast<Attribute>(std::min<std::ptrdiff_t>(it - std::begin(kAttributeNames), kAttributes));
}

std::string_view NameOf(Attribute attribute) { return kAttributeNames[Place(attribute)]; }

void EventBuilder::Start() {
  has_envelope_ = true;
  not_an_object_.reset();
  seen_.reset();
  if (any_wrong_) wrong_.fill(std::nullopt);
  any_wrong_ = false;
  type_ = nullptr;
  id_ = {};
  source_ = {};
  has_time_ = false;
  seen_fields_.reset();
  fields_.clear();
  wrong_fields_.clear();
}

void EventBuilder::StartData(const EventType& type) {
  Start();
  has_envelope_ = false;
  type_ = &type;
}

void EventBuilder::Give(std::span<const GivenText> given) {
  for (const GivenText& text : given) {
    if (text.is_default && seen_fields_[static_cast<std::size_t>(text.field)]) continue;
    std::erase_if(fields_, [&](const FieldValue& value) { return value.field == text.field; });
    std::erase_if(wrong_fields_, [&](const WrongField& wrong) { return wrong.field == text.field; });
    PutField({text.field, text.text, 0});
    std::string wrong = CheckText(text.text, limits_->max_text_bytes);
    if (wrong.empty() && !IsValidUtf8(text.text)) wrong = "must be valid UTF-8";
    if (!wrong.empty()) Wrong(text.field, std::move(wrong));
  }
}

void EventBuilder::NotAnObject(const JsonValue& value) {
  not_an_object_ = Refusal{"malformed", "the event " + MustBe("an object", value.kind)};
}

void EventBuilder::Put(Attribute attribute, const JsonValue& value) {
  using enum Attribute;
  if (attribute == kOther || value.kind == Kind::kNull) return;
  if (seen_[Place(attribute)]) return Wrong(attribute, "given twice");
  seen_.set(Place(attribute));
  if (value.kind != Kind::kString) return Wrong(attribute, MustBe("a string", value.kind));
  if (attribute == kTime) {
    const auto time = ParseRfc3339(value.text);
    if (!time) return Wrong(kTime, "must be an RFC 3339 time such as 2026-01-31T12:00:00Z");
    time_ = *time;
    has_time_ = true;
    return;
  }
  if (std::string wrong = CheckText(value.text, limits_->max_text_bytes); !wrong.empty()) {
    return Wrong(attribute, std::move(wrong));
  }
  if (attribute == kId) id_ = value.text;
  if (attribute == kSource) source_ = value.text;
  if (attribute == kType) ReadType(value.text);
  if (attribute == kSpecVersion && value.text != "1.0") {
    Wrong(attribute, fmt::format("must be \"1.0\", not \"{}\"", value.text));
  }
}

void EventBuilder::ReadType(std::string_view name) {
  using enum Attribute;
  if (!name.starts_with(kTypePrefix)) {
    return Wrong(kType, fmt::format("must begin with \"{}\", not be \"{}\"", kTypePrefix, name),
                 "unknown_type");
  }
  type_ = FindEventType(name.substr(kTypePrefix.size()));
  if (type_ != nullptr) return;
  std::vector<std::string_view> names;
  for (const EventType& type : EventTypes()) names.push_back(type.name);
  const auto closest = ClosestMatch(name.substr(kTypePrefix.size()), names);
  const std::string hint = closest ? fmt::format(", did you mean \"{}{}\"?", kTypePrefix, *closest) : "";
  Wrong(kType, fmt::format("there is no \"{}\"{}", name, hint), "unknown_type");
}

void EventBuilder::Wrong(Attribute attribute, std::string text, std::string_view reason) {
  any_wrong_ = true;
  Refused& wrong = wrong_[Place(attribute)];
  if (!wrong) wrong = Refusal{reason, fmt::format("{}: {}", NameOf(attribute), text)};
}

bool EventBuilder::Wrong(Field field, std::string text) {
  wrong_fields_.push_back({field, std::move(text)});
  return false;
}

void EventBuilder::Data(const JsonValue& value) {
  using enum Attribute;
  if (seen_[Place(kData)]) return Wrong(kData, "given twice");
  if (value.kind == Kind::kNull) return;
  seen_.set(Place(kData));
  if (value.kind != Kind::kObject) Wrong(kData, MustBe("an object", value.kind));
}

void EventBuilder::DataField(const FieldDef& def, const JsonValue& value) {
  if (value.kind == Kind::kNull) return;
  FieldValue read{def.field, {}, 0};
  const auto place = static_cast<std::size_t>(def.field);
  if (seen_fields_[place]) {
    Wrong(def.field, "given twice");
  } else {
    ReadValue(def, value, read);
  }
  seen_fields_.set(place);
  PutField(read);
}

void EventBuilder::DataNumber(const FieldDef& def, std::string_view key, const JsonValue& value) {
  if (value.kind == Kind::kNull) return;
  FieldValue read{def.field, key, 0};
  if (std::string wrong = CheckText(key, limits_->max_text_bytes); !wrong.empty()) {
    Wrong(def.field, std::move(wrong));
  } else if (wrong = ReadNumber(value, read.number); !wrong.empty()) {
    Wrong(def.field, fmt::format("\"{}\" {}", key, wrong));
  }
  PutField(read);
}

void EventBuilder::DataText(const FieldDef& def, std::string_view key, const JsonValue& value) {
  if (value.kind == Kind::kNull) return;
  FieldValue read{def.field, {}, 1};
  if (std::string wrong = CheckText(key, limits_->max_text_bytes); !wrong.empty()) {
    Wrong(def.field, std::move(wrong));
  } else {
    ReadText(def, value, read);
  }
  PutField({def.field, key, 0});
  PutField(read);
}

void EventBuilder::DataNumbers(const FieldDef& def, std::string_view numbers, std::string wrong) {
  const auto place = static_cast<std::size_t>(def.field);
  if (seen_fields_[place]) wrong = "given twice";
  if (!wrong.empty()) Wrong(def.field, std::move(wrong));
  seen_fields_.set(place);
  PutField({def.field, numbers, 0});
}

void EventBuilder::PutField(const FieldValue& value) {
  if (fields_.size() == kFieldsAtOnce) return Wrong(Attribute::kData, "too many members");
  fields_.push_back(value);
}

bool EventBuilder::ReadValue(const FieldDef& def, const JsonValue& value, FieldValue& to) {
  switch (def.kind) {
    case FieldKind::kText:
    case FieldKind::kMessage:
      return ReadText(def, value, to);
    case FieldKind::kNumber: {
      std::string wrong = ReadNumber(value, to.number);
      return wrong.empty() || Wrong(def.field, std::move(wrong));
    }
    case FieldKind::kBool:
      to.number = value.kind == Kind::kTrue ? 1 : 0;
      return IsBool(value.kind) || Wrong(def.field, MustBe("true or false", value.kind));
    case FieldKind::kTime:
      return ReadTime(def, value, to.number);
    case FieldKind::kNumbersByKey:
      return Wrong(def.field, MustBe("an object of numbers", value.kind));
    case FieldKind::kTextsByKey:
      return Wrong(def.field, MustBe("an object of strings", value.kind));
    case FieldKind::kNumbers:
      return Wrong(def.field, MustBe("an array of numbers", value.kind));
  }
  return true;
}

bool EventBuilder::ReadText(const FieldDef& def, const JsonValue& value, FieldValue& to) {
  const bool is_message = def.kind == FieldKind::kMessage;
  if (value.kind != Kind::kString && (is_message || !IsWholeNumber(value))) {
    return Wrong(def.field, MustBe("a string", value.kind));
  }
  to.text = value.text;
  std::size_t limit = is_message ? kMostMessageBytes : limits_->max_text_bytes;
  if (def.field == Field::kTraceId) limit = kMostTraceIdBytes;
  std::string wrong = CheckText(value.text, limit, is_message);
  return wrong.empty() || Wrong(def.field, std::move(wrong));
}

bool EventBuilder::ReadTime(const FieldDef& def, const JsonValue& value, double& to) {
  if (value.kind == Kind::kNumber) {
    to = JsonNumberValue(value.text);
    if (to < 0) return Wrong(def.field, "must not be negative");
    return to <= kMostUnixSeconds || Wrong(def.field, "must be unix seconds, not milliseconds");
  }
  if (value.kind != Kind::kString) {
    return Wrong(def.field, MustBe("an RFC 3339 time or unix seconds", value.kind));
  }
  const auto time = ParseRfc3339(value.text);
  if (!time) {
    return Wrong(def.field, "must be an RFC 3339 time such as 2026-01-31T12:00:00Z, or unix seconds");
  }
  to = time->Seconds();
  return true;
}

Refused EventBuilder::Finish(UnixMillis now, Event& event) {
  if (not_an_object_) return not_an_object_;
  event.time = now;
  event.type = type_;
  if (has_envelope_) {
    if (Refused refused = FinishEnvelope(now, event)) return refused;
  } else if (any_wrong_) {
    return wrong_[Place(Attribute::kData)];
  }
  if (Refused refused = FinishData(event)) return refused;
  return CheckRequired(event);
}

Refused EventBuilder::FinishEnvelope(UnixMillis now, Event& event) {
  for (std::size_t i = 0; i < kAttributes; ++i) {
    if (wrong_[i]) return wrong_[i];
    if (seen_[i] || i == Place(Attribute::kTime)) continue;
    return Refusal{"missing_field", fmt::format("{}: missing", kAttributeNames[i])};
  }
  event.id = id_;
  event.source = source_;
  event.time = has_time_ ? time_ : now;
  return std::nullopt;
}

Refused EventBuilder::FinishData(Event& event) {
  has_count_ = false;
  for (const FieldValue& value : fields_) {
    if (Refused refused = TakeField(value, event)) return refused;
  }
  return has_count_ || !event.Has(Field::kCounts) ? std::nullopt : CountObservations(event);
}

// An event that stands for many observations counts as many.
Refused EventBuilder::CountObservations(Event& event) {
  double sum = 0;
  for (const double n : ParseNumbers(event.Text(Field::kCounts))) sum += n;
  if (sum < 1 || sum > kMostCount) {
    return Refusal{"invalid_value", "data.counts: must add up to 1 to 1e9 observations"};
  }
  event.count = sum;
  return std::nullopt;
}

Refused EventBuilder::TakeField(const FieldValue& value, Event& event) {
  using enum Field;
  const bool of_delta = value.field == kBounds || value.field == kCounts || value.field == kSum;
  const bool common = value.field == kCount || value.field == kWeight || value.field == kTraceId ||
                      (of_delta && event.type->TakesDelta());
  if (!common && event.type->Find(value.field) == nullptr) return std::nullopt;
  const auto refused = [&](std::string_view why) {
    return Refusal{"invalid_value", fmt::format("data.{}: {}", Definition(value.field).name, why)};
  };
  for (const WrongField& wrong : wrong_fields_) {
    if (wrong.field == value.field) return refused(wrong.text);
  }
  if (value.field == kCount) {
    event.count = value.number;
    has_count_ = true;
    const bool is_whole = event.count == std::floor(event.count);
    if (event.count < 1 || event.count > kMostCount || !is_whole) {
      return refused("must be a whole number from 1 to 1e9");
    }
  } else if (value.field == kWeight) {
    event.weight = value.number;
    if (event.weight < 1 || event.weight > kMostWeight) return refused("must be from 1 to 1e6");
  } else if (value.field == kTraceId) {
    event.trace_id = value.text;
  } else if (!event.Add(value)) {
    return refused("too many values");
  }
  return std::nullopt;
}

Refused EventBuilder::CheckRequired(const Event& event) const {
  for (const FieldUse& use : event.type->fields) {
    if (!use.required || event.Has(use.field)) continue;
    if (use.field == Field::kDurationSeconds && HasDelta(event)) continue;
    return Refusal{"missing_field", fmt::format("data.{}: missing", Definition(use.field).name)};
  }
  return std::nullopt;
}

std::string_view EventBuilder::kind() const {
  return type_ == nullptr ? "other" : type_->name.substr(0, type_->name.find('.'));
}

}  // namespace fleet
