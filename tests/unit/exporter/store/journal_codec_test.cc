#include "exporter/store/journal_codec.h"

#include <fmt/format.h>
#include <catch2/catch.hpp>

#include "lib/base/text.h"
#include "tests/unit/exporter/fleet/event_cases.h"

using fleet::Event;
using fleet::FieldValue;
using fleet::FleetLimits;
using fleet::JournalReader;
using fleet::UnixMillis;
using fleet::Vocabulary;
using fleet::test::EventCase;
using fleet::test::FleetFixture;
using fleet::test::kEventCases;

namespace {

std::string Print(const Event& event, UnixMillis received) {
  std::string text = fmt::format("{} {} {}/{} {} x{} w{} {}", received.value, event.type->name, event.source,
                                 event.id, event.time.value, event.count, event.weight, event.trace_id);
  for (const FieldValue& value : event.values()) {
    text += fmt::format(" {}={}|{}", Definition(value.field).name, value.text, value.number);
  }
  return text + "\n";
}

struct Read {
  std::string text;
  std::size_t unknown = 0;
  bool ok = false;
};

Read ReadBack(const std::string& entry, const Vocabulary& vocabulary) {
  Read read;
  const JournalReader reader{
      [&](UnixMillis advanced) { read.text += fmt::format("advance {}\n", advanced.value); },
      [&](const Event& event, UnixMillis received) { read.text += Print(event, received); },
      [&](const FleetLimits& limits) { read.text += fmt::format("limits {}\n", limits.max_entities); }};
  read.ok = ReadEntry(entry, vocabulary, reader, read.unknown);
  return read;
}

Vocabulary Current() { return Vocabulary::Parse(Vocabulary::Print()); }

}  // namespace

TEST_CASE("every event of the vocabulary is read as it was written") {
  std::string entry = fleet::EntryOfEvents(UnixMillis{42});
  std::string printed = "advance 42\n";
  for (const EventCase& one : kEventCases) {
    Event plain = FleetFixture::Make(one.event.type, one.event.fields, -3.5);
    plain.source = "a";
    Event full = plain;
    full.id = "id";
    full.trace_id = "0af7651916cd43dd8448eb211c80319c";
    full.weight = 0.125;
    full.count = 17;
    full.Add({fleet::Field::kMessage, "not of this type", 0});
    full.time = UnixMillis{0};
    Event elsewhere = plain;
    elsewhere.source = "b";
    const Event* const events[] = {&plain, &full, &elsewhere};
    const UnixMillis received{1'700'000'000'123};
    entry += fleet::EncodeEvents(events, received);
    for (const Event* const event : events) printed += Print(*event, received);
  }
  const Read read = ReadBack(entry, Current());
  CHECK(read.ok);
  CHECK(read.unknown == 0);
  CHECK(read.text == printed);
}

TEST_CASE("limits are read as they were written") {
  FleetLimits limits;
  limits.max_entities = 7;
  limits.by_type["x"] = {std::chrono::minutes(1), std::chrono::minutes(2)};
  const std::string entry = fleet::EntryOfLimits(limits);
  CHECK(ReadBack(entry, Current()).text == "limits 7\n");
  CHECK(entry != fleet::EntryOfLimits({}));
}

TEST_CASE("a version with other types and fields reads by name") {
  Event event;
  event.type = fleet::FindEventType("worker.stopped");
  event.Add({fleet::Field::kWorkerId, "w", 0});
  event.Add({fleet::Field::kWorkerType, "t", 0});
  const Event* const events[] = {&event};
  const std::string entry = fleet::EntryOfEvents({}) + fleet::EncodeEvents(events, UnixMillis{5});

  // As if written by a version whose second type, that of the event, had another name or another place.
  std::string words = Vocabulary::Print();
  const auto renamed = [&](std::string_view from, std::string_view to) {
    std::string text = words;
    return Vocabulary::Parse(text.replace(text.find(from), from.size(), to));
  };
  const Read gone = ReadBack(entry, renamed("worker.stopped", "worker.forgotten"));
  CHECK(gone.ok);
  CHECK(gone.unknown == 1);
  CHECK(gone.text == "advance 0\n");
  CHECK(ReadBack(entry, renamed("worker.stopped worker.crashed", "worker.crashed worker.stopped")).text ==
        "advance 0\n5 worker.crashed / 0 x1 w1  worker_id=w|0 worker_type=t|0\n");
  const Read incomplete = ReadBack(entry, renamed(" worker_id ", " worker_key "));
  CHECK(incomplete.ok);
  CHECK(incomplete.unknown == 1);
  CHECK(incomplete.text == "advance 0\n");
}

TEST_CASE("half an entry is none") {
  Event event;
  event.type = fleet::FindEventType("run.created");
  event.Add({fleet::Field::kRunId, "r", 0});
  const Event* const events[] = {&event};
  const std::string entry = fleet::EntryOfEvents({}) + fleet::EncodeEvents(events, UnixMillis{5});
  CHECK(ReadBack(entry, Current()).ok);
  for (std::size_t size = 3; size < entry.size(); ++size)
    CHECK_FALSE(ReadBack(entry.substr(0, size), Current()).ok);
  CHECK_FALSE(ReadBack("", Current()).ok);
  CHECK_FALSE(ReadBack("\x09nonsense", Current()).ok);
}
