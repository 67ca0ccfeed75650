#include "exporter/sources/fact.h"

#include <catch2/catch.hpp>
#include <limits>

#include "tests/unit/exporter/sources/source_fixture.h"

namespace fleet {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

std::string Print(const Fact& fact) {
  test::RecordedFacts facts;
  facts.Report(fact);
  return facts.lines.front();
}

TEST_CASE("fact: values of every kind") {
  CHECK(Print(Fact("component.state", UnixMillis{1500})
                  .Text(Field::kComponent, "api")
                  .Bool(Field::kUp, true)
                  .Number(Field::kMemoryBytes, 5)
                  .Number(Field::kStreamConnections, "sse", 3)) ==
        "component.state @1.5 component=api up=1 memory_bytes=5 stream_connections.sse=3");
  CHECK(Print(Fact("queue.state", UnixMillis{0})
                  .Text(Field::kQueue, "q")
                  .Time(Field::kOldestTime, UnixMillis{2500})
                  .Count(3)) == "queue.state @0 queue=q oldest_time=2.5 x3");
}

TEST_CASE("fact: what is absent is left out") {
  CHECK(Print(Fact("queue.state", UnixMillis{0})
                  .Text(Field::kQueue, "q")
                  .Text(Field::kPriority, "")
                  .Number(Field::kDepth, std::nullopt)
                  .Time(Field::kOldestTime, std::nullopt)) == "queue.state @0 queue=q");
}

TEST_CASE("fact: what cannot be used is left out and named") {
  const auto depth = [](double number) {
    return Print(Fact("queue.state", UnixMillis{0}).Text(Field::kQueue, "q").Number(Field::kDepth, number));
  };
  CHECK(depth(kNan) == "queue.state @0 queue=q (depth of a queue.state is not finite)");
  CHECK(depth(-1) == "queue.state @0 queue=q (depth of a queue.state is negative)");
  CHECK(depth(1e16) == "queue.state @0 queue=q (depth of a queue.state is too large)");
  const auto queue = [](std::string_view text) {
    return Print(Fact("queue.state", UnixMillis{0}).Text(Field::kQueue, text));
  };
  CHECK(queue(std::string(129, 'x')) == "incomplete queue.state @0 (queue of a queue.state is too long)");
  const std::string odd =
      "incomplete queue.state @0 (queue of a queue.state has characters no label may have)";
  CHECK(queue("a\nb") == odd);
  CHECK(queue("\xff") == odd);
}

}  // namespace
}  // namespace fleet
