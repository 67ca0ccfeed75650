// The settings of TLS, as OpenSSL wants them.
#pragma once

#include <memory>

#include "exporter/web/connection.h"
#include "exporter/web/web_file.h"
#include "lib/base/result.h"

struct ssl_ctx_st;  // SSL_CTX of OpenSSL

namespace fleet {

struct FreeSslContext {
  void operator()(ssl_ctx_st* context) const;
};

// Thread-safe.
class TlsContext : public std::enable_shared_from_this<TlsContext> {
 public:
  // Reads certificates and key. An error names the file and never its content.
  static Result<std::shared_ptr<const TlsContext>> Make(const WebTls& tls);

  SslSession NewSession() const;
  bool Made(const ssl_st* session) const;

 private:
  TlsContext() = default;

  std::vector<std::string> allowed_sans_;
  bool verifies_ = false;  // else any certificate will do
  std::unique_ptr<ssl_ctx_st, FreeSslContext> context_;

  friend struct TlsCallbacks;
};

}  // namespace fleet
