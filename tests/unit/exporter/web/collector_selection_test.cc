#include "exporter/web/collector_selection.h"

#include <catch2/catch.hpp>

#include "exporter/web/scrape_timeout.h"

namespace fleet {
namespace {

// The sources read of a and b, then the groups shown of three.
std::string Selected(std::string_view query) {
  const auto selection = CollectorSelection::Parse(query, {"a", "b"});
  if (!selection) return selection.error().message;
  std::string text;
  for (const char* source : {"a", "b"}) text += selection->Reads(source) ? std::string(source) + " " : "";
  text += "|";
  for (const char* group : {"workers", "queues", "process"}) {
    text += selection->Shows(group) ? " " + std::string(group) : "";
  }
  return text;
}

TEST_CASE("collector selection: sources and groups, by what is named") {
  CHECK(Selected("") == "a b | workers queues process");
  CHECK(Selected("x=1&y") == "a b | workers queues process");
  CHECK(Selected("collect[]=a") == "a | workers queues process");
  CHECK(Selected("collect%5B%5D=a&collect[]=workers&collect[]=process") == "a | workers process");
  CHECK(Selected("exclude[]=a") == "b | workers queues process");
  CHECK(Selected("exclude[]=queues") == "a b | workers process");
}

TEST_CASE("collector selection: what nobody has, and both at once") {
  CHECK(Selected("collect[]=c") == "no collector 'c'");
  CHECK(Selected("collect[]=") == "no collector ''");
  CHECK(Selected("collect[]=%zz") == "no collector '?'");
  CHECK(Selected("collect[]=%0a") == "no collector '\\n'");
  CHECK(Selected("collect[]=a&exclude[]=b") == "collect[] and exclude[] do not go together");
}

TEST_CASE("collector selection: the group of a family") {
  CHECK(GroupOf("fleet_queue_depth", "fleet") == "queues");
  CHECK(GroupOf("process_open_fds", "fleet") == "process");
  CHECK(GroupOf("fleet_own", "fleet") == "custom");
  CHECK(GroupOf("fleet", "fleet") == "custom");
  CHECK(GroupOf("other_queue_depth", "fleet") == "custom");
}

TEST_CASE("scrape timeout: the header less half a second, nonsense is none") {
  const auto reading = [](std::string_view header) {
    return ReadingTime(header, std::chrono::seconds(10)).count();
  };
  CHECK(reading("10") == 9500);
  CHECK(reading("1.5") == 1000);
  CHECK(reading("0.9") == 450);
  CHECK(reading("1e9") == 3'599'500);
  for (const char* nonsense : {"", "0", "-1", "nan", "inf", "10s", "x"}) {
    CAPTURE(nonsense);
    CHECK(reading(nonsense) == 9500);
  }
}

}  // namespace
}  // namespace fleet
