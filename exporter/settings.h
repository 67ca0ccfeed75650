// The table of what can be set. The command line, the file, --help and docs/exporter-config.md all come
// from it, so none of them can lag behind.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "exporter/config.h"

namespace fleet {

enum class TakesEffect { kAtStart, kOnReload };

struct Setting {
  std::string_view key;    // "web.telemetry_path": section and key in the file
  std::string_view flag;   // "--web.telemetry-path"; empty: only in the file
  std::string_view value;  // what --help calls the value: "DURATION"; empty: a switch
  std::string_view help;
  TakesEffect effect = TakesEffect::kAtStart;
  bool is_text = false;  // may be quoted in the file; numbers, durations and true must not

  // Sets one value, or adds one to a list. A text that does not fit changes nothing; then what was
  // expected: "a duration such as 90s, 5m or 1h30m". The empty text never fits.
  std::optional<std::string> (*set)(Config&, std::string_view text) = nullptr;
  // Only of lists: before the first value is added.
  void (*clear)(Config&) = nullptr;
  std::string (*print)(const Config&) = nullptr;

  bool is_list() const { return clear != nullptr; }
};

std::span<const Setting> Settings();

// docs/exporter-config.md.
std::string PrintConfigMarkdown();

}  // namespace fleet
