#include "exporter/web/lifecycle_routes.h"

#include <catch2/catch.hpp>

#include "tests/unit/exporter/web/fake_request.h"

namespace fleet {
namespace {

using test::FakeRequest;

HttpResponse Ask(const ReloadFunction& reload, const std::string& method) {
  SelfMetrics metrics{"fleet"};
  const Router router(LifecycleRoutes(reload), metrics);
  FakeRequest request(method, "/-/reload", {}, "");
  return router.Handle(request);
}

TEST_CASE("lifecycle: POST and PUT reload") {
  int reloads = 0;
  const ReloadFunction reload = [&]() -> std::optional<std::string> {
    ++reloads;
    return std::nullopt;
  };
  for (const char* const method : {"POST", "PUT"}) {
    const HttpResponse answer = Ask(reload, method);
    CHECK(answer.status == 200);
    CHECK(answer.body == "reloaded\n");
  }
  CHECK(reloads == 2);
  CHECK(Ask(reload, "GET").status == 405);
  CHECK(reloads == 2);
}

TEST_CASE("lifecycle: a bad file is a 500 with the reason") {
  const HttpResponse answer = Ask([] { return std::optional<std::string>("f.yaml:1:2: error: no"); }, "POST");
  CHECK(answer.status == 500);
  CHECK(answer.body == "not reloaded, the old configuration stays: f.yaml:1:2: error: no\n");
}

TEST_CASE("lifecycle: off unless it is enabled") {
  const HttpResponse answer = Ask(nullptr, "POST");
  CHECK(answer.status == 403);
  CHECK(answer.body == "Lifecycle API is not enabled; start with --web.enable-lifecycle, or send SIGHUP.\n");
}

}  // namespace
}  // namespace fleet
