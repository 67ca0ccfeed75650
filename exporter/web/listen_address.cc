#include "exporter/web/listen_address.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <system_error>

#include "lib/base/text.h"

namespace fleet {
namespace {

std::optional<int> ParsePort(std::string_view text) {
  int port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  if (!whole || port < 0 || port > 65535 || text.front() == '-') return std::nullopt;
  return port;
}

bool IsHost(const std::string& host) {
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    in6_addr address{};
    return inet_pton(AF_INET6, host.substr(1, host.size() - 2).c_str(), &address) == 1;
  }
  return !host.empty() && host.size() < 256 && std::all_of(host.begin(), host.end(), [](char c) {
    return IsLetter(c) || IsDigit(c) || c == '.' || c == '-';
  });
}

// CivetWeb separates addresses by commas.
bool IsSocketPath(std::string_view path) {
  return path.starts_with('/') && path.size() < sizeof(sockaddr_un::sun_path) &&
         path.find_first_of(",:") == std::string_view::npos;
}

}  // namespace

Result<ListenAddress> ParseListenAddress(std::string_view text) {
  constexpr std::string_view kUnix = "unix:";
  if (text.starts_with(kUnix)) {
    const std::string_view path = text.substr(kUnix.size());
    if (!IsSocketPath(path)) {
      return Fail(fmt::format("'{}' is no absolute path of a socket (at most {} bytes, no ',' or ':')",
                              Printable(path), sizeof(sockaddr_un::sun_path) - 1));
    }
    return ListenAddress{ListenAddress::Kind::kUnixSocket, std::string(path), 0};
  }
  const std::size_t colon = text.rfind(':');
  const auto port = colon == std::string_view::npos || colon + 1 == text.size()
                        ? std::nullopt
                        : ParsePort(text.substr(colon + 1));
  if (!port) {
    return Fail(fmt::format("'{}' is no address: expected [HOST]:PORT or unix:/PATH", Printable(text)));
  }
  const std::string host(text.substr(0, colon));
  if (host.empty()) return ListenAddress{ListenAddress::Kind::kAnyHost, "", *port};
  if (!IsHost(host)) return Fail(fmt::format("'{}' is no host name or IP address", Printable(host)));
  return ListenAddress{ListenAddress::Kind::kHost, host, *port};
}

}  // namespace fleet
