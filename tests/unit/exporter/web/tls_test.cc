// Handshakes with a real client, and what happens to them when files are replaced beneath the server.
#include <curl/curl.h>
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <memory>
#include <string>

#include "exporter/web/http_server.h"
#include "exporter/web/listener_security.h"
#include "lib/base/file_system.h"
#include "tests/support/certificates.h"
#include "tests/support/process.h"
#include "tests/unit/exporter/web/raw_client.h"

namespace fleet {
namespace {

using test::CertificateAuthority;
using test::Issued;
using test::TemporaryFolder;

struct Curl {
  std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> handle{curl_easy_init(), curl_easy_cleanup};
  std::string body;

  static std::size_t Append(const char* data, std::size_t size, std::size_t count, void* body) {
    static_cast<std::string*>(body)->append(data, size * count);
    return size * count;
  }
};

// A server with certificates in files that a test may replace, and clients for it.
class TlsFixture {
 public:
  explicit TlsFixture(const std::string& more = "") {
    Replace("server.pem", authority_.Issue("server", "IP:127.0.0.1"));
    folder_.Write("clients.pem", client_authority_.certificate());
    WriteConfig(more);
    auto security =
        ListenerSecurity::Load({.web_file = Path("web.yaml"), .tokens_file = {}, .open_health = false});
    REQUIRE(security);
    security_ = *std::move(security);
    HttpServerOptions options;
    options.listen_addresses = {"127.0.0.1:0"};
    security_->Guard(options);
    auto server = HttpServer::Start(
        options, security_->Guard([](HttpRequest&) { return HttpResponse::Text(200, "in"); }));
    REQUIRE(server);
    server_ = *std::move(server);
  }

  void WriteConfig(const std::string& more) {
    folder_.Write("web.yaml",
                  "tls_server_config:\n  cert_file: server.pem\n  key_file: server.pem.key\n" + more);
  }
  void Replace(const std::string& name, const Issued& issued) {
    Write(name, issued.certificate);
    Write(name + ".key", issued.key);
  }
  // As programs replace certificates: a new file takes the old one's place.
  void Write(const std::string& name, const std::string& text) {
    REQUIRE(WriteFileAtomically(Path(name), text));
  }
  std::string Path(const std::string& name) const { return folder_.path() + "/" + name; }

  // "in", or what curl says.
  std::string Get(Curl& curl, long version, const Issued* client = nullptr) {
    CURL* const handle = curl.handle.get();
    curl.body.clear();
    const std::string url = fmt::format("https://127.0.0.1:{}/", server_->ports().at(0));
    curl_easy_setopt(handle, CURLOPT_URL, url.c_str());
    curl_easy_setopt(handle, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(handle, CURLOPT_TIMEOUT, 20L);
    curl_easy_setopt(handle, CURLOPT_CAINFO_BLOB, Blob(authority_.certificate()));
    curl_easy_setopt(handle, CURLOPT_SSLVERSION, version);
    if (client != nullptr) {
      curl_easy_setopt(handle, CURLOPT_SSLCERT_BLOB, Blob(client->certificate));
      curl_easy_setopt(handle, CURLOPT_SSLKEY_BLOB, Blob(client->key));
    }
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, Curl::Append);
    curl_easy_setopt(handle, CURLOPT_WRITEDATA, &curl.body);
    const CURLcode code = curl_easy_perform(handle);
    return code == CURLE_OK ? curl.body : curl_easy_strerror(code);
  }
  std::string Get(const Issued* client = nullptr, long version = kAnyVersion) {
    Curl curl;
    return Get(curl, version, client);
  }
  bool LetsIn(const Issued* client = nullptr, long version = kAnyVersion) {
    return Get(client, version) == "in";
  }

  static constexpr long kAnyVersion = CURL_SSLVERSION_TLSv1_2;
  static constexpr long kOnly12 = static_cast<long>(CURL_SSLVERSION_TLSv1_2) | CURL_SSLVERSION_MAX_TLSv1_2;
  static constexpr long kOnly13 = static_cast<long>(CURL_SSLVERSION_TLSv1_3) | CURL_SSLVERSION_MAX_TLSv1_3;
  static constexpr long kOnly11 = static_cast<long>(CURL_SSLVERSION_TLSv1_1) | CURL_SSLVERSION_MAX_TLSv1_1;

  int port() const { return server_->ports().at(0); }

  CertificateAuthority authority_{"servers"};
  CertificateAuthority client_authority_{"clients"};

