#include "exporter/web/tls_context.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "lib/base/file_system.h"
#include "lib/base/freed.h"

namespace fleet {
namespace {

using Bio = std::unique_ptr<BIO, Freed<BIO_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;

constexpr std::size_t kLargestFile = 1U << 20U;

// The innermost reason of OpenSSL: "no start line", "key values mismatch".
std::string Reason() {
  const unsigned long error = ERR_peek_error();
  ERR_clear_error();
  const char* text = error == 0 ? nullptr : ERR_reason_error_string(error);
  return text == nullptr ? "unknown reason" : text;
}

struct Pem {
  std::string name;  // for messages
  std::string text;
};

Result<Pem> ReadPem(std::string_view key, const std::string& text, const std::string& file) {
  if (file.empty()) return Pem{std::string(key), text};
  auto read = ReadFile(file, kLargestFile);
  if (!read) return tl::make_unexpected(read.error().Within(fmt::format("{}_file", key)));
  return Pem{fmt::format("{}_file {}", key, file), *std::move(read)};
}

Bio OpenText(const std::string& text) {
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

// No prompt: a key with a passphrase cannot be used.
int NoPassphrase(char*, int, int, void*) { return -1; }

Result<void> UseCertificate(SSL_CTX* context, const WebTls& tls) {
  const auto pem = ReadPem("cert", tls.cert, tls.cert_file);
  if (!pem) return tl::make_unexpected(pem.error());
  const Bio bio = OpenText(pem->text);
  const Certificate leaf(PEM_read_bio_X509_AUX(bio.get(), nullptr, NoPassphrase, nullptr));
  if (leaf == nullptr || SSL_CTX_use_certificate(context, leaf.get()) != 1) {
    return Fail(fmt::format("{} holds no usable certificate: {}", pem->name, Reason()));
  }
  while (X509* issuer = PEM_read_bio_X509(bio.get(), nullptr, NoPassphrase, nullptr)) {
    if (SSL_CTX_add0_chain_cert(context, issuer) != 1) X509_free(issuer);
  }
  ERR_clear_error();  // the end of the file
  return {};
}

Result<void> UseKey(SSL_CTX* context, const WebTls& tls) {
  const auto pem = ReadPem("key", tls.key, tls.key_file);
  if (!pem) return tl::make_unexpected(pem.error());
  const Bio bio = OpenText(pem->text);
  const Key key(PEM_read_bio_PrivateKey(bio.get(), nullptr, NoPassphrase, nullptr));
  if (key == nullptr) return Fail(fmt::format("{} holds no usable private key: {}", pem->name, Reason()));
  if (SSL_CTX_use_PrivateKey(context, key.get()) != 1 || SSL_CTX_check_private_key(context) != 1) {
    return Fail(fmt::format("{} does not belong to the certificate: {}", pem->name, Reason()));
  }
  return {};
}

Result<void> UseClientCa(SSL_CTX* context, const WebTls& tls) {
  if (tls.client_ca.empty() && tls.client_ca_file.empty()) return {};
  const auto pem = ReadPem("client_ca", tls.client_ca, tls.client_ca_file);
  if (!pem) return tl::make_unexpected(pem.error());
  const Bio bio = OpenText(pem->text);
  int certificates = 0;
  while (true) {
    const Certificate ca(PEM_read_bio_X509(bio.get(), nullptr, NoPassphrase, nullptr));
    if (ca == nullptr) break;
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context), ca.get());
    SSL_CTX_add_client_CA(context, ca.get());
    ++certificates;
  }
  if (certificates == 0) return Fail(fmt::format("{} holds no certificate: {}", pem->name, Reason()));
  ERR_clear_error();
  return {};
}

Result<void> UseChoices(SSL_CTX* context, const WebTls& tls) {
  SSL_CTX_set_min_proto_version(context, tls.min_version == 13 ? TLS1_3_VERSION : TLS1_2_VERSION);
  SSL_CTX_set_max_proto_version(context, tls.max_version == 13 ? TLS1_3_VERSION : TLS1_2_VERSION);
  std::uint64_t options = SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET;
  if (tls.prefer_server_ciphers) options |= SSL_OP_CIPHER_SERVER_PREFERENCE;
  SSL_CTX_set_options(context, options);
  // A resumed session would not be verified again: a client that has been revoked must not come back.
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context, 0);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                SSL_MODE_RELEASE_BUFFERS);
  if (!tls.ciphers.empty() && SSL_CTX_set_cipher_list(context, tls.ciphers.c_str()) != 1) {
    return Fail(fmt::format("cipher_suites cannot be had: {}", Reason()));
  }
  if (!tls.curves.empty() && SSL_CTX_set1_groups_list(context, tls.curves.c_str()) != 1) {
    return Fail(fmt::format("curve_preferences cannot be had: {}", Reason()));
  }
  return {};
}

