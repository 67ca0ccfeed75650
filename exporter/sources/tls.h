// The one adapter of OpenSSL among the sources: TLS over a socket that never blocks.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "lib/base/result.h"

namespace fleet {

struct TlsOptions {
  std::string ca_file;  // empty: the system's
  std::string cert_file;
  std::string key_file;
  std::string server_name;  // must be in the certificate
};

class TlsSession {
 public:
  enum class Step { kDone, kWantRead, kWantWrite, kClosed };

  // At least TLS 1.2, the peer verified. `fd` stays the caller's.
  static Result<std::unique_ptr<TlsSession>> Start(int fd, const TlsOptions& options);
  ~TlsSession();
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  // Each does what it can; kClosed: see error().
  Step Handshake();
  Step Read(char* bytes, std::size_t size, std::size_t& got);
  Step Write(std::string_view bytes, std::size_t& written);
  const std::string& error() const;

 private:
  class Impl;
  explicit TlsSession(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace fleet
