#include "exporter/simulate/progress.h"

#include <catch2/catch.hpp>

namespace fleet::simulate {
namespace {

ProgressFacts Facts() {
  ProgressFacts facts;
  facts.elapsed = std::chrono::milliseconds(83'400);
  facts.events_per_second = 146.4;
  facts.counts.sent = 12'100;
  facts.counts.accepted = 12'000;
  facts.counts.duplicates = 90;
  facts.counts.rejected = 10;
  facts.status.workers = 12;
  facts.status.workers_alive = 9;
  return facts;
}

TEST_CASE("the line tells of events, workers and the incident") {
  ProgressFacts facts = Facts();
  CHECK(RenderProgress(facts, 200) ==
        "1m23s  12100 events, 146/s  12000 accepted  10 rejected  9/12 workers");
  facts.status.incident = Incident::kWorkerDeath;
  facts.trouble = "HTTP 503";
  CHECK(RenderProgress(facts, 200) ==
        "1m23s  12100 events, 146/s  12000 accepted  10 rejected  9/12 workers  worker-death"
        "  waiting: HTTP 503");
  CHECK(RenderProgress(facts, 12) == "1m23s  12100");
}

TEST_CASE("the summary names what was rejected and why, the most frequent first") {
  ProgressFacts facts = Facts();
  CHECK(RenderSummary(facts, {}) == "12100 events in 1m23s: 12000 accepted, 90 duplicates, 10 rejected\n");
  facts.counts.retries = 3;
  facts.counts.unsent = 40;
  CHECK(RenderSummary(facts, {{"bad\nid", 3}, {"no type", 7}}) ==
        "12100 events in 1m23s: 12000 accepted, 90 duplicates, 10 rejected, 3 requests retried, 40 not sent\n"
        "  rejected 7: no type\n"
        "  rejected 3: bad\\nid\n");
}

}  // namespace
}  // namespace fleet::simulate
