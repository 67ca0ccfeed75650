// How many files and connections this process may hold.
#pragma once

#include <sys/resource.h>

#include <algorithm>
#include <cstddef>

namespace fleet {

// Raises the limit as far as it may be raised, and returns it. The customary 1024 is for programs that
// use select.
inline std::size_t RaiseFileLimit() {
  constexpr rlim_t kEnough = 65'536;
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
  const rlim_t wanted = std::min(limit.rlim_max, std::max(limit.rlim_cur, kEnough));
  const rlimit raised{wanted, limit.rlim_max};
  return setrlimit(RLIMIT_NOFILE, &raised) == 0 ? wanted : limit.rlim_cur;
}

}  // namespace fleet
