#include "lib/yaml/reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "lib/base/text.h"

namespace fleet::yaml {
namespace {

constexpr std::size_t kLongestQuote = 60;

// Names are keys, and quoted in messages; a name with a blank is a phrase and stands by itself.
std::string Called(std::string_view name) {
  return name.find(' ') == std::string_view::npos ? fmt::format("'{}'", Printable(name)) : Printable(name);
}

std::string Shortened(std::string_view text) {
  std::string shown = Printable(text);
  if (CountCharacters(shown) <= kLongestQuote) return shown;
  std::size_t cut = kLongestQuote;
  while (cut > 0 && (static_cast<unsigned char>(shown[cut]) & 0xC0U) == 0x80U) --cut;
  return shown.substr(0, cut) + "...";
}

// Null is reported by itself: the key is there and its value was forgotten.
bool IsScalar(const Node& node, std::string_view name, std::string_view expected, Diagnostics& diagnostics) {
  switch (node.kind) {
    case Kind::kScalar:
      return true;
    case Kind::kNull:
      diagnostics.AddError(node.span, "value-missing", fmt::format("{} has no value", Called(name)));
      return false;
    case Kind::kSequence:
    case Kind::kMap:
      diagnostics.AddError(node.span, "value-type",
                           fmt::format("{} must be {}, not {}", Called(name), expected,
                                       node.kind == Kind::kMap ? "a map" : "a list"));
      return false;
  }
  return false;
}

// "010" is eight to YAML 1.1 and ten to YAML 1.2.
bool HasLeadingZero(std::string_view text) {
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  return text.size() > 1 && text[0] == '0' && text[1] >= '0' && text[1] <= '9';
}

}  // namespace

Diagnostic& ReportValue(const Node& node, std::string_view name, std::string_view expected,
                        Diagnostics& diagnostics) {
  return diagnostics.AddError(
      node.span, "value-type",
      fmt::format("{} must be {}, not '{}'", Called(name), expected, Shortened(node.text)));
}

std::optional<std::string_view> ReadPlain(const Node& node, std::string_view name, std::string_view expected,
                                          Diagnostics& diagnostics) {
  if (!IsScalar(node, name, expected, diagnostics)) return std::nullopt;
  if (node.quoted) {
    Diagnostic& diagnostic = diagnostics.AddError(
        node.span, "value-type", fmt::format("{} must be {}, not quoted text", Called(name), expected));
    if (!node.text.empty() && node.text.find('\n') == std::string::npos) {
      diagnostic.notes.push_back(fmt::format("write it without quotes: {}", Shortened(node.text)));
    }
    return std::nullopt;
  }
  return node.text;
}

std::optional<std::string> ReadString(const Node& node, std::string_view name, Diagnostics& diagnostics) {
  if (!IsScalar(node, name, "text", diagnostics)) return std::nullopt;
  if (Trim(node.text).empty()) {
    diagnostics.AddError(node.span, "value-missing", fmt::format("{} is empty", Called(name)));
    return std::nullopt;
  }
  std::string visible = node.text;  // line feeds are fine in text, anything else that is invisible is not
  std::erase(visible, '\n');
  if (HasControlCharacter(visible)) {
    diagnostics.AddError(node.span, "value-type", fmt::format("{} holds a control character", Called(name)));
    return std::nullopt;
  }
  return node.text;
}

std::optional<bool> ReadBool(const Node& node, std::string_view name, Diagnostics& diagnostics) {
  const auto text = ReadPlain(node, name, "true or false", diagnostics);
  if (!text) return std::nullopt;
  if (*text == "true") return true;
  if (*text == "false") return false;
  ReportValue(node, name, "true or false", diagnostics);
  return std::nullopt;
}

std::optional<std::int64_t> ReadInteger(const Node& node, std::string_view name, Diagnostics& diagnostics) {
  constexpr std::string_view kExpected = "a whole number";
  const auto text = ReadPlain(node, name, kExpected, diagnostics);
  if (!text) return std::nullopt;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error == std::errc{} && end == text->data() + text->size() && !HasLeadingZero(*text)) return value;
  ReportValue(node, name, kExpected, diagnostics);
  return std::nullopt;
}

std::optional<Decimal> ReadDecimal(const Node& node, std::string_view name, Diagnostics& diagnostics) {
  constexpr std::string_view kExpected = "a number";
  const auto text = ReadPlain(node, name, kExpected, diagnostics);
  if (!text) return std::nullopt;
  if (const auto value = Decimal::Parse(*text); value && !HasLeadingZero(*text)) return value;
  ReportValue(node, name, kExpected, diagnostics);
  return std::nullopt;
}

