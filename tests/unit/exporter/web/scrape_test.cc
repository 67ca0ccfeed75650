#include "exporter/web/scrape.h"

#include <curl/curl.h>

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <latch>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "exporter/exposition/gzip.h"
#include "exporter/web/scrape_routes.h"
#include "tests/unit/exporter/web/fake_request.h"

namespace fleet {
namespace {

using test::BodyOf;
using test::FakeRequest;
using test::HeaderOf;

std::shared_ptr<const Snapshot> OneGauge() {
  static const FamilyHeader header{
      "fleet_runs", catalog::MetricType::kGauge, catalog::Unit::kNone, "Runs", {}};
  auto labels = std::make_shared<SeriesLabels>();
  labels->Add("");
  return std::make_shared<Snapshot>(Snapshot{{{&header, labels, {3}, {}}}});
}

constexpr char kTextPage[] = "# HELP fleet_runs Runs\n# TYPE fleet_runs gauge\nfleet_runs 3\n";

TEST_CASE("scrape: format and encoding as negotiated") {
  ScrapePage page(OneGauge, 5);
  const HttpResponse text = page.Serve(FakeRequest("GET", "/metrics"));
  CHECK(text.content_type == "text/plain; version=0.0.4; charset=utf-8");
  CHECK(HeaderOf(text, "Vary") == "Accept, Accept-Encoding");
  CHECK(HeaderOf(text, "Content-Encoding") == "");
  CHECK(BodyOf(text) == kTextPage);

  const HttpResponse compressed = page.Serve(FakeRequest("GET", "/metrics", {{"Accept-Encoding", "gzip"}}));
  CHECK(HeaderOf(compressed, "Content-Encoding") == "gzip");
  CHECK(Gunzip(BodyOf(compressed), 1000).text == kTextPage);

  const HttpResponse open =
      page.Serve(FakeRequest("GET", "/metrics", {{"Accept", "application/openmetrics-text;version=1.0.0"}}));
  CHECK(open.content_type == "application/openmetrics-text; version=1.0.0; charset=utf-8");
  CHECK(BodyOf(open) == "# TYPE fleet_runs gauge\n# HELP fleet_runs Runs\nfleet_runs 3\n# EOF\n");
}

TEST_CASE("scrape: HEAD collects nothing") {
  ScrapePage page([]() -> std::shared_ptr<const Snapshot> { throw std::logic_error("collected"); }, 5);
  CHECK(page.Serve(FakeRequest("HEAD", "/metrics")).status == 200);
}

std::size_t AppendTo(const char* data, std::size_t size, std::size_t count, void* text) {
  static_cast<std::string*>(text)->append(data, size * count);
  return size * count;
}

TEST_CASE("scrape: curl reads a large compressed page to the end, over one connection") {
  static const FamilyHeader header{"fleet_big", catalog::MetricType::kGauge, catalog::Unit::kNone, "Big", {}};
  auto labels = std::make_shared<SeriesLabels>();
  FamilySnapshot family{&header, labels, {}, {}};
  for (int i = 0; i < 50'000; ++i) {
    labels->Add("id=\"" + std::to_string(i) + "\"");
    family.values.push_back(i);
  }
  ScrapePage page([&] { return std::make_shared<Snapshot>(Snapshot{{family}}); }, 5);
  HttpServerOptions options;
  options.listen_addresses = {"127.0.0.1:0"};
  const auto server = HttpServer::Start(options, [&](HttpRequest& request) { return page.Serve(request); });
  REQUIRE(server);
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl(curl_easy_init(), curl_easy_cleanup);
  curl_easy_setopt(curl.get(), CURLOPT_URL, ("http://" + (*server)->addresses()[0]).c_str());
  curl_easy_setopt(curl.get(), CURLOPT_NOPROXY, "*");
  curl_easy_setopt(curl.get(), CURLOPT_ACCEPT_ENCODING, "gzip");
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, AppendTo);
  for (long round = 0; round < 3; ++round) {
    std::string text;
    curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &text);
    CHECK(curl_easy_perform(curl.get()) == CURLE_OK);
    CHECK(std::ranges::count(text, '\n') == 50'002);
    CHECK(text.ends_with("fleet_big{id=\"49999\"} 49999\n"));
    long connects = 0;
    curl_easy_getinfo(curl.get(), CURLINFO_NUM_CONNECTS, &connects);
    CHECK(connects == (round == 0 ? 1 : 0));
  }
}

TEST_CASE("scrape: a limit on answers at the same time, until each has been sent") {
  ScrapePage page(OneGauge, 2);
  const FakeRequest request("GET", "/metrics");
  {
    const HttpResponse first = page.Serve(request), second = page.Serve(request);
    const HttpResponse third = page.Serve(request);
    CHECK(third.status == 503);
    CHECK(third.body == "Limit of concurrent requests reached (2), try again later.\n");
  }
  CHECK(page.Serve(request).status == 200);
}

TEST_CASE("scrape: a failed collection frees its place") {
  ScrapePage page([]() -> std::shared_ptr<const Snapshot> { throw std::runtime_error("no"); }, 1);
  const FakeRequest request("GET", "/metrics");
  CHECK_THROWS_AS(page.Serve(request), std::runtime_error);
  CHECK_THROWS_AS(page.Serve(request), std::runtime_error);
}

TEST_CASE("scrape: who comes while a collection runs shares it, the next one collects again") {
  constexpr int kScrapes = 8;
  std::atomic<int> collections{0}, waiting{0};
  std::latch begun(1), go_on(1);
  SharedCollection shared([&] {
    if (++collections == 1) {
      begun.count_down();
      go_on.wait();
    }
    return OneGauge();
  });
  std::vector<std::shared_ptr<const Snapshot>> results(kScrapes);
  std::vector<std::thread> scrapes;
  scrapes.emplace_back([&] { results[0] = shared.Get(); });
  begun.wait();
  for (std::size_t i = 1; i < kScrapes; ++i) {
    scrapes.emplace_back([&, i] {
      ++waiting;
      results[i] = shared.Get();
    });
  }
  while (waiting < kScrapes - 1) std::this_thread::yield();
  go_on.count_down();
  for (std::thread& scrape : scrapes) scrape.join();
  // A thread may have come just after the first collection ended; it found the second.
  CHECK(collections <= 2);
  shared.Get();
  CHECK(collections <= 3);
  CHECK(results[1] != nullptr);
}

TEST_CASE("scrape: metrics may be at /") {
  ScrapePage page(OneGauge, 5);
  Readiness readiness;
  SelfMetrics metrics("fleet");
  const Router router(ScrapeRoutes("/", page, readiness), metrics);
  FakeRequest root("GET", "/");
  CHECK(BodyOf(router.Handle(root)) == kTextPage);
}

TEST_CASE("health: healthy always, ready between start and end") {
  Readiness readiness;
  SelfMetrics metrics("fleet");
  const Router router(HealthRoutes(readiness), metrics);
  const auto get = [&](std::string_view path) {
    FakeRequest request("GET", path);
    const HttpResponse response = router.Handle(request);
    return std::to_string(response.status) + " " + response.body;
  };
  CHECK(get("/-/healthy") == "200 fleet_exporter is Healthy.\n");
  CHECK(get("/healthz") == "200 fleet_exporter is Healthy.\n");
  CHECK(get("/-/ready") == "503 fleet_exporter is not ready: starting.\n");
  readiness.Set(Readiness::State::kReady);
  CHECK(get("/-/ready") == "200 fleet_exporter is Ready.\n");
  readiness.Set(Readiness::State::kDraining);
  CHECK(get("/-/ready") == "503 fleet_exporter is not ready: shutting down.\n");
  CHECK(get("/-/healthy") == "200 fleet_exporter is Healthy.\n");
}

}  // namespace
}  // namespace fleet
