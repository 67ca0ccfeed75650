// A connection over TCP, TLS or a Unix socket that is never waited for beyond a deadline, and outlives it:
// what was not done by then goes on with the next call.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "exporter/sources/deadline.h"
#include "exporter/sources/tls.h"
#include "lib/base/result.h"

namespace fleet {

class Stream {
 public:
  // `address` is HOST:PORT, [IPV6]:PORT or unix:/PATH. The name is looked up here, which can block.
  static Result<std::unique_ptr<Stream>> Open(const std::string& address, std::optional<TlsOptions> tls);
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  enum class Outcome { kDone, kDeadline, kClosed };

  // Until connected, the handshake included.
  Outcome Connect(const Deadline& deadline);
  // Sends what is left of `bytes`, from the front, and takes it away.
  Outcome Write(std::string& bytes, const Deadline& deadline);
  // Waits for some bytes and appends them.
  Outcome Read(std::string& bytes, const Deadline& deadline);
  // Why it is closed.
  const std::string& error() const { return error_; }

 private:
  explicit Stream(int fd) : fd_(fd) {}

  Outcome Close(std::string error);
  // False: the deadline has passed.
  bool Wait(short events, const Deadline& deadline) const;

  int fd_;
  bool connected_ = false;
  bool ready_ = false;  // the handshake is over, too
  std::optional<TlsOptions> tls_options_;
  std::unique_ptr<TlsSession> tls_;
  std::string error_;
};

}  // namespace fleet
