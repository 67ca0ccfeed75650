// What a target exposes, read from a scrape: text format 0.0.4 or OpenMetrics 1.0.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>

#include "lib/base/result.h"

namespace fleet::rulegen {

struct ExposedSeries {
  std::map<std::string, std::set<std::string>> labels;  // every value of every label
  std::size_t count = 0;
  bool has_bad_number = false;  // NaN or infinite
};

struct Exposition {
  std::map<std::string, std::string> types;     // family -> "counter"; of OpenMetrics, counters with _total
  std::map<std::string, ExposedSeries> series;  // by the name of the sample: x_bucket, x_count
};

// The lines that are no samples are skipped; an error says which line cannot be read.
Result<Exposition> ParseExposition(std::string_view text);

}  // namespace fleet::rulegen
