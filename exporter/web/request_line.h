// What CivetWeb takes for the first line of a request, and others do not.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace fleet {

// Empty lines in front of a request are ignored (RFC 9112, section 2.2). CivetWeb would read the request,
// and what follows the empty line as the next one.
inline void SkipEmptyLines(std::string& unread) {
  std::size_t end = 0;
  while (unread.compare(end, 2, "\r\n") == 0) end += 2;
  unread.erase(0, end);
}

// "METHOD /PATH ...". To a target that is no path CivetWeb does not answer, and blanks in front it skips.
inline bool AsksForPath(std::string_view head) {
  const std::string_view line = head.substr(0, head.find('\n'));
  const std::size_t blank = line.find(' ');
  return blank != std::string_view::npos && blank > 0 && line.substr(blank + 1).starts_with('/');
}

}  // namespace fleet
