// Each event type by itself: what it moves, and that nothing is missing here or in docs/events.md.
#include <catch2/catch.hpp>
#include <set>

#include "lib/base/file_system.h"
#include "lib/base/text.h"
#include "lib/catalog/catalog.h"
#include "tests/support/paths.h"
#include "tests/unit/exporter/fleet/event_cases.h"

using fleet::EventType;
using fleet::EventTypes;
using fleet::FieldDef;
using fleet::FieldKind;
using fleet::FieldUse;
using fleet::test::EventCase;
using fleet::test::FleetFixture;
using fleet::test::kEventCases;
using fleet::test::Lines;
using fleet::test::NumbersByKey;
using fleet::test::SentEvent;

namespace {

FleetFixture& Prepare(FleetFixture& fleet, const std::vector<SentEvent>& before) {
  for (const SentEvent& event : before) REQUIRE(fleet.Send(event.type, event.fields, 0) == "");
  fleet.Changes(20);
  return fleet;
}

// The page, by line.
std::vector<std::string> Documentation() {
  const auto text = fleet::ReadFile(fleet::test::SourcePath("docs/events.md"));
  REQUIRE(text);
  std::vector<std::string> lines;
  for (const std::string_view line : fleet::Split(*text, '\n')) lines.emplace_back(line);
  return lines;
}

// The cells of the table row that begins with `name`; empty when there is none.
std::vector<std::string> RowOf(const std::vector<std::string>& lines, std::string_view name) {
  const std::string first = "| `" + std::string(name) + "` |";
  for (const std::string& line : lines) {
    if (!line.starts_with(first)) continue;
    std::vector<std::string> cells;
    for (const std::string_view cell : fleet::Split(line, '|')) cells.emplace_back(fleet::Trim(cell));
    return cells;
  }
  return {};
}

std::string PrintFields(const EventType& type) {
  std::vector<std::string> names;
  for (const FieldUse& use : type.fields) {
    names.push_back("`" + std::string(Definition(use.field).name) + "`" + (use.required ? "*" : ""));
  }
  return fleet::Join(names, ", ");
}

std::string_view Name(FieldKind kind) {
  switch (kind) {
    case FieldKind::kText:
      return "text";
    case FieldKind::kMessage:
      return "message";
    case FieldKind::kNumber:
      return "number";
    case FieldKind::kBool:
      return "boolean";
    case FieldKind::kTime:
      return "time";
    case FieldKind::kNumbersByKey:
      return "numbers by key";
  }
  return "";
}

// "gone: runs{state="x"} 1" -> "runs"
std::string FamilyOf(std::string line) {
  if (line.starts_with("gone: ")) line = line.substr(6);
  return line.substr(0, line.find_first_of("{ "));
}

}  // namespace

TEST_CASE("every event type moves the series it should, and no other") {
  for (const EventCase& c : kEventCases) {
    DYNAMIC_SECTION(c.event.type) {
      FleetFixture fleet;
      Prepare(fleet, c.before);
      CHECK(fleet.Send(c.event.type, c.event.fields, 10) == "");
      CHECK(fleet.Changes(20) == c.changes);
    }
  }
}

TEST_CASE("every event type of the vocabulary has a case here") {
  std::set<std::string_view> cases = {"custom"};  // below
  for (const EventCase& c : kEventCases) cases.insert(c.event.type);
  for (const EventType& type : EventTypes()) CHECK(cases.contains(type.name));
  CHECK(cases.size() == EventTypes().size());
}

TEST_CASE("a custom metric that nobody declared is refused") {
  FleetFixture fleet;
  CHECK(fleet.Send("custom", {{"name", "beans"}, {"value", 1}}) ==
        "no metric 'beans' is declared in the configuration");
  CHECK(fleet.Changes(0.0).empty());
}

TEST_CASE("a value outside its closed set is refused by name, unless the set has other") {
  FleetFixture fleet;
  CHECK(fleet.Send("queue.processed", {{"queue", "q"}, {"outcome", "done"}}) ==
        "data.outcome: must be one of succeeded, retried, dead_lettered, discarded, not 'done'");
  CHECK(fleet.Send("db.state", {{"database", "d"}, {"connections", NumbersByKey{{"broken", 1}}}}) ==
        "data.connections: keys must be one of idle, active, waiting, not 'broken'");
  CHECK(fleet.Changes(0.0).empty());
  CHECK(fleet.Send("agent.stopped", {{"tier", "t"}, {"reason", "bored"}}) == "");
  CHECK(fleet.Changes(0.0) == Lines{R"(agents_stopped_total{tier="t",reason="other"} 1)"});
}

TEST_CASE("docs/events.md has every type with its fields") {
  const auto lines = Documentation();
  for (const EventType& type : EventTypes()) {
    CAPTURE(type.name);
    const auto row = RowOf(lines, type.name);
    REQUIRE(row.size() == 5);
    CHECK(row[2] == PrintFields(type));
  }
}

TEST_CASE("docs/events.md names the metrics each type moves, and no others") {
  const auto lines = Documentation();
  for (const EventCase& c : kEventCases) {
    const auto row = RowOf(lines, c.event.type);
    REQUIRE(row.size() == 5);
    std::set<std::string> named;
    for (const std::string_view name : fleet::Split(row[3], ',')) {
      const std::string_view metric = fleet::Trim(name);
      REQUIRE(metric.size() > 2);
      named.emplace(metric.substr(1, metric.size() - 2));
    }
    for (const std::string& name : named) {
      CAPTURE(c.event.type, name);
      CHECK(fleet::catalog::Find(name) != nullptr);
    }
    for (const std::string& line : c.changes) {
      if (line.starts_with("exporter_")) continue;
      CAPTURE(c.event.type, line);
      CHECK(named.contains(FamilyOf(line)));
    }
  }
}

TEST_CASE("docs/events.md has every field with its kind") {
  const auto lines = Documentation();
  for (const FieldDef& field : fleet::kFields) {
    CAPTURE(field.name);
    bool found = false;
    const std::string row = "| `" + std::string(field.name) + "` | " + std::string(Name(field.kind)) + " | ";
    for (const std::string& line : lines)
      found = found || (line.starts_with(row) && line.size() > row.size() + 2);
    CHECK(found);
  }
}
