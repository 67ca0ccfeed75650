#include "exporter/simulate/incident.h"

#include <catch2/catch.hpp>
#include <string>

#include "lib/base/file_system.h"
#include "tests/support/paths.h"

namespace fleet::simulate {
namespace {

using std::chrono::seconds;

constexpr UnixMillis kBegin{1'000'000};

TEST_CASE("incidents come one after another, each after a quiet time") {
  const IncidentPlan plan{
      {Incident::kQueueBackup, Incident::kErrorBurst}, seconds(30), std::nullopt, seconds(60), false};
  const auto first = Window(plan, kBegin, 0);
  const auto second = Window(plan, kBegin, 1);
  REQUIRE(first.has_value());
  REQUIRE(second.has_value());
  CHECK(first->incident == Incident::kQueueBackup);
  CHECK(first->begin == kBegin + seconds(30));
  CHECK(first->end == kBegin + seconds(90));
  CHECK(second->incident == Incident::kErrorBurst);
  CHECK(second->begin == kBegin + seconds(120));
  CHECK(second->end == kBegin + seconds(180));
  CHECK_FALSE(Window(plan, kBegin, 2).has_value());
}

TEST_CASE("a repeated plan begins again") {
  const IncidentPlan plan{
      {Incident::kQueueBackup, Incident::kErrorBurst}, seconds(30), std::nullopt, seconds(60), true};
  const auto third = Window(plan, kBegin, 2);
  REQUIRE(third.has_value());
  CHECK(third->incident == Incident::kQueueBackup);
  CHECK(third->begin == kBegin + seconds(210));
}

TEST_CASE("the first one may come after a time of its own") {
  const IncidentPlan plan{{Incident::kQueueBackup}, seconds(30), seconds(5), seconds(60), true};
  CHECK(Window(plan, kBegin, 0)->begin == kBegin + seconds(5));
  CHECK(Window(plan, kBegin, 1)->begin == kBegin + seconds(95));
}

TEST_CASE("without incidents there is no window, repeated or not") {
  CHECK_FALSE(Window(IncidentPlan{{}, seconds(1), std::nullopt, seconds(1), true}, kBegin, 0).has_value());
}

TEST_CASE("the demonstration plays all of them") {
  const std::string demo = ReadFile(test::SourcePath("scripts/demo")).value();
  const std::size_t begin = demo.find("\nincidents=(");
  REQUIRE(begin != std::string::npos);
  const std::string played = demo.substr(begin, demo.find(')', begin) - begin);
  for (const IncidentDef& def : Incidents()) CHECK(played.find(def.name) != std::string::npos);
}

TEST_CASE("names follow the enumeration") {
  for (const IncidentDef& def : Incidents()) CHECK(Name(def.incident) == def.name);
}

}  // namespace
}  // namespace fleet::simulate
