#include "exporter/sources/tls.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "lib/base/freed.h"

namespace fleet {
namespace {

std::string LastError(std::string_view otherwise) {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  const char* const reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return reason == nullptr ? std::string(otherwise) : std::string(reason);
}

bool IsAddress(const std::string& name) {
  unsigned char bytes[16];
  return inet_pton(AF_INET, name.c_str(), bytes) == 1 || inet_pton(AF_INET6, name.c_str(), bytes) == 1;
}

}  // namespace

class TlsSession::Impl {
 public:
  // An error text, or nothing.
  std::string Start(int fd, const TlsOptions& options) {
    context_.reset(SSL_CTX_new(TLS_client_method()));
    if (context_ == nullptr) return LastError("no TLS context");
    SSL_CTX_set_min_proto_version(context_.get(), TLS1_2_VERSION);
    SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
    const int trusted = options.ca_file.empty()
                            ? SSL_CTX_set_default_verify_paths(context_.get())
                            : SSL_CTX_load_verify_locations(context_.get(), options.ca_file.c_str(), nullptr);
    if (trusted != 1) return options.ca_file + ": " + LastError("no authorities");
    if (!options.cert_file.empty()) {
      const bool usable =
          SSL_CTX_use_certificate_chain_file(context_.get(), options.cert_file.c_str()) == 1 &&
          SSL_CTX_use_PrivateKey_file(context_.get(), options.key_file.c_str(), SSL_FILETYPE_PEM) == 1;
      if (!usable) return options.cert_file + ": " + LastError("no certificate with its key");
    }
    session_.reset(SSL_new(context_.get()));
    if (session_ == nullptr || SSL_set_fd(session_.get(), fd) != 1) return LastError("no TLS session");
    if (IsAddress(options.server_name)) {
      X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session_.get()), options.server_name.c_str());
    } else {
      SSL_set1_host(session_.get(), options.server_name.c_str());
      SSL_set_tlsext_host_name(session_.get(), options.server_name.c_str());
    }
    SSL_set_connect_state(session_.get());
    SSL_set_mode(session_.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    return "";
  }

  Step After(int result) {
    if (result == 1) return Step::kDone;
    switch (SSL_get_error(session_.get(), result)) {
      case SSL_ERROR_WANT_READ:
        return Step::kWantRead;
      case SSL_ERROR_WANT_WRITE:
        return Step::kWantWrite;
      default: {
        const long verified = SSL_get_verify_result(session_.get());
        error_ = verified != X509_V_OK ? X509_verify_cert_error_string(verified)
                                       : LastError("the connection was closed");
        return Step::kClosed;
      }
    }
  }

  std::unique_ptr<SSL_CTX, Freed<SSL_CTX_free>> context_;
  std::unique_ptr<SSL, Freed<SSL_free>> session_;
  std::string error_;
};

TlsSession::TlsSession(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TlsSession::~TlsSession() = default;

Result<std::unique_ptr<TlsSession>> TlsSession::Start(int fd, const TlsOptions& options) {
  auto impl = std::make_unique<Impl>();
  if (auto error = impl->Start(fd, options); !error.empty()) return Fail(std::move(error));
  return std::unique_ptr<TlsSession>(new TlsSession(std::move(impl)));
}

TlsSession::Step TlsSession::Handshake() {
  ERR_clear_error();
  return impl_->After(SSL_do_handshake(impl_->session_.get()));
}

TlsSession::Step TlsSession::Read(char* bytes, std::size_t size, std::size_t& got) {
  ERR_clear_error();
  return impl_->After(SSL_read_ex(impl_->session_.get(), bytes, size, &got));
}

TlsSession::Step TlsSession::Write(std::string_view bytes, std::size_t& written) {
  ERR_clear_error();
  return impl_->After(SSL_write_ex(impl_->session_.get(), bytes.data(), bytes.size(), &written));
}

const std::string& TlsSession::error() const { return impl_->error_; }

}  // namespace fleet
