#include "lib/catalog/catalog.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

namespace fleet::catalog {
namespace {

TEST_CASE("catalog: a name finds its row at compile time") {
  static_assert(Metric<"queue_depth">.name == "queue_depth");
  static_assert(Index<"exporter_build_info"> == 0);
  static_assert(&Metric<"runs"> == &kMetrics[Index<"runs">]);
}

TEST_CASE("catalog: every name finds its row at run time") {
  for (const MetricDef& metric : kMetrics) {
    CAPTURE(metric.name);
    CHECK(Find(metric.name) == &metric);
  }
}

TEST_CASE("catalog: what is not in the table is not found") {
  for (const char* name : {"", "a", "queue", "queue_depth_", "fleet_queue_depth", "QUEUE_DEPTH", "zzz"}) {
    CAPTURE(name);
    CHECK(Find(name) == nullptr);
  }
}

TEST_CASE("catalog: names come in table order") {
  std::vector<std::string_view> expected;
  for (const MetricDef& metric : kMetrics) expected.push_back(metric.name);
  CHECK(Names() == expected);
}

TEST_CASE("catalog: bucket bounds") {
  using Doubles = std::vector<double>;
  const auto bounds = [](BucketSet set) { return Doubles(Bounds(set).begin(), Bounds(set).end()); };
  CHECK(bounds(BucketSet::kNone) == Doubles{});
  CHECK(bounds(BucketSet::kFast) ==
        Doubles{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10});
  CHECK(bounds(BucketSet::kLatency) == Doubles{0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60});
  CHECK(bounds(BucketSet::kWork) ==
        Doubles{0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600});
  CHECK(bounds(BucketSet::kLifetime) ==
        Doubles{1, 5, 10, 30, 60, 300, 600, 1800, 3600, 7200, 14400, 28800, 86400});
  CHECK(bounds(BucketSet::kBytes) == Doubles{128, 512, 2048, 8192, 32768, 131072, 524288, 1048576});
  CHECK(bounds(BucketSet::kMessages) == Doubles{1, 2, 5, 10, 20, 50, 100, 200, 500});
}

// Expected texts are what Go's strconv.FormatFloat(x, 'g', -1, 64) gives, with ".0" where it has
// neither a point nor an exponent.
TEST_CASE("catalog: bounds print as Prometheus 3 normalises them") {
  struct Case {
    double bound;
    const char* text;
  };
  const Case cases[] = {
      {0.001, "0.001"},
      {0.0025, "0.0025"},
      {0.05, "0.05"},
      {0.1, "0.1"},
      {0.1 + 0.2, "0.30000000000000004"},
      {0.5, "0.5"},
      {1, "1.0"},
      {2.5, "2.5"},
      {10, "10.0"},
      {300, "300.0"},
      {86400, "86400.0"},
      {131072, "131072.0"},
      {524288, "524288.0"},
      {123456.789, "123456.789"},
      {999999, "999999.0"},
      {1e6, "1e+06"},
      {1048576, "1.048576e+06"},
      {1234567.5, "1.2345675e+06"},
      {1e21, "1e+21"},
      {1e100, "1e+100"},
      {1.7976931348623157e308, "1.7976931348623157e+308"},
      {0.0001, "0.0001"},
      {0.00012345678901234567, "0.00012345678901234567"},
      {0.00001, "1e-05"},
      {5e-324, "5e-324"},
      {0, "0.0"},
      {-0.0, "0.0"},
      {-1, "-1.0"},
      {-0.5, "-0.5"},
      {std::numeric_limits<double>::infinity(), "+Inf"},
      {-std::numeric_limits<double>::infinity(), "-Inf"},
      {std::nan(""), "NaN"},
  };
  for (const Case& c : cases) CHECK(FormatBound(c.bound) == c.text);
}

TEST_CASE("catalog: names of types, units, groups and bucket sets") {
  CHECK(Name(MetricType::kCounter) == "counter");
  CHECK(Name(MetricType::kGauge) == "gauge");
  CHECK(Name(MetricType::kHistogram) == "histogram");

  CHECK(Name(Unit::kNone) == "");
  CHECK(Name(Unit::kSeconds) == "seconds");
  CHECK(Name(Unit::kUnixSeconds) == "seconds");
  CHECK(Name(Unit::kBytes) == "bytes");
  CHECK(Name(Unit::kRatio) == "ratio");
  CHECK(Name(Unit::kCores) == "cores");

  CHECK(Name(Group::kExporter) == "exporter");
  CHECK(Name(Group::kSources) == "sources");
  CHECK(Name(Group::kRuns) == "runs");
  CHECK(Name(Group::kWorkers) == "workers");
  CHECK(Name(Group::kTasks) == "tasks");
  CHECK(Name(Group::kQueues) == "queues");
  CHECK(Name(Group::kAgents) == "agents");
  CHECK(Name(Group::kSandboxes) == "sandboxes");
  CHECK(Name(Group::kEvents) == "events");
  CHECK(Name(Group::kErrors) == "errors");
  CHECK(Name(Group::kRequests) == "requests");
  CHECK(Name(Group::kBackups) == "backups");

  CHECK(Name(BucketSet::kNone) == "");
  CHECK(Name(BucketSet::kFast) == "fast");
  CHECK(Name(BucketSet::kLatency) == "latency");
  CHECK(Name(BucketSet::kWork) == "work");
  CHECK(Name(BucketSet::kLifetime) == "lifetime");
  CHECK(Name(BucketSet::kBytes) == "bytes");
  CHECK(Name(BucketSet::kMessages) == "messages");
}

}  // namespace
}  // namespace fleet::catalog
