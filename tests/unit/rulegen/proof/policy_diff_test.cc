#include "rulegen/proof/policy_diff.h"

#include <catch2/catch.hpp>
#include <string>

#include "rulegen/emit/changes_text.h"
#include "tests/unit/rulegen/plan/sample_policy.h"

namespace fleet::rulegen {
namespace {

std::string DiffOf(const std::string& before, const std::string& after, const char* format = "text") {
  return RenderChanges(DescribePolicyChanges(PolicyOf(before), PolicyOf(after)), format);
}

TEST_CASE("policies that mean the same have no changes") {
  CHECK(DiffOf(kSamplePolicy, std::string(kSamplePolicy) + "# a comment\n") == "no changes\n");
}

TEST_CASE("another objective is told by the times of its alerts") {
  const std::string text = DiffOf(kSamplePolicy, Replaced(kSamplePolicy, "99.95", "99"));
  CHECK(text.find("shop/availability: the objective is 99 % instead of 99.95 %\n") != std::string::npos);
  CHECK(text.find("shop/availability: FastBurnRateHigh (critical) fires after 9m instead of 1m when all "
                  "events fail\n") != std::string::npos);
  CHECK(text.find("another condition") == std::string::npos);
}

TEST_CASE("alerts that come, go and wait longer are told") {
  const std::string renamed =
      Replaced(kSamplePolicy, "alert: PoolLow\n    group", "alert: PoolSmall\n    group");
  CHECK(DiffOf(kSamplePolicy, Replaced(renamed, "alert: PoolLow}", "alert: PoolSmall}"), "markdown") ==
        "- **PoolSmall**: alert PoolSmall is new\n- **PoolLow**: alert PoolLow is gone\n");
  CHECK(DiffOf(kSamplePolicy, Replaced(kSamplePolicy, "for: 5m", "for: 10m"), "json") ==
        "[\n  {\n    \"subject\": \"QueueDeep\",\n    \"change\": \"QueueDeep waits 10m instead of 5m\"\n  "
        "}\n]\n");
}

TEST_CASE("another bound is told by its number") {
  CHECK(DiffOf(kSamplePolicy, Replaced(kSamplePolicy, "above: 1000", "above: 2000")) ==
        "QueueDeep: fires above 2000 instead of above 1000\n");
  CHECK(DiffOf(kSamplePolicy, Replaced(kSamplePolicy, "{metric: fleet_queue_depth, by: [queue]}\n    above",
                                       "{metric: fleet_queue_depth, by: [priority]}\n    above")) ==
        "QueueDeep: has another condition\n");
}

TEST_CASE("labels that routes look at are told") {
  const auto with = [](const std::string& labels) {
    return Replaced(kSamplePolicy, "    above: 1000\n", "    above: 1000\n    labels: {" + labels + "}\n");
  };
  CHECK(DiffOf(kSamplePolicy, with("team: data")) == "QueueDeep: has team data\n");
  CHECK(DiffOf(with("team: data"), with("team: web")) == "QueueDeep: has team web instead of data\n");
  CHECK(DiffOf(with("team: data"), kSamplePolicy) == "QueueDeep: has team no more, which was data\n");
}

TEST_CASE("other events are told of their SLO, beside the number of records") {
  const std::string text =
      DiffOf(kSamplePolicy, Replaced(kSamplePolicy, "matches: \"5..\"", "matches: \"[45]..\""));
  CHECK(text == "shop/availability: counts other bad events\nrules: 1 record changed\n");
}

}  // namespace
}  // namespace fleet::rulegen
