// Strict reading of a yaml::Node: every value has a type, every key is known, and all that is wrong is
// reported at once. For the policy and for the exporter's configuration alike.
//
//   MapReader map(node, "an alert", diagnostics);
//   alert.name = map.Required("alert", ReadString);
//   alert.hold = map.Optional("for", ReadDuration).value_or(...);
//   map.Finish();
//
// A value that cannot be read is reported and replaced by the caller's fallback, so choose fallbacks that
// no later check complains about. Values are text until read here: "yes" is no truth value, .nan no
// number, and a quoted number is text.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/base/decimal.h"
#include "lib/base/diagnostics.h"
#include "lib/base/duration.h"
#include "lib/yaml/yaml.h"

namespace fleet::yaml {

// `name` is what messages call the value: the key, or "an item of 'by'". Each reports what is wrong.
std::optional<std::string> ReadString(const Node& node, std::string_view name, Diagnostics& diagnostics);
std::optional<bool> ReadBool(const Node& node, std::string_view name, Diagnostics& diagnostics);
std::optional<std::int64_t> ReadInteger(const Node& node, std::string_view name, Diagnostics& diagnostics);
std::optional<Decimal> ReadDecimal(const Node& node, std::string_view name, Diagnostics& diagnostics);
// "2%" is 0.02. The sign must be there: it is the difference between 2 and 200 percent.
std::optional<Decimal> ReadPercent(const Node& node, std::string_view name, Diagnostics& diagnostics);
std::optional<Duration> ReadDuration(const Node& node, std::string_view name, Diagnostics& diagnostics);

// A list of texts; a single text where a list is wanted is an error.
std::vector<Located<std::string>> ReadStrings(const Node& node, std::string_view name,
                                              Diagnostics& diagnostics);
// A map from text to text, in the order of the file.
std::vector<std::pair<Located<std::string>, Located<std::string>>> ReadStringMap(const Node& node,
                                                                                 std::string_view name,
                                                                                 Diagnostics& diagnostics);

// The items of a list; reports and returns none when the node is no list.
std::span<const Node> ReadItems(const Node& node, std::string_view name, Diagnostics& diagnostics);

// The text of an unquoted scalar, or a report that says `expected` ("a number"). For readers of other
// types: call ReportValue when the text does not parse.
std::optional<std::string_view> ReadPlain(const Node& node, std::string_view name, std::string_view expected,
                                          Diagnostics& diagnostics);
Diagnostic& ReportValue(const Node& node, std::string_view name, std::string_view expected,
                        Diagnostics& diagnostics);

template <typename E>
struct EnumName {
  std::string_view name;
  E value;
};

// Row of the name in `names`, or a report that lists them.
std::optional<std::size_t> ReadChoice(const Node& node, std::string_view name,
                                      std::span<const std::string_view> names, Diagnostics& diagnostics);

template <typename E, std::size_t N>
std::optional<E> ReadEnum(const Node& node, std::string_view name, const EnumName<E> (&table)[N],
                          Diagnostics& diagnostics) {
  std::vector<std::string_view> names;
  for (const EnumName<E>& row : table) names.push_back(row.name);
  const auto row = ReadChoice(node, name, names, diagnostics);
  if (!row) return std::nullopt;
  return table[*row].value;
}

// Takes the keys of one map and knows which it was asked for.
class MapReader {
 public:
  // `what` is the map in messages: "an alert". Anything but a map is reported, and has no keys then.
  // All arguments must outlive the reader.
  MapReader(const Node& node, std::string_view what, Diagnostics& diagnostics);

  Span span() const { return node_.span; }
  bool is_map() const { return is_map_; }
  Diagnostics& diagnostics() { return diagnostics_; }

  // The value of a key, or null. The key is known from now on.
  const Node* Find(std::string_view key);
  // The same, and a missing key is reported.
  const Node* Require(std::string_view key);
  // For keys that are only allowed elsewhere: says so better than Finish could.
  bool Has(std::string_view key) const { return node_.Find(key) != nullptr; }

  template <typename T>
  using Read = std::optional<T> (*)(const Node&, std::string_view, Diagnostics&);

  template <typename T>
  std::optional<Located<T>> Optional(std::string_view key, Read<T> read) {
    return Take(Find(key), key, read);
  }

  // With `fallback` at the map's place when the key is missing or its value is wrong.
  template <typename T>
  Located<T> Required(std::string_view key, Read<T> read, T fallback = {}) {
    auto value = Take(Require(key), key, read);
    return value ? *std::move(value) : Located<T>{std::move(fallback), node_.span};
  }

  // Reports every key that nobody asked for. Call it last, on every path.
  void Finish();

 private:
  template <typename T>
  std::optional<Located<T>> Take(const Node* node, std::string_view key, Read<T> read) {
    if (node == nullptr) return std::nullopt;
    std::optional<T> value = read(*node, key, diagnostics_);
    if (!value) return std::nullopt;
    return Located<T>{*std::move(value), node->span};
  }

  const Node& node_;
  std::string_view what_;
  Diagnostics& diagnostics_;
  bool is_map_;
  std::vector<std::string> known_;  // in the order asked for
};

}  // namespace fleet::yaml
