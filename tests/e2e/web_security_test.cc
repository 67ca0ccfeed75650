// TLS, users and tokens of the exporter as a process.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <string>

#include "tests/support/certificates.h"
#include "tests/support/fleet_server.h"
#include "tests/support/http.h"
#include "tests/support/paths.h"
#include "tests/support/process.h"

using fleet::test::CertificateAuthority;
using fleet::test::ExporterProgram;
using fleet::test::ExporterServer;
using fleet::test::Fetch;
using fleet::test::FindProgram;
using fleet::test::Get;
using fleet::test::HttpReply;
using fleet::test::Issued;
using fleet::test::RunProgram;
using fleet::test::TemporaryFolder;

namespace {

// SHA-256 of sandbox-token-0123456789, by: printf %s TOKEN | sha256sum
constexpr char kTokens[] = R"(tokens:
- name: sandboxes
  sha256: 21832db5d594b7fd3e0ab4f5e737dfb84865e3dd53cbe87a5bfd3d352d242501
  worker_types: [sandbox]
  id_prefixes: [sbx-]
)";
constexpr char kBearer[] = "Authorization: Bearer sandbox-token-0123456789";

}  // namespace

TEST_CASE("TLS that is asked for and cannot be had ends the start with 1 and the reason") {
  const TemporaryFolder folder;
  const std::string web =
      folder.Write("web.yaml", "tls_server_config: {cert_file: no.pem, key_file: no.key}\n");
  const auto run = RunProgram({ExporterProgram(), "--web.config.file=" + web,
                               "--web.listen-address=127.0.0.1:0", "--ingest.listen-address=127.0.0.1:0"});
  CHECK(run.exit_code == 1);
  CHECK(run.out.find("no.pem: No such file or directory") != std::string::npos);
  CHECK(run.out.find("Listening") == std::string::npos);
}

TEST_CASE("a password that was not hashed is refused and not shown") {
  const TemporaryFolder folder;
  const std::string web = folder.Write("web.yaml", "basic_auth_users: {alice: hunter2}\n");
  const std::string config = folder.Write("exporter.yaml", fmt::format("web: {{config_file: {}}}\n", web));
  const auto run = RunProgram({ExporterProgram(), "--config.file=" + config, "--config.check"});
  CHECK(run.exit_code == 1);
  CHECK(run.out == web +
                       ":1:20: error: the password of user 'alice' is no bcrypt hash ($2y$10$...) "
                       "[password-hash]\n");
}

TEST_CASE("a scrape over TLS with a password, events with a token that binds") {
  const TemporaryFolder folder;
  CertificateAuthority authority("fleet");
  const Issued server = authority.Issue("exporter", "IP:127.0.0.1");
  folder.Write("server.pem", server.certificate);
  folder.Write("server.key", server.key);
  const std::string ca = folder.Write("ca.pem", authority.certificate());
  const std::string web = folder.Write(
      "web.yaml",
      "tls_server_config: {cert_file: server.pem, key_file: server.key}\n"
      "basic_auth_users: {alice: '$2y$04$abcdefghijklmnopqrstuu/LVz6MZlItEy42I2juLihZ66HnQx/cy'}\n");
  const std::string plain = folder.Write("ingest-web.yaml", "{}\n");
  const std::string tokens = folder.Write("tokens.yaml", kTokens);
  ExporterServer exporter({"--web.config.file=" + web, "--ingest.web.config.file=" + plain,
                           "--ingest.tokens-file=" + tokens, "--web.open-health"},
                          ca);
  const std::string url = exporter.Url("/metrics");
  REQUIRE(url.starts_with("https://"));
  const auto curl = [&](const std::vector<std::string>& more) {
    std::vector<std::string> command = {
        FindProgram("curl"), "--silent",  "--show-error", "--noproxy",   "*", "--cacert", ca,
        "--output",          "/dev/null", "--write-out",  "%{http_code}"};
    command.insert(command.end(), more.begin(), more.end());
    return RunProgram(command).out;
  };
  CHECK(curl({url}) == "401");
  CHECK(curl({"--user", "alice:open sesame", url}) == "200");
  CHECK(curl({"--user", "alice:open sesam", url}) == "401");
  CHECK(curl({"--tls-max", "1.2", "--user", "alice:open sesame", url}) == "200");

  const auto beat = [&](const std::string& path, const std::vector<std::string>& headers) {
    return Fetch("PUT", exporter.IngestUrl("/api/v1/heartbeats/" + path), {}, headers).status;
  };
  CHECK(beat("sandbox/sbx-1", {}) == 401);
  CHECK(beat("sandbox/sbx-1", {kBearer}) == 200);
  CHECK(beat("sandbox/other-1", {kBearer}) == 400);
  CHECK(beat("builder/sbx-1", {kBearer}) == 400);
  CHECK(beat("sandbox/sbx-1", {"Authorization: Basic YWxpY2U6b3BlbiBzZXNhbWU="}) == 401);
  const std::string log = exporter.process().Output();
  CHECK(log.find("sandbox-token") == std::string::npos);
  CHECK(log.find("sesame") == std::string::npos);
}
