#include "exporter/ingest/event_builder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

#include "exporter/ingest/json_number.h"
#include "exporter/ingest/rfc3339.h"
#include "lib/base/text.h"

namespace fleet {
namespace {

using Kind = JsonValue::Kind;

constexpr double kMostNumber = 1e15;
constexpr double kMostCount = 1e9;
constexpr double kMostWeight = 1e6;
constexpr double kMostUnixSeconds = 1e11;  // beyond it people sent milliseconds
constexpr std::size_t kMostMessageBytes = 4096;
constexpr std::size_t kMostTraceIdBytes = 64;  // OpenMetrics: 128 characters for all of an exemplar
constexpr std::size_t kFieldsAtOnce = 32;

constexpr std::string_view kAttributeNames[] = {"specversion", "id", "source", "type", "time", "data"};

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

}  // namespace

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
  field_count_ = 0;
}

void EventBuilder::StartData(const EventType& type) {
  Start();
  has_envelope_ = false;
  type_ = &type;
}

void EventBuilder::Give(std::span<const GivenText> given) {
  for (const GivenText& text : given) {
    const auto in_body = [&](const Read& read) { return read.value.field == text.field; };
    const auto end = fields_.begin() + static_cast<std::ptrdiff_t>(field_count_);
    const auto read = std::find_if(fields_.begin(), end, in_body);
    if (read != end && text.is_default) continue;
    std::string wrong = CheckText(text.text, limits_->max_text_bytes, false);
    if (wrong.empty() && !IsValidUtf8(text.text)) wrong = "must be valid UTF-8";
    Read mine{{text.field, text.text, 0}, std::move(wrong)};
    if (read != end) {
      *read = std::move(mine);
    } else {
      Put(std::move(mine));
    }
  }
}

void EventBuilder::Put(Read read) {
  if (field_count_ == kFieldsAtOnce) return Wrong(kData, "too many members");
  if (field_count_ == fields_.size()) fields_.emplace_back();
  fields_[field_count_++] = std::move(read);
}

void EventBuilder::NotAnObject(const JsonValue& value) {
  not_an_object_ = Refusal{"malformed", "the event " + MustBe("an object", value.kind)};
}

