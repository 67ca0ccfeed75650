// A TCP client for tests that must send what no HTTP library would.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>

namespace fleet::test {

class RawClient {
 public:
  explicit RawClient(int port) : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  }
  RawClient(RawClient&& other) noexcept : socket_(std::exchange(other.socket_, -1)) {}
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;
  ~RawClient() {
    if (socket_ >= 0) close(socket_);
  }

  // False when the server has closed.
  bool Send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  void EndSending() { shutdown(socket_, SHUT_WR); }

  // Until `marker` has arrived, the server closes, or 10 s.
  std::string ReadUntil(std::string_view marker) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (text_.find(marker) == std::string::npos && std::chrono::steady_clock::now() < until) {
      if (!ReadSome(std::chrono::milliseconds(100))) break;
    }
    return std::exchange(text_, {});
  }
  // Until the server closes. Fails when it does not within 10 s.
  std::string ReadToEnd() {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (ReadSome(std::chrono::milliseconds(100))) {
      if (std::chrono::steady_clock::now() > until) FAIL("the connection stays open: " << text_);
    }
    return std::exchange(text_, {});
  }

  std::string Exchange(std::string_view request) {
    Send(request);
    return ReadToEnd();
  }

 private:
  // False at the end.
  bool ReadSome(std::chrono::milliseconds patience) {
    pollfd readable{socket_, POLLIN, 0};
    if (poll(&readable, 1, static_cast<int>(patience.count())) <= 0) return true;
    char buffer[4096];
    const ssize_t read = recv(socket_, buffer, sizeof buffer, 0);
    if (read > 0) text_.append(buffer, static_cast<std::size_t>(read));
    return read > 0;
  }

  int socket_;
  std::string text_;
};

inline std::string StatusLine(const std::string& answer) { return answer.substr(0, answer.find("\r\n")); }

inline std::string Body(const std::string& answer) {
  const std::size_t end = answer.find("\r\n\r\n");
  return end == std::string::npos ? "" : answer.substr(end + 4);
}

}  // namespace fleet::test
