#include "exporter/web/web_gate.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "tests/support/process.h"
#include "tests/unit/exporter/web/fake_request.h"

namespace fleet {
namespace {

using test::FakeRequest;
using test::HeaderOf;
using test::TemporaryFolder;
using namespace std::chrono_literals;

// "open sesame", at cost 4.
constexpr char kAlice[] =
    "basic_auth_users: {alice: '$2y$04$abcdefghijklmnopqrstuu/LVz6MZlItEy42I2juLihZ66HnQx/cy'}\n";
constexpr char kBasic[] = "Basic YWxpY2U6b3BlbiBzZXNhbWU=";
// SHA-256 of "builder-token-0123456789" and "sandbox-token-0123456789".
constexpr char kTokens[] = R"(tokens:
- name: builders
  sha256: 976fd0b99c84af66172a64c01e88ffb1339578d0cac2f9b3a47566f521f55d5a
- name: sandboxes
  sha256: 21832db5d594b7fd3e0ab4f5e737dfb84865e3dd53cbe87a5bfd3d352d242501
  worker_types: [sandbox]
  id_prefixes: [sbx-]
)";

class GateFixture {
 public:
  void Start(const std::string& web, const std::string& tokens = {}, bool open_health = false) {
    web_path_ = folder_.Write("web.yaml", web);
    const auto log = [this](std::string_view, std::string_view error) { errors_ += error; };
    auto security = WebSecurity::Load(web_path_, log);
    REQUIRE(security);
    security_ = *std::move(security);
    if (!tokens.empty()) {
      tokens_path_ = folder_.Write("tokens.yaml", tokens);
      auto loaded = SenderTokens::Load(tokens_path_, log);
      REQUIRE(loaded);
      tokens_ = *std::move(loaded);
    }
    gate_ = std::make_unique<WebGate>(
        *security_, WebGateOptions{open_health, tokens_.get(), [this](int status) { refused_ = status; }});
  }

  HttpResponse Get(const std::string& authorization = {}, const std::string& path = "/metrics") {
    FakeRequest request("GET", path, {{"Authorization", authorization}});
    return gate_->Handle(request, [this](HttpRequest& admitted) {
      sender_ = admitted.sender == nullptr ? "" : admitted.sender->name;
      return HttpResponse::Text(200, "in");
    });
  }
  int Status(const std::string& authorization = {}, const std::string& path = "/metrics") {
    return Get(authorization, path).status;
  }

