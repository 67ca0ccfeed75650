// The CivetWeb that was compiled here can do what the exporter's listeners need. The distribution's
// binary has the same version number, and crashes on the first TLS handshake.
#include <civetweb.h>
#include <curl/curl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/process.h"

using fleet::test::TemporaryFolder;

namespace {

template <auto kFree>
struct Freed {
  template <typename T>
  void operator()(T* pointer) const {
    kFree(pointer);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Freed<X509_EXTENSION_free>>;
using File = std::unique_ptr<std::FILE, Freed<std::fclose>>;
using Curl = std::unique_ptr<CURL, Freed<curl_easy_cleanup>>;
using Server = std::unique_ptr<mg_context, Freed<mg_stop>>;

// Valid for an hour and for 127.0.0.1 alone, so the client can verify it in full.
Certificate SelfSigned(EVP_PKEY* key) {
  Certificate certificate(X509_new());
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -60);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
  X509_set_pubkey(certificate.get(), key);
  X509_NAME* const name = X509_get_subject_name(certificate.get());
  const auto* const common_name = reinterpret_cast<const unsigned char*>("civetweb test");
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, common_name, -1, -1, 0);
  X509_set_issuer_name(certificate.get(), name);
  const Extension address(X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "IP:127.0.0.1"));
  X509_add_ext(certificate.get(), address.get(), -1);
  REQUIRE(X509_sign(certificate.get(), key, EVP_sha256()) > 0);
  return certificate;
}

// Key and certificate in one file, as CivetWeb wants them.
void WriteSelfSigned(const std::string& path) {
  const Key key(EVP_EC_gen("P-256"));
  const Certificate certificate = SelfSigned(key.get());
  const File file(std::fopen(path.c_str(), "w"));
  REQUIRE(file != nullptr);
  REQUIRE(PEM_write_PrivateKey(file.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1);
  REQUIRE(PEM_write_X509(file.get(), certificate.get()) == 1);
}

int AnswerHello(mg_connection* connection, void*) {
  mg_send_http_ok(connection, "text/plain", 5);
  mg_write(connection, "hello", 5);
  return 200;
}

Server Start(std::vector<const char*> options) {
  options.push_back("num_threads");
  options.push_back("2");
  options.push_back(nullptr);
  const mg_callbacks callbacks{};
  Server server(mg_start(&callbacks, nullptr, options.data()));
  REQUIRE(server != nullptr);
  mg_set_request_handler(server.get(), "/hello$", AnswerHello, nullptr);
  return server;
}

std::size_t Append(const char* data, std::size_t size, std::size_t count, void* body) {
  static_cast<std::string*>(body)->append(data, size * count);
  return size * count;
}

// The body, or what curl says went wrong.
std::string Get(CURL* curl, const std::string& url) {
  std::string body;
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
  curl_easy_setopt(curl, CURLOPT_TIMEOUT, 20L);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, Append);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &body);
  const CURLcode code = curl_easy_perform(curl);
  return code == CURLE_OK ? body : curl_easy_strerror(code);
}

}  // namespace

TEST_CASE("CivetWeb is compiled with TLS, IPv6 and Unix sockets, without files, CGI and cache") {
  const unsigned wanted = MG_FEATURES_TLS | MG_FEATURES_IPV6 | MG_FEATURES_X_DOMAIN_SOCKET;
  const unsigned unwanted = MG_FEATURES_FILES | MG_FEATURES_CGI | MG_FEATURES_CACHE | MG_FEATURES_WEBSOCKET |
                            MG_FEATURES_HTTP2 | MG_FEATURES_LUA;
  CHECK(mg_check_feature(wanted) == wanted);
  CHECK(mg_check_feature(unwanted) == 0);
}

TEST_CASE("CivetWeb answers a client that speaks TLS 1.3 only and verifies the certificate") {
  const TemporaryFolder folder;
  const std::string pem = folder.path() + "/server.pem";
  WriteSelfSigned(pem);
  REQUIRE(mg_init_library(MG_FEATURES_TLS) == MG_FEATURES_TLS);
  {
    const Server server = Start({"listening_ports", "127.0.0.1:0s", "ssl_certificate", pem.c_str()});
    mg_server_port port{};
    REQUIRE(mg_get_server_ports(server.get(), 1, &port) == 1);

    const Curl curl(curl_easy_init());
    curl_easy_setopt(curl.get(), CURLOPT_CAINFO, pem.c_str());
    curl_easy_setopt(curl.get(), CURLOPT_SSLVERSION,
                     static_cast<long>(CURL_SSLVERSION_TLSv1_3) | CURL_SSLVERSION_MAX_TLSv1_3);
    CHECK(Get(curl.get(), "https://127.0.0.1:" + std::to_string(port.port) + "/hello") == "hello");
  }
  mg_exit_library();
}

TEST_CASE("CivetWeb answers on a Unix socket") {
  const TemporaryFolder folder;
  const std::string path = folder.path() + "/socket";
  mg_init_library(MG_FEATURES_DEFAULT);
  {
    const Server server = Start({"listening_ports", ("x" + path).c_str()});
    const Curl curl(curl_easy_init());
    curl_easy_setopt(curl.get(), CURLOPT_UNIX_SOCKET_PATH, path.c_str());
    CHECK(Get(curl.get(), "http://localhost/hello") == "hello");
  }
  mg_exit_library();
}
