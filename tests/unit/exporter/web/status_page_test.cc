#include "exporter/web/status_page.h"

#include <catch2/catch.hpp>
#include <string>

namespace {

using fleet::RenderStatusPage;
using fleet::StatusPageData;

bool Has(const std::string& page, const std::string& text) { return page.find(text) != std::string::npos; }

// The tile of that name, from its name to its end.
std::string TileOf(const std::string& page, const std::string& name) {
  const std::size_t begin = page.find("<span>" + name + "</span>");
  REQUIRE(begin != std::string::npos);
  return page.substr(begin, page.find("</section>", begin) - begin);
}

}  // namespace

TEST_CASE("status page: who starts with an empty fleet reads first how to report") {
  StatusPageData data;
  const std::string empty = RenderStatusPage(data);
  CHECK(empty.find("<details open>") < empty.find("Silent workers"));
  CHECK(Has(empty, "No worker has reported yet."));
  CHECK(Has(TileOf(empty, "Workers"), "no data"));

  data.status.events_received = 1;
  data.status.workers = {{"healthy", 1}};
  const std::string full = RenderStatusPage(data);
  CHECK(full.find("<details>") > full.find("Silent workers"));
  CHECK(Has(full, "Every worker is healthy."));
  CHECK(Has(TileOf(full, "Workers"), "ok"));
}

TEST_CASE("status page: a component that is not up asks for a look, a source that is not for an act") {
  StatusPageData data;
  CHECK(Has(TileOf(RenderStatusPage(data), "Sources"), "no data"));
  data.status.components = {{"api", 1}, {"database", 0}};
  CHECK(Has(TileOf(RenderStatusPage(data), "Sources"), "look"));
  CHECK(Has(TileOf(RenderStatusPage(data), "Sources"), "1 of 2 components report up"));
  data.status.sources = {{"redis", false, {}}};
  CHECK(Has(TileOf(RenderStatusPage(data), "Sources"), "act"));
}

TEST_CASE("status page: of many queues it shows the deepest") {
  StatusPageData data;
  for (int i = 10; i < 40; ++i) {
    fleet::QueueStatus queue;
    queue.queue = "q" + std::to_string(i);
    queue.depth = i;
    data.status.queues.push_back(queue);
  }
  const std::string page = RenderStatusPage(data);
  CHECK(page.find("<td>q39</td>") < page.find("<td>q20</td>"));
  CHECK(Has(page, "<td>q20</td>"));
  CHECK(!Has(page, "<td>q19</td>"));
  CHECK(Has(page, "20 of 30; <a href=\"/api/v1/queues\">all of them</a>"));
  CHECK(Has(TileOf(page, "Queues"), "waiting in 30 queues"));
}

TEST_CASE("status page: dead letters of all queues ask for a look, an open circuit breaker for an act") {
  StatusPageData data;
  data.status.queues.resize(3);
  data.status.queues[0].dead_letter = 2;
  data.status.queues[1].dead_letter = 3;
  CHECK(Has(TileOf(RenderStatusPage(data), "Queues"), "5 dead letters"));
  CHECK(Has(TileOf(RenderStatusPage(data), "Queues"), "look"));
  data.status.queues[2].circuit_breaker_open = true;
  CHECK(Has(TileOf(RenderStatusPage(data), "Queues"), "act"));
}
