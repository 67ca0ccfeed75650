#include "tests/support/tiny_server.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>

namespace fleet::test {
namespace {

constexpr int kTickMillis = 50;

bool IsReadable(int fd) {
  pollfd waiting{fd, POLLIN, 0};
  return poll(&waiting, 1, kTickMillis) > 0;
}

}  // namespace

bool TinyExchange::Send(const std::string& bytes) const {
  std::string_view left = bytes;
  while (!left.empty() && !*closing_) {
    pollfd waiting{fd_, POLLOUT, 0};
    if (poll(&waiting, 1, kTickMillis) <= 0) continue;
    const ssize_t sent = send(fd_, left.data(), left.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent <= 0) return false;
    left.remove_prefix(static_cast<std::size_t>(sent));
  }
  return left.empty();
}

void TinyExchange::Answer(int status, const std::string& body, const std::string& headers) const {
  Send(fmt::format("HTTP/1.1 {} Status\r\nContent-Length: {}\r\nConnection: close\r\n{}\r\n{}", status,
                   body.size(), headers, body));
}

void TinyExchange::Hang() const {
  char byte = 0;
  while (!*closing_) {
    if (IsReadable(fd_) && recv(fd_, &byte, 1, 0) <= 0) return;
  }
}

TinyServer::TinyServer(Handler handler) : handler_(std::move(handler)) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  const bool listens = bind(listener_, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                       getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0 &&
                       listen(listener_, 64) == 0;
  if (!listens) throw std::runtime_error("no free port on 127.0.0.1");
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { Accept(); });
}

TinyServer::~TinyServer() {
  closing_ = true;
  acceptor_.join();
  for (std::thread& thread : threads_) thread.join();
  close(listener_);
}

std::string TinyServer::Url(const std::string& path) const {
  return fmt::format("http://127.0.0.1:{}{}", port_, path);
}

void TinyServer::SetHandler(Handler handler) {
  const std::lock_guard lock(mutex_);
  handler_ = std::move(handler);
}

void TinyServer::Accept() {
  while (!closing_) {
    if (!IsReadable(listener_)) continue;
    const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) continue;
    most_open_ = std::max(most_open_.load(), ++open_);
    threads_.emplace_back([this, fd] { Serve(fd); });
  }
}

void TinyServer::Serve(int fd) {
  std::string head;
  char byte = 0;
  while (!closing_ && !head.ends_with("\r\n\r\n")) {
    if (!IsReadable(fd)) continue;
    if (recv(fd, &byte, 1, 0) <= 0) break;
    head += byte;
  }
  if (head.ends_with("\r\n\r\n")) {
    const std::size_t begin = head.find(' ') + 1;
    Handler handler;
    {
      const std::lock_guard lock(mutex_);
      handler = handler_;
    }
    handler(TinyExchange(fd, head.substr(begin, head.find(' ', begin) - begin), head, closing_));
  }
  close(fd);
  --open_;
}

}  // namespace fleet::test
