// A fleet that was saved and loaded is the same fleet: it shows the same page, now and later, and the
// same events do the same to it.
#include <catch2/catch.hpp>
#include <iterator>

#include "exporter/exposition/openmetrics.h"
#include "exporter/fleet/series.h"
#include "exporter/fleet/shape.h"
#include "tests/unit/exporter/fleet/event_cases.h"

using fleet::CanRead;
using fleet::FleetLimits;
using fleet::Snapshot;
using fleet::test::EventCase;
using fleet::test::FleetFixture;
using fleet::test::kEventCases;
using fleet::test::SentEvent;

namespace {

FleetLimits EverythingShown() {
  FleetLimits limits;
  limits.max_sandbox_series = 100;
  limits.max_user_series = 100;
  return limits;
}

// The whole page, with exemplars.
std::string Page(FleetFixture& fleet, double seconds) {
  Snapshot snapshot;
  fleet.fleet().Collect(FleetFixture::At(seconds), snapshot);
  std::string page;
  fleet::RenderOpenMetrics(snapshot, [&page](std::string_view text) {
    page += text;
    return true;
  });
  return page;
}

// Takes the place of `fleet` after a restart.
void Restart(FleetFixture& fleet) {
  const std::string saved = fleet.fleet().Save();
  const auto lost = fleet.fleet().Load(saved);
  REQUIRE(lost);
  REQUIRE(*lost == std::vector<std::string>{});
  REQUIRE(fleet.fleet().Save() == saved);
}

void CheckSamePages(FleetFixture& a, FleetFixture& b, double begin) {
  constexpr double kHour = 3600;
  for (const double later : {0.0, 400.0, 2000.0, 1.5 * kHour, 30 * kHour}) {
    REQUIRE(Page(a, begin + later) == Page(b, begin + later));
  }
}

}  // namespace

TEST_CASE("each event does the same to a fleet that was restarted before it") {
  for (const EventCase& one : kEventCases) {
    INFO(one.event.type);
    FleetFixture straight(EverythingShown());
    FleetFixture restarted(EverythingShown());
    for (FleetFixture* fleet : {&straight, &restarted}) {
      for (const SentEvent& event : one.before) REQUIRE(fleet->Send(event.type, event.fields, 0) == "");
    }
    Restart(restarted);
    REQUIRE(straight.Send(one.event.type, one.event.fields, 10) ==
            restarted.Send(one.event.type, one.event.fields, 10));
    Restart(restarted);
    REQUIRE(Page(straight, 20) == Page(restarted, 20));
    Restart(restarted);
    CheckSamePages(straight, restarted, 20);
  }
}

TEST_CASE("a long life with many restarts is the same as one without") {
  FleetFixture straight(EverythingShown());
  FleetFixture restarted(EverythingShown());
  double now = 0;
  for (int round = 0; round < 2; ++round) {
    for (const EventCase& one : kEventCases) {
      now += 60;
      std::vector<SentEvent> events = one.before;
      events.push_back(one.event);
      for (const SentEvent& event : events) {
        std::vector<fleet::test::SentField> fields = event.fields;
        if (event.type.ends_with("request") || event.type == "queue.processed") {
          fields.emplace_back("trace_id", "trace-" + std::to_string(now));
        }
        INFO(event.type);
        REQUIRE(straight.Send(event.type, fields, now) == restarted.Send(event.type, fields, now));
        Restart(restarted);
      }
      if (round == 1) REQUIRE(Page(straight, now) == Page(restarted, now));
    }
  }
  CheckSamePages(straight, restarted, now);
}

TEST_CASE("the traces of all buckets are there after a restart, that of the last one, too") {
  FleetFixture fleet;
  for (const double seconds : {0.001, 3.0, 1e6}) {
    const std::string trace = "trace-" + std::to_string(static_cast<int>(seconds));
    fleet.Send("http.request",
               {{"component", "api"}, {"code", "200"}, {"duration_seconds", seconds}, {"trace_id", trace}});
  }
  const std::string before = Page(fleet, 0);
  REQUIRE(before.find("trace-1000000") != std::string::npos);
  Restart(fleet);
  CHECK(Page(fleet, 0) == before);
}

TEST_CASE("label values beyond their bound stay folded") {
  FleetFixture straight;
  FleetFixture restarted;
  for (int i = 0; i < 150; ++i) {
    for (FleetFixture* fleet : {&straight, &restarted}) {
      fleet->Send("queue.enqueued", {{"queue", i == 0 ? "other" : "q" + std::to_string(i)}});
    }
    if (i % 50 == 0) Restart(restarted);
  }
  REQUIRE(Page(straight, 1) == Page(restarted, 1));
  REQUIRE(Page(straight, 1).find("exporter_label_values_folded_total{label=\"queue\"}") != std::string::npos);
}

TEST_CASE("a fleet keeps the limits by which it was judged until it is given others") {
  FleetLimits strict;
  strict.max_entities = 1;
  FleetFixture fleet(strict);
  REQUIRE(fleet.Send("run.created", {{"run_id", "a"}}) == "");
  FleetFixture other;
  REQUIRE(other.fleet().Load(fleet.fleet().Save()));
  CHECK(other.Send("run.created", {{"run_id", "b"}}) ==
        "1 runs are known, which is the limit; no new ones are taken");
  other.fleet().SetLimits({});
  CHECK(other.Send("run.created", {{"run_id", "b"}}) == "");
}

TEST_CASE("what is not a saved fleet is refused and changes nothing") {
  FleetFixture fleet;
  REQUIRE(fleet.Send("run.created", {{"run_id", "a"}}) == "");
  const std::string saved = fleet.fleet().Save();
  for (const std::string& bytes :
       {std::string(), std::string("nonsense"), saved.substr(0, saved.size() / 2)}) {
    const auto loaded = fleet.fleet().Load(bytes);
    REQUIRE(!loaded);
    CHECK(loaded.error().message == "the snapshot is not one of a fleet");
  }
  CHECK(fleet.fleet().Save() == saved);
}

TEST_CASE("series forget what they held before they were loaded") {
  const auto print = [](fleet::Series& series) {
    Snapshot snapshot;
    series.Collect(snapshot);
    return fleet::test::PrintSeries(snapshot);
  };
  fleet::Series saved("fleet");
  saved.Count<"queue_messages_enqueued_total">(1, "x");
  saved.Count<"queue_messages_enqueued_total">(2, "y");
  fleet::ArchiveWriter archive;
  saved.Save(archive);
  fleet::Series loaded("fleet");
  loaded.Count<"queue_messages_enqueued_total">(5, "y");
  loaded.SetState<"sync_progress_ratio">(FleetFixture::kStart, 1, "z");
  fleet::ArchiveReader reader(archive.bytes());
  CHECK(loaded.Load(reader) == std::vector<std::string>{});
  CHECK(print(loaded) == print(saved));
}

TEST_CASE("entities may get fields at their end, other changes of form are noticed") {
  CHECK(CanRead("#{ib}[e]", "#{ib}[e]"));
  CHECK(CanRead("{ib}[e]", "{ibds}[e]"));
  CHECK(CanRead("{i}{s}", "{i<ib>}{s[i]}"));
  CHECK_FALSE(CanRead("{ib}[e]", "{i}[e]"));
  CHECK_FALSE(CanRead("{ib}[e]", "{bi}[e]"));
  CHECK_FALSE(CanRead("{ib}[e]", "{ib}[e]s"));
  CHECK_FALSE(CanRead("{i<i>}", "{i<ib>}"));
  CHECK_FALSE(CanRead("i", ""));
}
