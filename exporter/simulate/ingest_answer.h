// What the exporter says to a push, read from its JSON.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fleet::simulate {

struct IngestAnswer {
  std::uint64_t accepted = 0;
  std::uint64_t duplicates = 0;
  std::vector<std::string> rejected;  // a reason for each event, of the first ones only
  std::uint64_t rejected_total = 0;   // all of them
  std::string error;                  // of a body that was refused as a whole
};

// What cannot be read stays at its default: the sender judges by the sums.
IngestAnswer ParseIngestAnswer(std::string_view body);

}  // namespace fleet::simulate
