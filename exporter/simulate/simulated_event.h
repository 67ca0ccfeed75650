// One event of the simulated fleet as plain data, and its line of NDJSON.
#pragma once

#include <concepts>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "lib/base/clock.h"

namespace fleet::simulate {

using NumbersByKey = std::map<std::string, double>;
using FieldContent = std::variant<double, bool, std::string, NumbersByKey>;

struct EventField {
  EventField(std::string_view field, std::string_view text) : name(field), content(std::string(text)) {}
  EventField(std::string_view field, const char* text) : EventField(field, std::string_view(text)) {}
  EventField(std::string_view field, const std::string& text) : EventField(field, std::string_view(text)) {}
  EventField(std::string_view field, bool flag) : name(field), content(flag) {}
  EventField(std::string_view field, double number) : name(field), content(number) {}
  template <std::integral Number>
  requires(!std::same_as<Number, bool>) EventField(std::string_view field, Number number)
      : name(field), content(static_cast<double>(number)) {}
  EventField(std::string_view field, UnixMillis time) : name(field), content(time.Seconds()) {}
  EventField(std::string_view field, NumbersByKey numbers) : name(field), content(std::move(numbers)) {}

  std::string_view name;  // a literal
  FieldContent content;

  friend bool operator==(const EventField&, const EventField&) = default;
};

struct SimulatedEvent {
  std::string_view type;  // a literal, without the prefix "fleet."
  UnixMillis time;
  std::vector<EventField> fields;

  // Null, empty text and 0 when the event does not carry the field.
  const EventField* Find(std::string_view name) const;
  std::string_view Text(std::string_view name) const;
  double Number(std::string_view name) const;
  // Events it stands for: the field `count`, else 1. One with a duration carries the same `weight`, as
  // its duration was sampled from that many.
  double Count() const;

  friend bool operator==(const SimulatedEvent&, const SimulatedEvent&) = default;
};

// RFC 3339 in UTC with milliseconds.
std::string PrintTime(UnixMillis time);

// The CloudEvents envelope in one line, with its newline.
std::string ToJsonLine(const SimulatedEvent& event, std::string_view source, std::string_view id);

}  // namespace fleet::simulate
