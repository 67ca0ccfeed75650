#include "rulegen/policy/vocabulary.h"

#include <catch2/catch.hpp>

namespace fleet::rulegen {
namespace {

TEST_CASE("metrics are known by their full names, under the namespace of the exporter") {
  const Vocabulary fleet("fleet");
  REQUIRE(fleet.Find("fleet_queue_depth") != nullptr);
  CHECK(fleet.Find("fleet_queue_depth")->name == "queue_depth");
  CHECK(fleet.Find("queue_depth") == nullptr);
  CHECK(fleet.Find("fleet_") == nullptr);
  const Vocabulary other("acme");
  CHECK(other.Find("fleet_queue_depth") == nullptr);
  CHECK(other.Find("acme_queue_depth") != nullptr);
  CHECK(other.Find("up") != nullptr);
  CHECK(other.Names().size() == catalog::kMetricCount + 1);
}

TEST_CASE("every series has job and instance") {
  const Vocabulary fleet("fleet");
  const catalog::MetricDef& depth = *fleet.Find("fleet_queue_depth");
  CHECK(Vocabulary::LabelNames(depth) ==
        std::vector<std::string_view>{"queue", "priority", "job", "instance"});
  CHECK(Vocabulary::LabelNames(*fleet.Find("up")) == std::vector<std::string_view>{"job", "instance"});
  CHECK(Vocabulary::FindLabel(depth, "queue")->name == "queue");
  CHECK(Vocabulary::FindLabel(depth, "job") == nullptr);
}

}  // namespace
}  // namespace fleet::rulegen
