#include "exporter/ingest/decode.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <deque>
#include <utility>

#include "exporter/ingest/event_builder.h"
#include "exporter/ingest/json_number.h"
#include "exporter/ingest/utf8.h"
#include "lib/base/text.h"

namespace fleet {
namespace {

namespace ondemand = simdjson::ondemand;
using simdjson::error_code;
using simdjson::SUCCESS;

bool IsBlank(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

std::string_view TrimEnd(std::string_view text) {
  while (!text.empty() && IsBlank(text.back())) text.remove_suffix(1);
  return text;
}

std::size_t Distance(const char* from, const char* to) { return static_cast<std::size_t>(to - from); }

// Nothing follows what has been read. REQUIRES: nothing failed.
bool IsAtEnd(ondemand::document& document) {
  return document.current_location().error() == simdjson::OUT_OF_BOUNDS;
}

}  // namespace

// simdjson finds the structure; whatever it leaves unread it has not checked, so every value is walked,
// those that nobody asks for, too.
class Decoder::Impl {
 public:
  DecodedBody& Decode(BodyFormat format, std::string_view body, const IngestLimits& limits, UnixMillis now) {
    Begin(body, limits, now);
    switch (format) {
      case BodyFormat::kCloudEvent:
        ReadSingle([this](ondemand::object& object) { return ReadEvent(object); });
        break;
      case BodyFormat::kCloudEventBatch:
        ReadBatch();
        break;
      case BodyFormat::kNdjson:
        ReadLines();
        break;
    }
    return End();
  }

  std::size_t held_bytes() const { return buffer_.capacity(); }

  DecodedBody& DecodeData(const EventType& type, std::span<const GivenText> given, std::string_view body,
                          const IngestLimits& limits, UnixMillis now) {
    Begin(body, limits, now);
    builder_.StartData(type);
    if (Trim(body).empty()) {
      builder_.Give(given);
      Take(0);
    } else {
      ReadSingle([&](ondemand::object& object) {
        const error_code error = ReadFields(object);
        builder_.Give(given);
        return error;
      });
    }
    return End();
  }

 private:
  void Begin(std::string_view body, const IngestLimits& limits, UnixMillis now) {
    limits_ = limits;
    now_ = now;
    decoded_.failure = DecodedBody::Failure::kNone;
    decoded_.error.clear();
    decoded_.events.clear();
    decoded_.places.clear();
    decoded_.refused.clear();
    unescaped_.clear();
    buffer_.resize(body.size() + simdjson::SIMDJSON_PADDING);
    std::memcpy(buffer_.data(), body.data(), body.size());
    std::memset(buffer_.data() + body.size(), ' ', simdjson::SIMDJSON_PADDING);
    body_ = std::string_view(buffer_.data(), body.size());
  }

  DecodedBody& End() {
    if (decoded_.failure != DecodedBody::Failure::kNone) {
      decoded_.events.clear();
      decoded_.places.clear();
      decoded_.refused.clear();
    }
    return decoded_;
  }

  void Fail(DecodedBody::Failure failure, std::string error) {
    decoded_.failure = failure;
    decoded_.error = std::move(error);
  }
  void FailMalformed(std::string error) { Fail(DecodedBody::Failure::kMalformed, std::move(error)); }

  bool IsFull(std::size_t index) {
    if (index < limits_.max_events) return false;
    Fail(DecodedBody::Failure::kTooLarge,
         fmt::format("more than {} events in one request", limits_.max_events));
    return true;
  }

  // A body that is one object.
  template <typename ReadObject>
  void ReadSingle(ReadObject read_object) {
    ondemand::document document;
    if (const error_code error = Open(body_, document)) return FailMalformed(Describe(error, document));
    ondemand::object object;
    error_code error = document.get_object().get(object);
    if (error == simdjson::INCORRECT_TYPE) return FailMalformed("the body must be a JSON object");
    if (!error) error = read_object(object);
    if (!error && !IsAtEnd(document)) error = simdjson::TAPE_ERROR;
    if (error) return FailMalformed(Describe(error, document));
    Take(0);
  }

  void ReadBatch() {
    ondemand::document document;
    if (const error_code error = Open(body_, document)) return FailMalformed(Describe(error, document));
    ondemand::array array;
    error_code error = document.get_array().get(array);
    if (error == simdjson::INCORRECT_TYPE) return FailMalformed("the body must be a JSON array");
    if (!error) error = ReadElements(array);
    if (decoded_.failure != DecodedBody::Failure::kNone) return;
    if (!error && !IsAtEnd(document)) error = simdjson::TAPE_ERROR;
    if (error) FailMalformed(Describe(error, document));
  }

