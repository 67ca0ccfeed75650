// The table of source types. Adding one: a file, a row here, rows in the catalog if it tells something
// new.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "exporter/sources/source.h"
#include "exporter/sources/source_keys.h"
#include "lib/base/duration.h"

namespace fleet {

struct SourceType {
  std::string_view name;
  std::string_view summary;  // what it reads, a paragraph for the documentation
  std::string_view notes;    // Markdown that follows the keys
  std::span<const SourceKey> keys;
  Duration interval;  // default of the key of that name; 0: it is read when scraped, and has no such key
  std::unique_ptr<SourceOptions> (*defaults)();
  // What is wrong with the values together, as key and text.
  struct Problem {
    std::string_view key;
    std::string text;
  };
  std::optional<Problem> (*check)(const SourceOptions&);
  std::unique_ptr<Source> (*make)(const SourceOptions&, const std::string& name);
};

std::span<const SourceType> SourceTypes();

}  // namespace fleet