int VerifyMode(ClientAuth auth) {
  switch (auth) {
    case ClientAuth::kNone:
      return SSL_VERIFY_NONE;
    case ClientAuth::kRequest:
    case ClientAuth::kVerifyIfGiven:
      return SSL_VERIFY_PEER;
    case ClientAuth::kRequireAny:
    case ClientAuth::kRequireAndVerify:
      break;
  }
  return SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
}

std::string AddressText(const ASN1_OCTET_STRING* address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  constexpr int kIpv6Bytes = 16;
  const int family = ASN1_STRING_length(address) == kIpv6Bytes ? AF_INET6 : AF_INET;
  if (inet_ntop(family, ASN1_STRING_get0_data(address), text.data(), text.size()) == nullptr) return "";
  return text.data();
}

std::string NameText(const GENERAL_NAME* name) {
  int type = 0;
  const void* const value = GENERAL_NAME_get0_value(name, &type);
  if (type == GEN_IPADD) return AddressText(static_cast<const ASN1_OCTET_STRING*>(value));
  if (type != GEN_DNS && type != GEN_EMAIL && type != GEN_URI) return "";
  const auto* const text = static_cast<const ASN1_STRING*>(value);
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
          static_cast<std::size_t>(ASN1_STRING_length(text))};
}

bool HasAllowedSan(const X509* certificate, const std::vector<std::string>& allowed) {
  const std::unique_ptr<GENERAL_NAMES, Freed<GENERAL_NAMES_free>> names(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  if (names == nullptr) return false;
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const std::string text = NameText(sk_GENERAL_NAME_value(names.get(), i));
    if (!text.empty() && std::ranges::find(allowed, text) != allowed.end()) return true;
  }
  return false;
}

// HTTP/1.1 where the client asks for a protocol; one that speaks only HTTP/2 finds out by itself.
int ChooseProtocol(SSL*, const unsigned char** chosen, unsigned char* length, const unsigned char* offered,
                   unsigned int offered_length, void*) {
  static constexpr unsigned char kHttp11[] = "\x08http/1.1";
  const int found = SSL_select_next_proto(const_cast<unsigned char**>(chosen), length, kHttp11,  // NOLINT
                                          sizeof kHttp11 - 1, offered, offered_length);
  return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

}  // namespace

struct TlsCallbacks {
  static int Verify(X509_STORE_CTX* store, void* context) {
    const auto& tls = *static_cast<const TlsContext*>(context);
    if (tls.verifies_ && X509_verify_cert(store) != 1) return 0;
    if (tls.allowed_sans_.empty() || HasAllowedSan(X509_STORE_CTX_get0_cert(store), tls.allowed_sans_)) {
      return 1;
    }
    X509_STORE_CTX_set_error(store, X509_V_ERR_APPLICATION_VERIFICATION);
    return 0;
  }
};

void FreeSslContext::operator()(ssl_ctx_st* context) const { SSL_CTX_free(context); }

Result<std::shared_ptr<const TlsContext>> TlsContext::Make(const WebTls& tls) {
  const std::shared_ptr<TlsContext> made(new TlsContext());
  made->context_.reset(SSL_CTX_new(TLS_server_method()));
  SSL_CTX* const context = made->context_.get();
  if (context == nullptr) return Fail(fmt::format("TLS cannot be had: {}", Reason()));
  for (const auto& use : {UseChoices, UseCertificate, UseKey, UseClientCa}) {
    if (const Result<void> used = use(context, tls); !used) return tl::make_unexpected(used.error());
  }
  made->allowed_sans_ = tls.client_allowed_sans;
  made->verifies_ =
      tls.client_auth == ClientAuth::kVerifyIfGiven || tls.client_auth == ClientAuth::kRequireAndVerify;
  SSL_CTX_set_verify(context, VerifyMode(tls.client_auth), nullptr);
  SSL_CTX_set_cert_verify_callback(context, TlsCallbacks::Verify, made.get());
  SSL_CTX_set_alpn_select_cb(context, ChooseProtocol, nullptr);
  return made;
}

SslSession TlsContext::NewSession() const {
  return SslSession(SSL_new(context_.get()), FreeSslSession{shared_from_this()});
}

bool TlsContext::Made(const ssl_st* session) const { return SSL_get_SSL_CTX(session) == context_.get(); }

}  // namespace fleet
