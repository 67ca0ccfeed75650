#include "exporter/web/router.h"

#include <catch2/catch.hpp>
#include <stdexcept>

#include "exporter/exposition/text_format.h"
#include "lib/base/text.h"
#include "tests/unit/exporter/web/fake_request.h"

namespace fleet {
namespace {

using test::BodyOf;
using test::FakeRequest;
using test::HeaderOf;

struct RouterFixture {
  SelfMetrics metrics{"fleet"};
  Router router{{{"GET", "/metrics", "metrics",
                  [](HttpRequest&, const PathValues&) { return HttpResponse::Text(200, "page"); }},
                 {"GET", "/things", "things",
                  [](HttpRequest&, const PathValues&) { return HttpResponse::Text(200, "list"); }},
                 {"POST", "/things", "things",
                  [](HttpRequest&, const PathValues&) { return HttpResponse::Text(201, "made"); }},
                 {"PUT", "/things/{kind}/{id}", "things",
                  [](HttpRequest&, const PathValues& values) {
                    return HttpResponse::Text(200, values[0] + "|" + values[1]);
                  }},
                 {"GET", "/throw", "throw",
                  [](HttpRequest&, const PathValues&) -> HttpResponse { throw std::runtime_error("no"); }},
                 {"GET", "/stream", "stream",
                  [](HttpRequest&, const PathValues&) {
                    HttpResponse response;
                    response.stream = [](const ByteSink& write) { write("streamed"); };
                    return response;
                  }}},
                metrics};

  HttpResponse Do(std::string_view method, std::string_view path) {
    FakeRequest request(method, path);
    return router.Handle(request);
  }
  // The line of the page that begins so, without its beginning.
  std::string Metric(std::string_view series) {
    Snapshot snapshot;
    metrics.Collect(snapshot);
    std::string page;
    RenderText(snapshot, [&](std::string_view bytes) { return page += bytes, true; });
    for (const std::string_view line : Split(page, '\n')) {
      if (line.starts_with(series)) return std::string(line.substr(series.size()));
    }
    return "";
  }
};

TEST_CASE("router: paths match as a whole, escapes decoded") {
  RouterFixture f;
  CHECK(f.Do("GET", "/metrics").body == "page");
  CHECK(f.Do("GET", "/%6detrics").body == "page");
  CHECK(f.Do("PUT", "/things/worker/w-1").body == "worker|w-1");
  CHECK(f.Do("PUT", "/things/a%2Fb/c%20%C3%BC%25").body == "a/b|c ü%");
  for (const char* path : {"", "/", "/metrics/", "/metrics/x", "/metricsx", "//metrics", "/Metrics", "*",
                           "/things/worker", "/things/worker/", "/things//w", "/things/worker/w/x"}) {
    CAPTURE(path);
    CHECK(f.Do("PUT", path).status == 404);
  }
}

TEST_CASE("router: broken escapes are a 400") {
  RouterFixture f;
  for (const char* path : {"/%", "/%4", "/%zz", "/things/worker/%4g", "/things/worker/x%"}) {
    CAPTURE(path);
    CHECK(f.Do("PUT", path).status == 400);
  }
}

TEST_CASE("router: another method is a 405 that says which are allowed, GET means HEAD, too") {
  RouterFixture f;
  CHECK(f.Do("HEAD", "/metrics").status == 200);
  const HttpResponse refused = f.Do("DELETE", "/metrics");
  CHECK(refused.status == 405);
  CHECK(HeaderOf(refused, "Allow") == "GET, HEAD");
  CHECK(refused.body == "only GET, HEAD here\n");
  CHECK(HeaderOf(f.Do("OPTIONS", "/things"), "Allow") == "GET, HEAD, POST");
  CHECK(HeaderOf(f.Do("GET", "/things/a/b"), "Allow") == "PUT");
  CHECK(f.Do("POST", "/things").status == 201);
}

TEST_CASE("router: requests are counted by handler and status, streams until they have been sent") {
  RouterFixture f;
  f.Do("GET", "/metrics");
  f.Do("GET", "/metrics");
  f.Do("GET", "/nowhere");
  CHECK_THROWS(f.Do("GET", "/throw"));
  const std::string total = "fleet_exporter_http_requests_total{handler=";
  const std::string in_flight = "fleet_exporter_http_requests_in_flight{handler=";
  CHECK(f.Metric(total + R"("metrics",code="200"})") == " 2");
  CHECK(f.Metric(total + R"("other",code="404"})") == " 1");
  CHECK(f.Metric(total + R"("throw",code="500"})") == " 1");
  CHECK(f.Metric(in_flight + R"("throw"})") == " 0");
  {
    const HttpResponse response = f.Do("GET", "/stream");
    CHECK(BodyOf(response) == "streamed");
    CHECK(f.Metric(in_flight + R"("stream"})") == " 1");
    CHECK(f.Metric(total + R"("stream",code="200"})") == "");
  }
  CHECK(f.Metric(in_flight + R"("stream"})") == " 0");
  CHECK(f.Metric(total + R"("stream",code="200"})") == " 1");
}

}  // namespace
}  // namespace fleet