std::optional<Decimal> ReadPercent(const Node& node, std::string_view name, Diagnostics& diagnostics) {
  constexpr std::string_view kExpected = "a percentage such as 2%";
  constexpr int kDigits = 4;  // after the point; what is made of percentages must fit a Decimal
  const auto text = ReadPlain(node, name, kExpected, diagnostics);
  if (!text) return std::nullopt;
  if (text->ends_with('%')) {
    const std::string_view number = text->substr(0, text->size() - 1);
    const auto value = Decimal::Parse(number);
    if (value && value->scale() <= kDigits && !HasLeadingZero(number)) return value->ShiftedRight(2);
  }
  Diagnostic& diagnostic = ReportValue(node, name, kExpected, diagnostics);
  if (Decimal::Parse(*text))
    diagnostic.notes.push_back(fmt::format("write {}% for {} percent", *text, *text));
  return std::nullopt;
}

std::optional<Duration> ReadDuration(const Node& node, std::string_view name, Diagnostics& diagnostics) {
  constexpr std::string_view kExpected = "a duration such as 5m or 1h30m";
  const auto text = ReadPlain(node, name, kExpected, diagnostics);
  if (!text) return std::nullopt;
  if (const auto value = ParseDuration(*text)) return value;
  ReportValue(node, name, kExpected, diagnostics);
  return std::nullopt;
}

std::span<const Node> ReadItems(const Node& node, std::string_view name, Diagnostics& diagnostics) {
  if (node.kind == Kind::kSequence) return node.items;
  if (node.kind == Kind::kNull) {
    diagnostics.AddError(node.span, "value-missing", fmt::format("{} has no value", Called(name)));
  } else {
    diagnostics.AddError(node.span, "value-type", fmt::format("{} must be a list", Called(name)));
  }
  return {};
}

std::vector<Located<std::string>> ReadStrings(const Node& node, std::string_view name,
                                              Diagnostics& diagnostics) {
  std::vector<Located<std::string>> values;
  const std::string item_name = fmt::format("an item of '{}'", name);
  for (const Node& item : ReadItems(node, name, diagnostics)) {
    if (auto text = ReadString(item, item_name, diagnostics)) values.push_back({*std::move(text), item.span});
  }
  return values;
}

std::vector<std::pair<Located<std::string>, Located<std::string>>> ReadStringMap(const Node& node,
                                                                                 std::string_view name,
                                                                                 Diagnostics& diagnostics) {
  std::vector<std::pair<Located<std::string>, Located<std::string>>> values;
  if (node.kind != Kind::kMap) {
    diagnostics.AddError(node.span, "value-type", fmt::format("{} must be a map", Called(name)));
    return values;
  }
  for (const Entry& entry : node.entries) {
    if (auto text = ReadString(entry.value, entry.key.value, diagnostics)) {
      values.emplace_back(entry.key, Located<std::string>{*std::move(text), entry.value.span});
    }
  }
  return values;
}

std::optional<std::size_t> ReadChoice(const Node& node, std::string_view name,
                                      std::span<const std::string_view> names, Diagnostics& diagnostics) {
  std::string expected;
  for (std::size_t i = 0; i < names.size(); ++i) {
    expected += i == 0 ? "" : i + 1 == names.size() ? " or " : ", ";
    expected += names[i];
  }
  if (!IsScalar(node, name, expected, diagnostics)) return std::nullopt;
  const auto found = std::find(names.begin(), names.end(), node.text);
  if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
  ReportValue(node, name, expected, diagnostics);
  return std::nullopt;
}

MapReader::MapReader(const Node& node, std::string_view what, Diagnostics& diagnostics)
    : node_(node), what_(what), diagnostics_(diagnostics), is_map_(node.kind == Kind::kMap) {
  if (is_map_) return;
  const std::string_view is = node.kind == Kind::kNull       ? "nothing"
                              : node.kind == Kind::kSequence ? "a list"
                                                             : "a single value";
  diagnostics_.AddError(node.span, "value-type", fmt::format("{} must be a map, not {}", what, is));
}

const Node* MapReader::Find(std::string_view key) {
  if (std::find(known_.begin(), known_.end(), key) == known_.end()) known_.emplace_back(key);
  const Entry* entry = node_.Find(key);
  return entry == nullptr ? nullptr : &entry->value;
}

const Node* MapReader::Require(std::string_view key) {
  const Node* node = Find(key);
  if (node == nullptr && is_map_) {
    diagnostics_.AddError(node_.span, "key-missing", fmt::format("{} needs the key '{}'", what_, key));
  }
  return node;
}

void MapReader::Finish() {
  for (const Entry& entry : node_.entries) {
    if (std::find(known_.begin(), known_.end(), entry.key.value) != known_.end()) continue;
    Diagnostic& diagnostic = diagnostics_.AddError(
        entry.key.span, "key-unknown", fmt::format("{} has no key '{}'", what_, Shortened(entry.key.value)));
    SuggestClosest(diagnostic, entry.key.value, {known_.begin(), known_.end()});
    if (diagnostic.notes.empty()) diagnostic.notes.push_back("it has: " + Join(known_, ", "));
  }
}

}  // namespace fleet::yaml