  error_code ReadElements(ondemand::array& array) {
    std::size_t index = 0;
    for (auto element : array) {
      if (IsFull(index)) return SUCCESS;
      ondemand::value value;
      if (const error_code error = element.get(value)) return error;
      if (const error_code error = ReadElement(value)) return error;
      Take(index++);
    }
    return SUCCESS;
  }

  // What is wrong with one line is that line's business.
  void ReadLines() {
    std::size_t index = 0;
    for (std::size_t begin = 0; begin < body_.size();) {
      const std::size_t end = std::min(body_.find('\n', begin), body_.size());
      const std::string_view line = Trim(body_.substr(begin, end - begin));
      begin = end + 1;
      if (line.empty()) continue;
      if (IsFull(index)) return;
      ReadLine(line, index++);
    }
    if (index == 0) FailMalformed("the body is empty");
  }

  void ReadLine(std::string_view line, std::size_t index) {
    ondemand::document document;
    builder_.Start();
    error_code error = Open(line, document);
    if (!error) {
      ondemand::object object;
      error = document.get_object().get(object);
      if (error == simdjson::INCORRECT_TYPE) {
        return Refuse(index, {"malformed", "the line must be a JSON object"});
      }
      if (!error) error = ReadEvent(object);
      if (!error && !IsAtEnd(document)) error = simdjson::TAPE_ERROR;
    }
    if (error) return Refuse(index, {"malformed", Describe(error, document)});
    Take(index);
  }

  error_code Open(std::string_view text, ondemand::document& document) {
    text_ = text;
    has_escapes_ = text.find('\\') != std::string_view::npos;
    const simdjson::padded_string_view padded(text.data(), text.size(),
                                              text.size() + simdjson::SIMDJSON_PADDING);
    too_deep_ = false;
    bad_scalar_ = nullptr;
    const error_code error = parser_.iterate(padded).get(document);
    is_open_ = error == SUCCESS;
    return error;
  }

  // REQUIRES: reading failed, in Open or later.
  std::string Describe(error_code error, ondemand::document& document) {
    if (too_deep_) return fmt::format("JSON nested deeper than {} levels", limits_.max_depth);
    switch (error) {
      case simdjson::EMPTY:
        return "the body is empty";
      case simdjson::UTF8_ERROR:
        return fmt::format("not valid UTF-8 at byte {}", FirstInvalidByte(text_));
      case simdjson::UNCLOSED_STRING:
        return "not valid JSON: a string has no end";
      case simdjson::UNESCAPED_CHARS:
        return "not valid JSON: a string contains a control character";
      case simdjson::INCOMPLETE_ARRAY_OR_OBJECT:
        return "not valid JSON: it does not end where it should";
      default:
        break;
    }
    const char* location = bad_scalar_;
    if (location == nullptr && (!is_open_ || document.current_location().get(location))) {
      return "not valid JSON: it does not end where it should";
    }
    return fmt::format("not valid JSON at byte {}", location - text_.data());
  }

  void Take(std::size_t index) {
    Event& event = decoded_.events.emplace_back();
    if (Refused refused = builder_.Finish(now_, event)) {
      decoded_.events.pop_back();
      return Refuse(index, std::move(*refused));
    }
    decoded_.places.push_back(index);
  }

  void Refuse(std::size_t index, Refusal refusal) {
    decoded_.refused.push_back({index, builder_.kind(), std::move(refusal)});
  }

  error_code ReadElement(ondemand::value& value) {
    bool is_object = false;
    if (const error_code error = IsObject(value, is_object)) return error;
    if (!is_object) {
      JsonValue other;
      if (const error_code error = ReadValue(value, 1, other)) return error;
      builder_.Start();
      builder_.NotAnObject(other);
      return SUCCESS;
    }
    ondemand::object object;
    if (const error_code error = value.get_object().get(object)) return error;
    return ReadEvent(object);
  }

  error_code ReadEvent(ondemand::object& object) {
    builder_.Start();
    std::size_t place = 0;
    for (auto member : object) {
      Attribute& guess = last_attributes_[std::min(place++, last_attributes_.size() - 1)];
      if (member.error()) return member.error();
      ondemand::field& field = FieldOf(member);
      if (!IsNamed(field, NameOf(guess))) {
        std::string_view name;
        if (const error_code error = ReadName(field, name)) return error;
        guess = FindAttribute(name);
      }
      if (guess == Attribute::kData) {
        if (const error_code error = ReadData(field.value())) return error;
      } else {
        JsonValue read;
        if (const error_code error = ReadValue(field.value(), 2, read)) return error;
        builder_.Put(guess, read);
      }
    }
    return SUCCESS;
  }