void EventBuilder::Attribute(std::string_view name, const JsonValue& value) {
  std::size_t i = 0;
  while (i < kData && kAttributeNames[i] != name) ++i;
  if (i == kData || value.kind == Kind::kNull) return;
  const auto attribute = static_cast<Attr>(i);
  if (seen_[attribute]) return Wrong(attribute, "given twice");
  seen_.set(attribute);
  if (value.kind != Kind::kString) return Wrong(attribute, MustBe("a string", value.kind));
  if (attribute == kTime) {
    const auto time = ParseRfc3339(value.text);
    if (!time) return Wrong(kTime, "must be an RFC 3339 time such as 2026-01-31T12:00:00Z");
    time_ = *time;
    has_time_ = true;
    return;
  }
  if (std::string wrong = CheckText(value.text, limits_->max_text_bytes, false); !wrong.empty()) {
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

void EventBuilder::Wrong(Attr attribute, std::string text, std::string_view reason) {
  any_wrong_ = true;
  if (wrong_[attribute]) return;
  wrong_[attribute] = Refusal{reason, fmt::format("{}: {}", kAttributeNames[attribute], text)};
}

void EventBuilder::Data(const JsonValue& value) {
  if (seen_[kData]) return Wrong(kData, "given twice");
  if (value.kind == Kind::kNull) return;
  seen_.set(kData);
  if (value.kind != Kind::kObject) Wrong(kData, MustBe("an object", value.kind));
}

void EventBuilder::DataField(const FieldDef& def, const JsonValue& value) {
  if (value.kind == Kind::kNull) return;
  Read read{{def.field, {}, 0}, {}};
  const auto place = static_cast<std::size_t>(def.field);
  read.wrong = seen_fields_[place] ? "given twice" : ReadValue(def, value, read.value);
  seen_fields_.set(place);
  Put(std::move(read));
}

void EventBuilder::DataNumber(const FieldDef& def, std::string_view key, const JsonValue& value) {
  if (value.kind == Kind::kNull) return;
  Read read{{def.field, key, 0}, CheckText(key, limits_->max_text_bytes, false)};
  if (read.wrong.empty()) {
    const std::string wrong = ReadNumber(value, read.value.number);
    if (!wrong.empty()) read.wrong = fmt::format("\"{}\" {}", key, wrong);
  }
  Put(std::move(read));
}

std::string EventBuilder::CheckText(std::string_view text, std::size_t limit, bool is_message) const {
  if (text.empty()) return "must not be empty";
  if (text.size() > limit) return fmt::format("must have at most {} bytes, not {}", limit, text.size());
  if (!is_message && HasControlCharacter(text)) return "must not contain control characters";
  return {};
}

std::string EventBuilder::ReadValue(const FieldDef& def, const JsonValue& value, FieldValue& to) const {
  switch (def.kind) {
    case FieldKind::kText:
      if (value.kind != Kind::kString && !IsWholeNumber(value)) return MustBe("a string", value.kind);
      to.text = value.text;
      return CheckText(value.text, def.field == Field::kTraceId ? kMostTraceIdBytes : limits_->max_text_bytes,
                       false);
    case FieldKind::kMessage:
      if (value.kind != Kind::kString) return MustBe("a string", value.kind);
      to.text = value.text;
      return CheckText(value.text, kMostMessageBytes, true);
    case FieldKind::kNumber:
      return ReadNumber(value, to.number);
    case FieldKind::kBool:
      if (!IsBool(value.kind)) return MustBe("true or false", value.kind);
      to.number = value.kind == Kind::kTrue ? 1 : 0;
      return {};
    case FieldKind::kTime:
      return ReadTime(value, to.number);
    case FieldKind::kNumbersByKey:
      return MustBe("an object of numbers", value.kind);
  }
  return {};
}

std::string EventBuilder::ReadNumber(const JsonValue& value, double& to) const {
  if (value.kind != Kind::kNumber) return MustBe("a number", value.kind);
  to = JsonNumberValue(value.text);
  if (to < 0) return "must not be negative";
  if (to > kMostNumber) return "must be at most 1e15";
  return {};
}

std::string EventBuilder::ReadTime(const JsonValue& value, double& to) const {
  if (value.kind == Kind::kNumber) {
    to = JsonNumberValue(value.text);
    if (to < 0) return "must not be negative";
    if (to > kMostUnixSeconds) return "must be unix seconds, not milliseconds";
    return {};
  }
  if (value.kind != Kind::kString) return MustBe("an RFC 3339 time or unix seconds", value.kind);
  const auto time = ParseRfc3339(value.text);
  if (!time) return "must be an RFC 3339 time such as 2026-01-31T12:00:00Z, or unix seconds";
  to = time->Seconds();
  return {};
}

Refused EventBuilder::Finish(UnixMillis now, Event& event) {
  if (not_an_object_) return not_an_object_;
  event.time = now;
  event.type = type_;
  if (has_envelope_) {
    if (Refused refused = FinishEnvelope(now, event)) return refused;
  } else if (any_wrong_) {
    return wrong_[kData];
  }
  if (Refused refused = FinishData(event)) return refused;
  return CheckRequired(event);
}

Refused EventBuilder::FinishEnvelope(UnixMillis now, Event& event) {
  for (const Attr attribute : {kSpecVersion, kId, kSource, kType, kTime, kData}) {
    if (wrong_[attribute]) return wrong_[attribute];
    if (seen_[attribute] || attribute == kTime) continue;
    return Refusal{"missing_field", fmt::format("{}: missing", kAttributeNames[attribute])};
  }
  event.id = id_;
  event.source = source_;
  event.time = has_time_ ? time_ : now;
  return std::nullopt;
}

Refused EventBuilder::FinishData(Event& event) {
  for (std::size_t i = 0; i < field_count_; ++i) {
    if (Refused refused = TakeField(fields_[i], event)) return refused;
  }
  return std::nullopt;
}

Refused EventBuilder::TakeField(Read& read, Event& event) {
  const Field field = read.value.field;
  const bool common = field == Field::kCount || field == Field::kWeight || field == Field::kTraceId;
  if (!common && event.type->Find(field) == nullptr) return std::nullopt;
  if (field == Field::kCount && read.wrong.empty()) {
    event.count = read.value.number;
    if (event.count < 1 || event.count > kMostCount || event.count != std::floor(event.count)) {
      read.wrong = "must be a whole number from 1 to 1e9";
    }
  } else if (field == Field::kWeight && read.wrong.empty()) {
    event.weight = read.value.number;
    if (event.weight < 1 || event.weight > kMostWeight) read.wrong = "must be from 1 to 1e6";
  } else if (field == Field::kTraceId) {
    event.trace_id = read.value.text;
  } else if (!event.Add(read.value)) {
    read.wrong = "too many values";
  }
  if (read.wrong.empty()) return std::nullopt;
  return Refusal{"invalid_value", fmt::format("data.{}: {}", Definition(field).name, read.wrong)};
}

Refused EventBuilder::CheckRequired(const Event& event) const {
  for (const FieldUse& use : event.type->fields) {
    if (!use.required || event.Has(use.field)) continue;
    return Refusal{"missing_field", fmt::format("data.{}: missing", Definition(use.field).name)};
  }
  return std::nullopt;
}

std::string_view EventBuilder::kind() const {
  return type_ == nullptr ? "other" : type_->name.substr(0, type_->name.find('.'));
}

}  // namespace fleet