  TemporaryFolder folder_;
  std::string web_path_, tokens_path_, errors_, sender_;
  int refused_ = 0;
  std::unique_ptr<WebSecurity> security_;
  std::unique_ptr<SenderTokens> tokens_;
  std::unique_ptr<WebGate> gate_;
};

TEST_CASE_METHOD(GateFixture, "without users everyone comes in, with users only they do") {
  Start("{}\n");
  CHECK(Status() == 200);
  Start(kAlice);
  const HttpResponse refused = Get();
  CHECK(refused.status == 401);
  CHECK(HeaderOf(refused, "WWW-Authenticate") == "Basic");
  CHECK(refused_ == 401);
  CHECK(Status(kBasic) == 200);
  CHECK(Status("Basic YWxpY2U6b3BlbiBzZXNhbQ==") == 401);
  CHECK(Status("Bearer YWxpY2U6b3BlbiBzZXNhbWU=") == 401);
  CHECK(Status({}, "/-/healthy") == 401);
}

TEST_CASE_METHOD(GateFixture, "the health check is open only where that was chosen, readiness never") {
  Start(kAlice, {}, true);
  CHECK(Status({}, "/-/healthy") == 200);
  CHECK(Status({}, "/healthz") == 200);
  CHECK(Status({}, "/-/ready") == 401);
  CHECK(Status({}, "/-/healthy/") == 401);
  CHECK(Status({}, "/%2d/healthy") == 401);
}

TEST_CASE_METHOD(GateFixture, "configured headers are on every answer, and win") {
  Start(std::string(kAlice) + "http_server_config: {headers: {X-Frame-Options: deny}}\n");
  CHECK(HeaderOf(Get(kBasic), "X-Frame-Options") == "deny");
  CHECK(HeaderOf(Get(), "X-Frame-Options") == "deny");
}

TEST_CASE_METHOD(GateFixture, "a file that breaks lets nobody in until it is repaired") {
  Start(kAlice);
  REQUIRE(Status(kBasic) == 200);
  folder_.Write("web.yaml", "basic_auth_users: {alice: hunter2}\n");
  CHECK(Status(kBasic) == 500);
  CHECK(errors_.find("hunter2") == std::string::npos);
  CHECK(errors_.starts_with(folder_.path() + "/web.yaml"));
  folder_.Write("web.yaml", "basic_auth_users: {}\n# repaired\n");
  CHECK(Status() == 200);
}

TEST_CASE_METHOD(GateFixture, "senders come in by their token alone") {
  Start(kAlice, kTokens);
  CHECK(Status("Bearer builder-token-0123456789") == 200);
  CHECK(sender_ == "builders");
  CHECK(Status("bearer sandbox-token-0123456789") == 200);
  CHECK(sender_ == "sandboxes");
  const HttpResponse refused = Get(kBasic);
  CHECK(refused.status == 401);
  CHECK(HeaderOf(refused, "WWW-Authenticate") == "Bearer");
  for (const char* wrong : {"", "Bearer", "Bearer ", "Bearer builder-token-012345678",
                            "Bearer 976fd0b99c84af66172a64c01e88ffb1339578d0cac2f9b3a47566f521f55d5a",
                            "Bearerbuilder-token-0123456789"}) {
    CAPTURE(wrong);
    CHECK(Status(wrong) == 401);
  }
  folder_.Write("tokens.yaml", "tokens: []\n");
  CHECK(Status("Bearer builder-token-0123456789") == 401);
  folder_.Write("tokens.yaml", "tokens: [{name: x, sha256: builder-token-0123456789}]\n");
  CHECK(Status("Bearer builder-token-0123456789") == 500);
  CHECK(errors_.find("builder-token") == std::string::npos);
}

TEST_CASE("tokens files that are wrong") {
  const auto errors = [](std::string text) {
    const SourceText source("tokens.yaml", std::move(text));
    Diagnostics diagnostics(source);
    ReadSenders(source, diagnostics);
    return RenderBriefly(diagnostics);
  };
  const std::string hash(64, 'a');
  CHECK(errors("tokens: [{name: a, sha256: " + hash + "}]") == "");
  CHECK(errors("{}") == "tokens.yaml:1:1: error: the tokens file needs the key 'tokens' [key-missing]");
  CHECK(errors("tokens: [{sha256: " + hash + "}]") ==
        "tokens.yaml:1:11: error: a token needs the key 'name' [key-missing]");
  CHECK(errors("tokens: [{name: a, sha256: secret}]") ==
        "tokens.yaml:1:28: error: 'sha256' must be 64 hexadecimal digits: printf %s \"$TOKEN\" | sha256sum "
        "[token-hash]");
  CHECK(errors("tokens: [{name: a, sha256: " + hash + ", worker_types: []}]") ==
        "tokens.yaml:1:108: error: 'worker_types' is empty [value-missing]");
  CHECK(errors("tokens: [{name: a, sha256: " + hash + "}, {name: b, sha256: " + hash + "}]") ==
        "tokens.yaml:1:9: error: 'a' and 'b' have the same token [token-duplicate]");
}

TEST_CASE("a short token is none, whatever the file says") {
  const SourceText source(
      "t", "tokens: [{name: a, sha256: f9b0078b5df596d2ea19010c001bbd009e651de2c57e8fb7e355f31eb9d3f739}]");
  Diagnostics diagnostics(source);
  const Senders senders = ReadSenders(source, diagnostics);
  REQUIRE(senders.size() == 1);
  CHECK(FindSender(senders, "Bearer short") == nullptr);
}

TEST_CASE("the rate limit is a bucket that refills") {
  RateLimiter limiter;
  const auto start = std::chrono::steady_clock::time_point(1h);
  for (int i = 0; i < 3; ++i) CHECK(limiter.Allow(3, 100ms, start));
  CHECK_FALSE(limiter.Allow(3, 100ms, start));
  CHECK_FALSE(limiter.Allow(3, 100ms, start + 99ms));
  CHECK(limiter.Allow(3, 100ms, start + 100ms));
  CHECK_FALSE(limiter.Allow(3, 100ms, start + 100ms));
  for (int i = 0; i < 3; ++i) CHECK(limiter.Allow(3, 100ms, start + 10s));
  CHECK_FALSE(limiter.Allow(3, 100ms, start + 10s));
  CHECK(limiter.Allow(1, 0ms, start));
}

TEST_CASE_METHOD(GateFixture, "too many requests get 429 with the time to come back") {
  Start("rate_limit: {burst: 1, interval: 1h}\n");
  CHECK(Status() == 200);
  const HttpResponse refused = Get();
  CHECK(refused.status == 429);
  CHECK(HeaderOf(refused, "Retry-After") == "1");
}

}  // namespace
}  // namespace fleet
