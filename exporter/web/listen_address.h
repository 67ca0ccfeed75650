// Addresses to listen on, as the programs of the Prometheus family write them.
#pragma once

#include <string>
#include <string_view>

#include "lib/base/result.h"

namespace fleet {

struct ListenAddress {
  enum class Kind { kAnyHost, kHost, kUnixSocket };
  Kind kind = Kind::kAnyHost;
  std::string host;  // kHost: IPv4, a name, or IPv6 in brackets; kUnixSocket: the path
  int port = 0;      // 0: any free one
};

// ":10940" (all interfaces, IPv4 and IPv6), "127.0.0.1:10940", "localhost:0", "[::1]:10940",
// "unix:/run/fleet.sock".
Result<ListenAddress> ParseListenAddress(std::string_view text);

}  // namespace fleet
