#include "exporter/web/web_file.h"

#include <catch2/catch.hpp>
#include <string>
#include <utility>
#include <vector>

namespace fleet {
namespace {

const std::string kHash = "$2y$10$QOauhQNbBCuQDKes6eFzPeMqBSjb7Mr5DUmpZ/VcEd00UAV/LDeSi";

WebFile Read(std::string text) {
  const SourceText source("dir/web.yml", std::move(text));
  Diagnostics diagnostics(source);
  WebFile file = ReadWebFile(source, diagnostics);
  CHECK(RenderBriefly(diagnostics) == "");
  return file;
}

std::string ErrorsOf(std::string text) {
  const SourceText source("web.yml", std::move(text));
  Diagnostics diagnostics(source);
  ReadWebFile(source, diagnostics);
  return RenderBriefly(diagnostics);
}

TEST_CASE("web file: the documented example of the Prometheus family is taken as it is") {
  const WebFile file = Read(R"(
tls_server_config:
  cert_file: server.crt
  key_file: /etc/keys/server.key
  client_auth_type: "RequireAndVerifyClientCert"
  client_ca_file: ca.crt
  client_allowed_sans: ["a", "b"]
  min_version: "TLS12"
  max_version: "TLS13"
  cipher_suites:
  - TLS_AES_128_GCM_SHA256
  - TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256
  - TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256
  prefer_server_cipher_suites: false
  curve_preferences: [X25519, CurveP256]
http_server_config:
  http2: true
  headers:
    X-Frame-Options: deny
    Strict-Transport-Security: max-age=31536000
rate_limit:
  burst: 5
  interval: 100ms
basic_auth_users:
  alice: )" + kHash + "\n  bob: '" +
                            kHash + "'\n");
  CHECK(file.tls.enabled);
  CHECK(file.tls.cert_file == "dir/server.crt");
  CHECK(file.tls.key_file == "/etc/keys/server.key");
  CHECK(file.tls.client_auth == ClientAuth::kRequireAndVerify);
  CHECK(file.tls.client_ca_file == "dir/ca.crt");
  CHECK(file.tls.client_allowed_sans == std::vector<std::string>{"a", "b"});
  CHECK(file.tls.ciphers == "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-CHACHA20-POLY1305");
  CHECK(file.tls.curves == "X25519:P-256");
  CHECK_FALSE(file.tls.prefer_server_ciphers);
  CHECK(file.headers == std::vector<std::pair<std::string, std::string>>{
                            {"X-Frame-Options", "deny"}, {"Strict-Transport-Security", "max-age=31536000"}});
  CHECK(file.rate_burst == 5);
  CHECK(file.rate_interval == std::chrono::milliseconds(100));
  REQUIRE(file.users.size() == 2);
  CHECK(file.users[1].name == "bob");
  CHECK(file.users[1].hash == kHash);
}

TEST_CASE("web file: good ones") {
  for (const char* text : {
           "",
           "# nothing\n",
           "{}",
           "basic_auth_users:\n",
           "tls_server_config: {}",
           "tls_server_config: {min_version: TLS13}",
           "tls_server_config: {cert_file: a, key_file: b}",
           "tls_server_config: {cert: a, key_file: b}",
           "tls_server_config: {cert: a, key: b, client_auth_type: NoClientCert}",
           "tls_server_config: {cert: a, key: b, client_auth_type: RequestClientCert}",
           "tls_server_config: {cert: a, key: b, client_auth_type: RequireClientCert}",
           "tls_server_config: {cert: a, key: b, client_auth_type: RequireAnyClientCert, "
           "client_allowed_sans: [x]}",
           "tls_server_config: {cert: a, key: b, client_auth_type: VerifyClientCertIfGiven, client_ca: c}",
           "http_server_config: {http2: false}",
           "http_server_config: {headers: {X-Frame-Options: sameorigin, X-Content-Type-Options: nosniff, "
           "X-XSS-Protection: '1', Content-Security-Policy: \"default-src 'none'\"}}",
           "rate_limit: {interval: 1s}",
       }) {
    CAPTURE(text);
    CHECK(ErrorsOf(text) == "");
  }
}

TEST_CASE("web file: bad ones, and what is said about them") {
  struct Row {
    std::string text;
    std::string error;  // after "web.yml:"
  };
  const std::string tls = "tls_server_config: {cert: a, key: b, ";
  const std::vector<Row> rows = {
      {"tls_config: {}", "1:1: error: the web configuration has no key 'tls_config' [key-unknown]"},
      {"tls_server_config: {cert_flie: a}",
       "1:21: error: tls_server_config has no key 'cert_flie' [key-unknown]"},
      {"tls_server_config: {cert_file: a}",
       "1:21: error: one of key and key_file is missing [value-conflict]"},
      {"tls_server_config: {key_file: a}",
       "1:21: error: one of cert and cert_file is missing [value-conflict]"},
      {"tls_server_config: {cert_file: '', key: b}",
       "1:21: error: one of cert and cert_file is missing [value-conflict]\n"
       "web.yml:1:32: error: 'cert_file' is empty [value-missing]"},
      {tls + "cert_file: c}", "1:21: error: both cert and cert_file are given [value-conflict]"},
      {tls + "client_auth_type: Always}",
       "1:56: error: 'client_auth_type' must be NoClientCert, RequestClientCert, "
       "RequireAnyClientCert, "
       "RequireClientCert, VerifyClientCertIfGiven or RequireAndVerifyClientCert, not 'Always' [value-type]"},
      {tls + "client_ca: c}",
       "1:21: error: client_ca is given, but client_auth_type does not ask for a certificate "
       "[value-conflict]"},
      {tls + "client_auth_type: RequireAndVerifyClientCert}",
       "1:21: error: client_auth_type verifies certificates, but there is no client_ca_file to verify them "
       "with "
       "[value-conflict]"},
      {tls + "client_allowed_sans: [x]}",
       "1:59: error: client_allowed_sans needs client_auth_type RequireAnyClientCert or "
       "RequireAndVerifyClientCert [value-conflict]"},
      {tls + "client_auth_type: RequireAnyClientCert, client_allowed_sans: []}",
       "1:99: error: client_allowed_sans is empty: nobody could connect [value-conflict]"},
      {tls + "min_version: TLS11}",
       "1:51: error: min_version is TLS11, which is not safe: TLS12 or TLS13 [tls-old]"},
      {tls + "min_version: SSL3}",
       "1:51: error: 'min_version' must be TLS12 or TLS13, not 'SSL3' [value-type]"},
      {tls + "min_version: TLS13, max_version: TLS12}",
       "1:21: error: min_version is above max_version [value-conflict]"},
      {tls + "cipher_suites: [TLS_RSA_WITH_RC4_128_SHA]}",
       "1:54: error: unknown cipher suite 'TLS_RSA_WITH_RC4_128_SHA' [name-unknown]"},
      {tls + "curve_preferences: [CurveP224]}", "1:58: error: unknown curve 'CurveP224' [name-unknown]"},
      {"http_server_config: {headers: {X-Custom: y}}",
       "1:32: error: HTTP header 'X-Custom' can not be configured [header-unknown]"},
      {"http_server_config: {headers: {X-Frame-Options: allow}}",
       "1:49: error: invalid value for X-Frame-Options: expected one of deny, sameorigin, not 'allow' "
       "[header-value]"},
      {"http_server_config: {headers: {X-XSS-Protection: \"1\\r\\nSet-Cookie: a=b\"}}",
       "1:50: error: 'X-XSS-Protection' holds a control character [value-type]"},
      {"rate_limit: {burst: 0, interval: 1s}",
       "1:21: error: 'burst' must be from 1 to 1000000 [value-range]"},
      {"basic_auth_users: [alice]",
       "1:19: error: 'basic_auth_users' must be a map of names and hashes [value-type]"},
      {"basic_auth_users: {'a:b': '" + kHash + "'}",
       "1:20: error: a user's name is empty or holds ':' [user-name]"},
      {"basic_auth_users: {alice: hunter2}",
       "1:20: error: the password of user 'alice' is no bcrypt hash ($2y$10$...) [password-hash]"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(ErrorsOf(row.text) == "web.yml:" + row.error);
  }
  CHECK(ErrorsOf("a: [").starts_with("web.yml:1:"));
}

TEST_CASE("web file: no message shows what may be a password") {
  const std::string errors = ErrorsOf(
      "basic_auth_users:\n  alice: hunter2\n  bob: [hunter2]\n  carol: {hunter2: x}\n"
      "tls_server_config: {key: hunter2}\n");
  CHECK(errors.find("hunter2") == std::string::npos);
  CHECK(errors.find("web.yml:2:3: error: ") != std::string::npos);
}

TEST_CASE("bcrypt hashes") {
  CHECK(BcryptCost(kHash) == 10);
  CHECK(BcryptCost("$2a$04$" + std::string(53, '.')) == 4);
  CHECK(BcryptCost("$2b$31$" + std::string(53, 'z')) == 31);
  for (const std::string& wrong :
       {std::string(), std::string("$2y$10$"), "$2y$10$" + std::string(52, '.'),
        "$2y$10$" + std::string(54, '.'), "$2y$03$" + std::string(53, '.'), "$2y$32$" + std::string(53, '.'),
        "$2y$1x$" + std::string(53, '.'), "$2x$10$" + std::string(53, '.'), "$1y$10$" + std::string(53, '.'),
        "$2y$10$" + std::string(53, '-')}) {
    CAPTURE(wrong);
    CHECK(BcryptCost(wrong) == 0);
  }
}

}  // namespace
}  // namespace fleet