  error_code ReadData(ondemand::value& value) {
    bool is_object = false;
    if (const error_code error = IsObject(value, is_object)) return error;
    if (!is_object) {
      JsonValue other;
      if (const error_code error = ReadValue(value, 2, other)) return error;
      builder_.Data(other);
      return SUCCESS;
    }
    ondemand::object fields;
    if (const error_code error = value.get_object().get(fields)) return error;
    builder_.Data({JsonValue::Kind::kObject, {}});
    return ReadFields(fields);
  }

  error_code ReadFields(ondemand::object& data) {
    std::size_t place = 0;
    for (auto member : data) {
      const FieldDef*& def = last_fields_[std::min(place++, last_fields_.size() - 1)];
      if (member.error()) return member.error();
      ondemand::field& field = FieldOf(member);
      if (def == nullptr || !IsNamed(field, def->name)) {
        std::string_view name;
        if (const error_code error = ReadName(field, name)) return error;
        def = FindField(name);
      }
      ondemand::value& value = field.value();
      if (def != nullptr && !IsScalar(def->kind)) {
        if (const error_code error = ReadInner(*def, value)) return error;
        continue;
      }
      JsonValue read;
      if (const error_code error = ReadValue(value, 3, read)) return error;
      if (def != nullptr) builder_.DataField(*def, read);
    }
    return SUCCESS;
  }

  // A field whose value should be an object or an array.
  error_code ReadInner(const FieldDef& def, ondemand::value& value) {
    ondemand::json_type type{};
    if (const error_code error = value.type().get(type)) return error;
    if (def.kind == FieldKind::kNumbers && type == ondemand::json_type::array) return ReadArray(def, value);
    if (def.kind != FieldKind::kNumbers && type == ondemand::json_type::object) {
      return ReadByKey(def, value);
    }
    JsonValue read;
    if (const error_code error = ReadValue(value, 3, read)) return error;
    builder_.DataField(def, read);
    return SUCCESS;
  }

  error_code ReadArray(const FieldDef& def, ondemand::value& value) {
    ondemand::array array;
    if (const error_code error = value.get_array().get(array)) return error;
    NumberList numbers;
    for (auto element : array) {
      ondemand::value inner;
      if (const error_code error = element.get(inner)) return error;
      JsonValue read;
      if (const error_code error = ReadValue(inner, 4, read)) return error;
      numbers.Add(read);
    }
    builder_.DataNumbers(def, Keep(numbers.texts), std::move(numbers.wrong));
    return SUCCESS;
  }

  error_code ReadByKey(const FieldDef& def, ondemand::value& object) {
    ondemand::object numbers;
    if (const error_code error = object.get_object().get(numbers)) return error;
    for (auto member : numbers) {
      if (member.error()) return member.error();
      ondemand::field& field = FieldOf(member);
      std::string_view key;
      if (const error_code error = ReadName(field, key)) return error;
      JsonValue read;
      if (const error_code error = ReadValue(field.value(), 4, read)) return error;
      if (def.kind == FieldKind::kTextsByKey) {
        builder_.DataText(def, key, read);
      } else {
        builder_.DataNumber(def, key, read);
      }
    }
    return SUCCESS;
  }

  // Where the field is, without a copy: copying simdjson's iterators costs more than reading them.
  static ondemand::field& FieldOf(simdjson::simdjson_result<ondemand::field>& member) {
    ondemand::field&& field = std::move(member).value_unsafe();
    return field;
  }

  bool IsNamed(const ondemand::field& field, std::string_view name) const {
    const char* const key = field.key().raw();
    if (Distance(key, text_.data() + text_.size()) <= name.size()) return false;
    return key[name.size()] == '"' && std::memcmp(key, name.data(), name.size()) == 0;
  }

  error_code ReadName(ondemand::field& field, std::string_view& name) {
    const char* const key = field.key().raw();
    const std::size_t left = Distance(key, text_.data() + text_.size());
    const auto* const quote = static_cast<const char*>(std::memchr(key, '"', left));
    if (quote == nullptr) return simdjson::TAPE_ERROR;
    name = {key, Distance(key, quote)};
    if (!has_escapes_ || name.find('\\') == std::string_view::npos) return SUCCESS;
    if (const error_code error = field.unescaped_key().get(name)) return error;
    name = Keep(name);
    return SUCCESS;
  }

  static error_code IsObject(ondemand::value& value, bool& is_object) {
    ondemand::json_type type{};
    const error_code error = value.type().get(type);
    is_object = type == ondemand::json_type::object;
    return error;
  }

