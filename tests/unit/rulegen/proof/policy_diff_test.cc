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

}  // namespace
}  // namespace fleet::rulegen
