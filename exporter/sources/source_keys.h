// How the keys of a source are declared: one row each, from which the file is read and the
// documentation printed, so that neither can lag behind the other.
#pragma once

#include <fmt/format.h>

#include <charconv>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/duration.h"
#include "lib/base/text.h"

namespace fleet {

// The values of one source; each type has its own.
struct SourceOptions {
  virtual ~SourceOptions() = default;
  SourceOptions() = default;
  SourceOptions(const SourceOptions&) = default;
  SourceOptions& operator=(const SourceOptions&) = default;
};

struct SourceKey {
  enum class Kind { kValue, kList, kMap };

  std::string_view name;
  std::string_view help;  // with the unit
  bool required = false;
  Kind kind = Kind::kValue;
  bool is_text = true;  // may be quoted
  // Sets the value, or adds one to a list; or what was expected.
  std::optional<std::string> (*set)(SourceOptions&, std::string_view text) = nullptr;
  // Of maps: the same for one entry.
  std::optional<std::string> (*put)(SourceOptions&, std::string_view key, std::string_view text) = nullptr;
  void (*clear)(SourceOptions&) = nullptr;  // of lists, before the first value
  std::string (*print)(const SourceOptions&) = nullptr;
};

struct SourceRow {
  std::string_view name, help;
  bool required = false;
};

namespace source_keys {

using Expected = std::optional<std::string>;
using Texts = std::vector<std::string>;
using TextMap = std::map<std::string, std::string, std::less<>>;

// kOf says where the value is: [](auto& o) -> auto& { return o.url; }.
template <typename Options, auto kOf>
auto& Of(SourceOptions& options) {
  return kOf(static_cast<Options&>(options));
}
template <typename Options, auto kOf>
const auto& Of(const SourceOptions& options) {
  return kOf(static_cast<const Options&>(options));
}

template <typename Options, auto kOf>
constexpr SourceKey Text(const SourceRow& row) {
  return {.name = row.name,
          .help = row.help,
          .required = row.required,
          .set = [](SourceOptions& options, std::string_view text) -> Expected {
            if (text.empty() || HasControlCharacter(text)) return "a text";
            Of<Options, kOf>(options) = std::string(text);
            return std::nullopt;
          },
          .print = [](const SourceOptions& options) { return std::string(Of<Options, kOf>(options)); }};
}

// One of kValues, a constant array of std::string_view.
template <typename Options, auto kOf, const auto& kValues>
constexpr SourceKey Choice(const SourceRow& row) {
  return {.name = row.name,
          .help = row.help,
          .required = row.required,
          .set = [](SourceOptions& options, std::string_view text) -> Expected {
            for (const std::string_view value : kValues) {
              if (value != text) continue;
              Of<Options, kOf>(options) = std::string(text);
              return std::nullopt;
            }
            const std::vector<std::string> names(std::begin(kValues), std::end(kValues));
            return "one of " + Join(names, ", ");
          },
          .print = [](const SourceOptions& options) { return std::string(Of<Options, kOf>(options)); }};
}

template <typename Options, auto kOf, std::int64_t kLeast, std::int64_t kMost>
constexpr SourceKey Integer(const SourceRow& row) {
  return {.name = row.name,
          .help = row.help,
          .required = row.required,
          .is_text = false,
          .set = [](SourceOptions& options, std::string_view text) -> Expected {
            std::int64_t value = 0;
            const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
            const bool whole = error == std::errc() && end == text.data() + text.size();
            if (!whole || value < kLeast || value > kMost) {
              return fmt::format("a whole number from {} to {}", kLeast, kMost);
            }
            Of<Options, kOf>(options) = value;
            return std::nullopt;
          },
          .print = [](const SourceOptions& options) { return std::to_string(Of<Options, kOf>(options)); }};
}

template <typename Options, auto kOf>
constexpr SourceKey Time(const SourceRow& row) {
  return {.name = row.name,
          .help = row.help,
          .required = row.required,
          .is_text = false,
          .set = [](SourceOptions& options, std::string_view text) -> Expected {
            const auto value = ParseDuration(text);
            if (!value) return "a duration such as 90s, 5m or 1h30m";
            Of<Options, kOf>(options) = *value;
            return std::nullopt;
          },
          .print = [](const SourceOptions& options) { return PrintDuration(Of<Options, kOf>(options)); }};
}

template <typename Options, auto kOf>
constexpr SourceKey Switch(const SourceRow& row) {
  return {.name = row.name,
          .help = row.help,
          .required = row.required,
          .is_text = false,
          .set = [](SourceOptions& options, std::string_view text) -> Expected {
            if (text != "true" && text != "false") return "true or false";
            Of<Options, kOf>(options) = text == "true";
            return std::nullopt;
          },
          .print = [](const SourceOptions& options) -> std::string {
            return Of<Options, kOf>(options) ? "true" : "false";
          }};
}

template <typename Options, auto kOf>
constexpr SourceKey List(const SourceRow& row) {
  return {.name = row.name,
          .help = row.help,
          .required = row.required,
          .kind = SourceKey::Kind::kList,
          .set = [](SourceOptions& options, std::string_view text) -> Expected {
            if (text.empty()) return "a text";
            Of<Options, kOf>(options).emplace_back(text);
            return std::nullopt;
          },
          .clear = [](SourceOptions& options) { Of<Options, kOf>(options).clear(); },
          .print = [](const SourceOptions& options) { return Join(Of<Options, kOf>(options), ", "); }};
}

// A map whose keys are some of kNames; any where that is empty. A name that ends in '*' is the beginning of
// some.
template <typename Options, auto kOf, const auto& kNames>
constexpr SourceKey Map(const SourceRow& row) {
  return {.name = row.name,
          .help = row.help,
          .required = row.required,
          .kind = SourceKey::Kind::kMap,
          .put = [](SourceOptions& options, std::string_view key, std::string_view text) -> Expected {
            const std::span<const std::string_view> known(kNames);
            bool is_known = known.empty();
            for (const std::string_view name : known) {
              is_known = is_known || name == key ||
                         (name.ends_with('*') && key.starts_with(name.substr(0, name.size() - 1)));
            }
            if (!is_known) {
              const std::vector<std::string> names(known.begin(), known.end());
              return "one of " + Join(names, ", ");
            }
            Of<Options, kOf>(options).insert_or_assign(std::string(key), std::string(text));
            return std::nullopt;
          },
          .print =
              [](const SourceOptions& options) {
                std::string text;
                for (const auto& [key, value] : Of<Options, kOf>(options)) {
                  text += fmt::format("{}{}: {}", text.empty() ? "" : ", ", key, value);
                }
                return text;
              }};
}

inline constexpr std::span<const std::string_view> kAnyName{};

}  // namespace source_keys
}  // namespace fleet