  // Reads to the end of the value, whatever it is. `depth` is that of the value, from 1.
  error_code ReadValue(ondemand::value& value, std::size_t depth, JsonValue& read) {
    ondemand::json_type type{};
    if (const error_code error = value.type().get(type)) return error;
    if (type == ondemand::json_type::object || type == ondemand::json_type::array) {
      read.kind = type == ondemand::json_type::object ? JsonValue::Kind::kObject : JsonValue::Kind::kArray;
      return WalkInto(value, type, depth);
    }
    return ReadScalar(value, TrimEnd(value.raw_json_token()), read);
  }

  error_code WalkInto(ondemand::value& value, ondemand::json_type type, std::size_t depth) {
    if (depth > limits_.max_depth) {
      too_deep_ = true;
      return simdjson::DEPTH_ERROR;
    }
    JsonValue ignored;
    if (type == ondemand::json_type::array) {
      ondemand::array array;
      if (const error_code error = value.get_array().get(array)) return error;
      for (auto element : array) {
        ondemand::value inner;
        if (const error_code error = element.get(inner)) return error;
        if (const error_code error = ReadValue(inner, depth + 1, ignored)) return error;
      }
      return SUCCESS;
    }
    ondemand::object object;
    if (const error_code error = value.get_object().get(object)) return error;
    for (auto member : object) {
      if (member.error()) return member.error();
      ondemand::field& field = FieldOf(member);
      std::string_view name;
      if (const error_code error = ReadName(field, name)) return error;
      if (const error_code error = ReadValue(field.value(), depth + 1, ignored)) return error;
    }
    return SUCCESS;
  }

  error_code ReadScalar(ondemand::value& value, std::string_view token, JsonValue& read) {
    if (token.size() >= 2 && token.front() == '"' && token.back() == '"') {
      read = {JsonValue::Kind::kString, token.substr(1, token.size() - 2)};
      if (!has_escapes_ || read.text.find('\\') == std::string_view::npos) return SUCCESS;
      if (const error_code error = value.get_string().get(read.text)) return NoValue(token, error);
      read.text = Keep(read.text);
      return SUCCESS;
    }
    if (token == "true") return Is(JsonValue::Kind::kTrue, read);
    if (token == "false") return Is(JsonValue::Kind::kFalse, read);
    if (token == "null") return Is(JsonValue::Kind::kNull, read);
    if (!IsJsonNumber(token)) return NoValue(token, simdjson::TAPE_ERROR);
    read = {JsonValue::Kind::kNumber, token};
    return SUCCESS;
  }

  error_code NoValue(std::string_view token, error_code error) {
    bad_scalar_ = token.data();
    return error;
  }

  static error_code Is(JsonValue::Kind kind, JsonValue& read) {
    read.kind = kind;
    return SUCCESS;
  }

  // simdjson forgets unescaped strings when the next document begins.
  std::string_view Keep(std::string_view text) { return unescaped_.emplace_back(text); }

  IngestLimits limits_;
  UnixMillis now_;
  ondemand::parser parser_;
  EventBuilder builder_{limits_};
  std::string buffer_;                 // the body and its padding
  std::string_view body_;              // in it
  std::string_view text_;              // the document being read: the body, or a line of it
  std::deque<std::string> unescaped_;  // addresses stay
  bool has_escapes_ = false;           // somewhere in text_
  bool is_open_ = false;               // the document: simdjson found its structure
  bool too_deep_ = false;
  const char* bad_scalar_ = nullptr;  // where the value stands that is none
  // Senders write all their events alike: the member that stood at a place is tried there first.
  std::array<Attribute, 8> last_attributes_{};  // kSpecVersion at first
  std::array<const FieldDef*, 12> last_fields_{};
  DecodedBody decoded_;
};

Decoder::Decoder() : impl_(std::make_unique<Impl>()) {}
Decoder::~Decoder() = default;

DecodedBody& Decoder::Decode(BodyFormat format, std::string_view body, const IngestLimits& limits,
                             UnixMillis now) {
  return impl_->Decode(format, body, limits, now);
}

DecodedBody& Decoder::DecodeData(const EventType& type, std::span<const GivenText> given,
                                 std::string_view body, const IngestLimits& limits, UnixMillis now) {
  return impl_->DecodeData(type, given, body, limits, now);
}

void Decoder::ReleaseLargeBuffers() {
  constexpr std::size_t kUsual = 2U << 20U;
  if (impl_->held_bytes() > kUsual) impl_ = std::make_unique<Impl>();
}

}  // namespace fleet
