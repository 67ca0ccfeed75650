#include "exporter/sources/stream.h"

#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "lib/base/freed.h"

namespace fleet {
namespace {

constexpr std::string_view kUnix = "unix:";

std::string ErrorText(int code) { return std::generic_category().message(code); }

// Connects without waiting; the descriptor, or minus the error.
int Begin(int family, const sockaddr* address, socklen_t size) {
  const int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return -errno;
  // Peers that are gone are noticed by the kernel.
  const int on = 1, idle = 10, interval = 5, count = 3;
  const unsigned timeout_millis = 20'000;
  setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  if (family != AF_UNIX) {
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof interval);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof count);
    setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout_millis, sizeof timeout_millis);
  }
  if (connect(fd, address, size) == 0 || errno == EINPROGRESS) return fd;
  const int error = errno;
  close(fd);
  return -error;
}

int BeginUnix(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return -ENAMETOOLONG;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  return Begin(AF_UNIX, reinterpret_cast<const sockaddr*>(&address), sizeof address);
}

}  // namespace

Result<std::unique_ptr<Stream>> Stream::Open(const std::string& address, std::optional<TlsOptions> tls) {
  int fd = -EINVAL;
  if (address.starts_with(kUnix)) {
    fd = BeginUnix(address.substr(kUnix.size()));
  } else {
    const std::size_t colon = address.rfind(':');
    std::string host = address.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    const std::string port = colon == std::string::npos ? "" : address.substr(colon + 1);
    if (const int error = getaddrinfo(host.c_str(), port.c_str(), &hints, &found); error != 0) {
      return Fail(fmt::format("{}: {}", address, gai_strerror(error)));
    }
    const std::unique_ptr<addrinfo, Freed<freeaddrinfo>> addresses(found);
    for (const addrinfo* at = found; at != nullptr && fd < 0; at = at->ai_next) {
      fd = Begin(at->ai_family, at->ai_addr, at->ai_addrlen);
    }
    if (tls && tls->server_name.empty()) tls->server_name = host;
  }
  if (fd < 0) return Fail(fmt::format("{}: {}", address, ErrorText(-fd)));
  std::unique_ptr<Stream> stream(new Stream(fd));
  stream->tls_options_ = std::move(tls);
  return stream;
}

Stream::~Stream() { close(fd_); }

Stream::Outcome Stream::Close(std::string error) {
  error_ = std::move(error);
  return Outcome::kClosed;
}

bool Stream::Wait(short events, const Deadline& deadline) const {
  while (!deadline.passed()) {
    pollfd waiting{fd_, events, 0};
    if (poll(&waiting, 1, std::max(1, deadline.PollMillis())) > 0) return true;
  }
  return false;
}

Stream::Outcome Stream::Connect(const Deadline& deadline) {
  if (ready_) return Outcome::kDone;
  if (!connected_) {
    if (!Wait(POLLOUT, deadline)) return Outcome::kDeadline;
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) return Close(ErrorText(error));
    connected_ = true;
    if (tls_options_) {
      auto tls = TlsSession::Start(fd_, *tls_options_);
      if (!tls) return Close(tls.error().message);
      tls_ = *std::move(tls);
    }
  }
  while (tls_ != nullptr) {
    const TlsSession::Step step = tls_->Handshake();
    if (step == TlsSession::Step::kDone) break;
    if (step == TlsSession::Step::kClosed) return Close("TLS: " + tls_->error());
    if (!Wait(step == TlsSession::Step::kWantRead ? POLLIN : POLLOUT, deadline)) return Outcome::kDeadline;
  }
  ready_ = true;
  return Outcome::kDone;
}

Stream::Outcome Stream::Write(std::string& bytes, const Deadline& deadline) {
  while (!bytes.empty()) {
    short wanted = POLLOUT;
    if (tls_ != nullptr) {
      std::size_t written = 0;
      const TlsSession::Step step = tls_->Write(bytes, written);
      if (step == TlsSession::Step::kClosed) return Close("TLS: " + tls_->error());
      if (step == TlsSession::Step::kDone) {
        bytes.erase(0, written);
        continue;
      }
      if (step == TlsSession::Step::kWantRead) wanted = POLLIN;
    } else {
      const ssize_t written = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (written > 0) {
        bytes.erase(0, static_cast<std::size_t>(written));
        continue;
      }
      if (errno != EAGAIN && errno != EINTR) return Close(ErrorText(errno));
    }
    if (!Wait(wanted, deadline)) return Outcome::kDeadline;
  }
  return Outcome::kDone;
}

Stream::Outcome Stream::Read(std::string& bytes, const Deadline& deadline) {
  char buffer[16384];
  for (;;) {
    short wanted = POLLIN;
    if (tls_ != nullptr) {
      std::size_t got = 0;
      const TlsSession::Step step = tls_->Read(buffer, sizeof buffer, got);
      if (step == TlsSession::Step::kClosed) return Close("TLS: " + tls_->error());
      if (step == TlsSession::Step::kDone) return bytes.append(buffer, got), Outcome::kDone;
      if (step == TlsSession::Step::kWantWrite) wanted = POLLOUT;
    } else {
      const ssize_t got = recv(fd_, buffer, sizeof buffer, 0);
      if (got > 0) return bytes.append(buffer, static_cast<std::size_t>(got)), Outcome::kDone;
      if (got == 0) return Close("the connection was closed");
      if (errno != EAGAIN && errno != EINTR) return Close(ErrorText(errno));
    }
    if (!Wait(wanted, deadline)) return Outcome::kDeadline;
  }
}

}  // namespace fleet
