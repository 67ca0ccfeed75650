#include "exporter/fleet/shape.h"

namespace fleet {
namespace {

// The end of the entity in which `at` is, or the end of the text.
std::size_t EndOfEntity(std::string_view shape, std::size_t at) {
  for (int depth = 0; at < shape.size(); ++at) {
    if (shape[at] == '{') ++depth;
    if (shape[at] == '}' && depth-- == 0) break;
  }
  return at;
}

}  // namespace

bool CanRead(std::string_view written, std::string_view read) {
  std::size_t at = 0;
  for (const char c : written) {
    if (c == '}') at = EndOfEntity(read, at);
    if (at == read.size() || read[at] != c) return false;
    ++at;
  }
  return at == read.size();
}

}  // namespace fleet
