#include "exporter/web/connection.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>

namespace fleet {
namespace {

using State = IoResult::State;

int AsInt(std::size_t size) { return static_cast<int>(std::min<std::size_t>(size, INT_MAX)); }

IoResult FromSocket(ssize_t result, State blocked) {
  if (result > 0) return {State::kDone, static_cast<std::size_t>(result)};
  if (result < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) return {blocked, 0};
  return {State::kEnded, 0};
}

}  // namespace

void FreeSslSession::operator()(ssl_st* session) const { SSL_free(session); }

Connection::Connection(int socket, SslSession session) : socket_(socket), session_(std::move(session)) {
  if (session_ != nullptr) SSL_set_fd(session_.get(), socket_);
}

Connection::~Connection() {
  // What the client has not read of an answer must not be lost: the session ends, the socket follows.
  if (session_ != nullptr && established_) {
    ERR_clear_error();
    SSL_shutdown(session_.get());
  }
  session_.reset();
  close(socket_);
}

IoResult Connection::FromSsl(int result) {
  if (result > 0) return {State::kDone, static_cast<std::size_t>(result)};
  switch (SSL_get_error(session_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      return {State::kWantsRead, 0};
    case SSL_ERROR_WANT_WRITE:
      return {State::kWantsWrite, 0};
    case SSL_ERROR_ZERO_RETURN:
      return {State::kEnded, 0};
    default:
      established_ = false;  // after a fatal error there must be no SSL_shutdown
      ERR_clear_error();
      return {State::kEnded, 0};
  }
}

IoResult Connection::Handshake() {
  if (session_ == nullptr || established_) return {};
  ERR_clear_error();
  const IoResult result = FromSsl(SSL_accept(session_.get()));
  if (result.state == State::kDone) established_ = true;
  return result;
}

IoResult Connection::Read(char* to, std::size_t size) {
  if (session_ == nullptr) return FromSocket(recv(socket_, to, size, MSG_DONTWAIT), State::kWantsRead);
  ERR_clear_error();
  return FromSsl(SSL_read(session_.get(), to, AsInt(size)));
}

IoResult Connection::ReadWithin(std::chrono::milliseconds patience, char* to, std::size_t size) {
  if (session_ != nullptr) {
    const IoResult result = Read(to, size);
    const bool blocked = result.state == State::kWantsRead || result.state == State::kWantsWrite;
    return blocked && AwaitSocket(socket_, result.state, patience) ? Read(to, size) : result;
  }
  if (patience.count() <= 0) return Read(to, size);
  if (patience != receive_timeout_) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(patience);
    const timeval timeout{seconds.count(), std::chrono::microseconds(patience - seconds).count()};
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
    receive_timeout_ = patience;
  }
  return FromSocket(recv(socket_, to, size, 0), State::kWantsRead);
}

IoResult Connection::Write(std::string_view bytes) {
  if (session_ == nullptr) {
    return FromSocket(send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT),
                      State::kWantsWrite);
  }
  ERR_clear_error();
  return FromSsl(SSL_write(session_.get(), bytes.data(), AsInt(bytes.size())));
}

IoResult Connection::Discard() {
  std::array<char, 16U << 10U> scratch;
  return FromSocket(recv(socket_, scratch.data(), scratch.size(), MSG_DONTWAIT), State::kWantsRead);
}

void Connection::EndWriting() {
  if (session_ != nullptr && established_) {
    ERR_clear_error();
    SSL_shutdown(session_.get());
    established_ = false;
  }
  shutdown(socket_, SHUT_WR);
}

bool AwaitSocket(int socket, IoResult::State wanted, std::chrono::milliseconds patience) {
  const bool writing = wanted == State::kWantsWrite;
  pollfd ready{socket, static_cast<short>(writing ? POLLOUT : POLLIN), 0};
  return poll(&ready, 1, static_cast<int>(std::max<std::int64_t>(patience.count(), 0))) > 0;
}

}  // namespace fleet