 private:
  static curl_blob* Blob(const std::string& text) {
    static curl_blob blob;
    blob = {const_cast<char*>(text.data()), text.size(), CURL_BLOB_COPY};  // NOLINT: it only reads
    return &blob;
  }

  TemporaryFolder folder_;
  std::unique_ptr<ListenerSecurity> security_;
  std::unique_ptr<HttpServer> server_;
};

constexpr char kMutual[] = "  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: clients.pem\n";

TEST_CASE("TLS 1.2 and 1.3 are spoken, 1.1 is not, and a configuration may narrow that") {
  {
    TlsFixture fixture;
    CHECK(fixture.LetsIn(nullptr, TlsFixture::kOnly12));
    CHECK(fixture.LetsIn(nullptr, TlsFixture::kOnly13));
    CHECK_FALSE(fixture.LetsIn(nullptr, TlsFixture::kOnly11));
  }
  TlsFixture narrow("  min_version: TLS13\n  curve_preferences: [X25519]\n");
  CHECK(narrow.LetsIn(nullptr, TlsFixture::kOnly13));
  CHECK_FALSE(narrow.LetsIn(nullptr, TlsFixture::kOnly12));
}

TEST_CASE("the certificates behind the first in its file are sent with it, up to one that clients trust") {
  TlsFixture fixture;
  CertificateAuthority intermediate("intermediate", fixture.authority_);
  Issued issued = intermediate.Issue("server", "IP:127.0.0.1");
  fixture.Replace("server.pem", issued);
  CHECK_FALSE(fixture.LetsIn());
  issued.certificate += intermediate.certificate();
  fixture.Replace("server.pem", issued);
  CHECK(fixture.LetsIn());
  CHECK(fixture.LetsIn());
}

TEST_CASE("plain HTTP on a TLS port gets no answer") {
  TlsFixture fixture;
  test::RawClient client(fixture.port());
  CHECK(client.Exchange("GET / HTTP/1.1\r\nHost: x\r\n\r\n").find("HTTP/1.1") == std::string::npos);
}

TEST_CASE("mutual TLS: a valid client comes in, without, expired, or of another authority none does") {
  TlsFixture fixture(kMutual);
  const Issued good = fixture.client_authority_.Issue("client", "DNS:worker-1");
  const Issued expired = fixture.client_authority_.Issue("client", "DNS:worker-1", true);
  const Issued foreign = CertificateAuthority("clients").Issue("client", "DNS:worker-1");
  for (const long version : {TlsFixture::kOnly12, TlsFixture::kOnly13}) {
    CAPTURE(version);
    CHECK(fixture.LetsIn(&good, version));
    CHECK_FALSE(fixture.LetsIn(nullptr, version));
    CHECK_FALSE(fixture.LetsIn(&expired, version));
    CHECK_FALSE(fixture.LetsIn(&foreign, version));
  }
}

TEST_CASE("the other ways to ask for certificates") {
  const Issued foreign = CertificateAuthority("others").Issue("client", "DNS:worker-1");
  {
    TlsFixture fixture("  client_auth_type: VerifyClientCertIfGiven\n  client_ca_file: clients.pem\n");
    const Issued good = fixture.client_authority_.Issue("client", "DNS:worker-1");
    CHECK(fixture.LetsIn());
    CHECK(fixture.LetsIn(&good));
    CHECK_FALSE(fixture.LetsIn(&foreign));
  }
  {
    TlsFixture fixture("  client_auth_type: RequireAnyClientCert\n");
    CHECK(fixture.LetsIn(&foreign));
    CHECK_FALSE(fixture.LetsIn());
  }
  TlsFixture fixture("  client_auth_type: RequestClientCert\n");
  CHECK(fixture.LetsIn(&foreign));
  CHECK(fixture.LetsIn());
}

TEST_CASE("only clients with an allowed alternative name come in, of any kind") {
  TlsFixture fixture(std::string(kMutual) +
                     "  client_allowed_sans: [worker-1, 10.0.0.7, 'spiffe://fleet/w', a@b.c]\n");
  for (const char* names :
       {"DNS:worker-1", "IP:10.0.0.7", "URI:spiffe://fleet/w", "email:a@b.c", "DNS:other,DNS:worker-1"}) {
    CAPTURE(names);
    const Issued client = fixture.client_authority_.Issue("client", names);
    CHECK(fixture.LetsIn(&client));
  }
  for (const char* names : {"DNS:worker-10", "DNS:orker-1", "IP:10.0.0.8", "DNS:10.0.0.70"}) {
    CAPTURE(names);
    const Issued client = fixture.client_authority_.Issue("worker-1", names);
    CHECK_FALSE(fixture.LetsIn(&client));
  }
}

TEST_CASE("a replaced authority revokes at once, also connections that are open") {
  TlsFixture fixture(kMutual);
  const Issued old_client = fixture.client_authority_.Issue("client", "DNS:worker-1");
  Curl kept;
  REQUIRE(fixture.Get(kept, TlsFixture::kAnyVersion, &old_client) == "in");

  CertificateAuthority next("clients");
  const Issued new_client = next.Issue("client", "DNS:worker-1");
  CHECK_FALSE(fixture.LetsIn(&new_client));
  fixture.Write("clients.pem", next.certificate());
  CHECK(fixture.Get(kept, TlsFixture::kAnyVersion, &old_client) != "in");
  CHECK_FALSE(fixture.LetsIn(&old_client));
  CHECK(fixture.LetsIn(&new_client));
  fixture.Write("clients.pem", fixture.client_authority_.certificate());
  CHECK(fixture.LetsIn(&old_client));
}

TEST_CASE("a new certificate is served without a restart, a broken one closes until it is repaired") {
  TlsFixture fixture;
  REQUIRE(fixture.LetsIn());
  const Issued foreign = CertificateAuthority("others").Issue("server", "IP:127.0.0.1");
  fixture.Replace("server.pem", foreign);
  CHECK_FALSE(fixture.LetsIn());  // curl does not trust that one: so it is the new one
  fixture.Write("server.pem", "no certificate");
  CHECK_FALSE(fixture.LetsIn());
  fixture.Replace("server.pem", fixture.authority_.Issue("server", "IP:127.0.0.1"));
  CHECK(fixture.LetsIn());
}

TEST_CASE("a broken web file closes, and cannot switch TLS off") {
  TlsFixture fixture;
  REQUIRE(fixture.LetsIn());
  fixture.Write("web.yaml", "tls_server_config: {cert_flie: server.pem}\n");
  CHECK_FALSE(fixture.LetsIn());
  fixture.Write("web.yaml", "{}\n");
  CHECK_FALSE(fixture.LetsIn());
  fixture.WriteConfig("");
  CHECK(fixture.LetsIn());
}

TEST_CASE("an expired certificate of the server is served, and refused by the client") {
  TlsFixture fixture;
  fixture.Replace("server.pem", fixture.authority_.Issue("server", "IP:127.0.0.1", true));
  CHECK_FALSE(fixture.LetsIn());
}

TEST_CASE("what cannot be TLS does not start, and says why without a secret") {
  const TemporaryFolder folder;
  CertificateAuthority authority("servers");
  const Issued one = authority.Issue("server", "IP:127.0.0.1");
  const Issued other = authority.Issue("server", "IP:127.0.0.1");
  folder.Write("one.pem", one.certificate);
  folder.Write("one.key", one.key);
  folder.Write("other.key", other.key);
  folder.Write("text", "secret-text");
  const auto error = [&](const std::string& tls) {
    const std::string path = folder.Write("web.yaml", "tls_server_config: {" + tls + "}\n");
    const auto loaded = WebSecurity::Load(path, [](std::string_view, std::string_view) {});
    std::string message = loaded ? "started" : loaded.error().message;
    for (std::size_t at = 0; (at = message.find(folder.path() + "/")) != std::string::npos;) {
      message.erase(at, folder.path().size() + 1);
    }
    return message;
  };
  CHECK(error("cert_file: one.pem, key_file: one.key") == "started");
  CHECK(error("cert_file: one.pem, key_file: other.key") ==
        "web.yaml: key_file other.key does not belong to the certificate: key values mismatch");
  CHECK(error("cert_file: text, key_file: one.key") ==
        "web.yaml: cert_file text holds no usable certificate: no start line");
  CHECK(error("cert_file: one.pem, key_file: text") ==
        "web.yaml: key_file text holds no usable private key: unsupported");
  CHECK(error("cert_file: one.pem, key_file: one.key, client_ca_file: text, client_auth_type: "
              "RequireAndVerifyClientCert") ==
        "web.yaml: client_ca_file text holds no certificate: no start line");
  CHECK(error("cert_file: nowhere.pem, key_file: one.key") ==
        "web.yaml: cert_file: cannot read nowhere.pem: No such file or directory");
}

}  // namespace
}  // namespace fleet
