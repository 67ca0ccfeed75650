// Whole pages in both formats: text_format.cc, openmetrics.cc and what they share.
#include <algorithm>
#include <bit>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <string>

#include "exporter/exposition/openmetrics.h"
#include "exporter/exposition/page_writer.h"
#include "exporter/exposition/text_format.h"

namespace fleet {
namespace {

using catalog::MetricType;
using catalog::Unit;

std::string Text(const Snapshot& snapshot) {
  std::string page;
  CHECK(RenderText(snapshot, [&](std::string_view bytes) { return page += bytes, true; }));
  return page;
}

std::string OpenMetrics(const Snapshot& snapshot) {
  std::string page;
  CHECK(RenderOpenMetrics(snapshot, [&](std::string_view bytes) { return page += bytes, true; }));
  return page;
}

FamilySnapshot Family(const FamilyHeader& header, const std::vector<std::string>& labels,
                      std::vector<double> values) {
  auto texts = std::make_shared<SeriesLabels>();
  for (const std::string& text : labels) texts->Add(text);
  return {&header, texts, std::move(values), {}};
}

std::string Label(std::string_view value) {
  std::string text;
  AppendLabel(text, "a", value);
  return text;
}

std::string Number(double value) {
  std::string text;
  AppendNumber(text, value);
  return text;
}

const FamilyHeader kDepth{"fleet_queue_depth", MetricType::kGauge, Unit::kNone, "Messages ready", {}};
const FamilyHeader kCpu{"fleet_cpu_seconds_total", MetricType::kCounter, Unit::kSeconds, "CPU time", {}};
const FamilyHeader kSeen{"fleet_seen_timestamp_seconds", MetricType::kGauge, Unit::kUnixSeconds, "Seen", {}};
const FamilyHeader kWait{"fleet_wait_seconds", MetricType::kHistogram, Unit::kSeconds, "Wait", {0.5, 1, 10}};

TEST_CASE("an empty snapshot is an empty page, and # EOF in OpenMetrics") {
  CHECK(Text({}) == "");
  CHECK(OpenMetrics({}) == "# EOF\n");
}

TEST_CASE("gauges and counters, whole pages") {
  Snapshot snapshot;
  snapshot.families.push_back(
      Family(kDepth, {R"(queue="a",priority="high")", R"(queue="b",priority="low")"}, {7, 0.25}));
  snapshot.families.push_back(Family(kCpu, {""}, {12.5}));
  snapshot.families.push_back(Family(kSeen, {"x=\"1\""}, {1732233600.125}));
  CHECK(Text(snapshot) ==
        "# HELP fleet_queue_depth Messages ready\n"
        "# TYPE fleet_queue_depth gauge\n"
        "fleet_queue_depth{queue=\"a\",priority=\"high\"} 7\n"
        "fleet_queue_depth{queue=\"b\",priority=\"low\"} 0.25\n"
        "# HELP fleet_cpu_seconds_total CPU time\n"
        "# TYPE fleet_cpu_seconds_total counter\n"
        "fleet_cpu_seconds_total 12.5\n"
        "# HELP fleet_seen_timestamp_seconds Seen\n"
        "# TYPE fleet_seen_timestamp_seconds gauge\n"
        "fleet_seen_timestamp_seconds{x=\"1\"} 1732233600.125\n");
  CHECK(OpenMetrics(snapshot) ==
        "# TYPE fleet_queue_depth gauge\n"
        "# HELP fleet_queue_depth Messages ready\n"
        "fleet_queue_depth{queue=\"a\",priority=\"high\"} 7\n"
        "fleet_queue_depth{queue=\"b\",priority=\"low\"} 0.25\n"
        "# TYPE fleet_cpu_seconds counter\n"
        "# UNIT fleet_cpu_seconds seconds\n"
        "# HELP fleet_cpu_seconds CPU time\n"
        "fleet_cpu_seconds_total 12.5\n"
        "# TYPE fleet_seen_timestamp_seconds gauge\n"
        "# UNIT fleet_seen_timestamp_seconds seconds\n"
        "# HELP fleet_seen_timestamp_seconds Seen\n"
        "fleet_seen_timestamp_seconds{x=\"1\"} 1732233600.125\n"
        "# EOF\n");
}

TEST_CASE("histograms: cumulative buckets with canonical bounds, sum and count, exemplars in OpenMetrics") {
  Snapshot snapshot;
  FamilySnapshot family = Family(kWait, {R"(queue="a")", ""}, {1, 2, 0, 4, 61.5, 0, 0, 0, 0, 0});
  family.exemplars.push_back({0, 3, "later \"b\"", 30, UnixMillis{1732233600500}});
  family.exemplars.push_back({0, 1, "t1", 0.75, UnixMillis{1732233600000}});
  family.exemplars.push_back({0, 2, std::string(200, 'x'), 5, UnixMillis{1732233600000}});
  snapshot.families.push_back(family);
  CHECK(Text(snapshot) ==
        "# HELP fleet_wait_seconds Wait\n"
        "# TYPE fleet_wait_seconds histogram\n"
        "fleet_wait_seconds_bucket{queue=\"a\",le=\"0.5\"} 1\n"
        "fleet_wait_seconds_bucket{queue=\"a\",le=\"1.0\"} 3\n"
        "fleet_wait_seconds_bucket{queue=\"a\",le=\"10.0\"} 3\n"
        "fleet_wait_seconds_bucket{queue=\"a\",le=\"+Inf\"} 7\n"
        "fleet_wait_seconds_sum{queue=\"a\"} 61.5\n"
        "fleet_wait_seconds_count{queue=\"a\"} 7\n"
        "fleet_wait_seconds_bucket{le=\"0.5\"} 0\n"
        "fleet_wait_seconds_bucket{le=\"1.0\"} 0\n"
        "fleet_wait_seconds_bucket{le=\"10.0\"} 0\n"
        "fleet_wait_seconds_bucket{le=\"+Inf\"} 0\n"
        "fleet_wait_seconds_sum 0\n"
        "fleet_wait_seconds_count 0\n");
  CHECK(OpenMetrics(snapshot) ==
        "# TYPE fleet_wait_seconds histogram\n"
        "# UNIT fleet_wait_seconds seconds\n"
        "# HELP fleet_wait_seconds Wait\n"
        "fleet_wait_seconds_bucket{queue=\"a\",le=\"0.5\"} 1\n"
        "fleet_wait_seconds_bucket{queue=\"a\",le=\"1.0\"} 3 # {trace_id=\"t1\"} 0.75 1732233600\n"
        "fleet_wait_seconds_bucket{queue=\"a\",le=\"10.0\"} 3\n"
        "fleet_wait_seconds_bucket{queue=\"a\",le=\"+Inf\"} 7 # {trace_id=\"later \\\"b\\\"\"} 30 "
        "1732233600.5\n"
        "fleet_wait_seconds_sum{queue=\"a\"} 61.5\n"
        "fleet_wait_seconds_count{queue=\"a\"} 7\n"
        "fleet_wait_seconds_bucket{le=\"0.5\"} 0\n"
        "fleet_wait_seconds_bucket{le=\"1.0\"} 0\n"
        "fleet_wait_seconds_bucket{le=\"10.0\"} 0\n"
        "fleet_wait_seconds_bucket{le=\"+Inf\"} 0\n"
        "fleet_wait_seconds_sum 0\n"
        "fleet_wait_seconds_count 0\n"
        "# EOF\n");
}

TEST_CASE("families without series are left out") {
  Snapshot snapshot;
  snapshot.families.push_back(Family(kDepth, {}, {}));
  CHECK(Text(snapshot) == "");
  CHECK(OpenMetrics(snapshot) == "# EOF\n");
}

TEST_CASE("a counter without _total is of unknown type in OpenMetrics, units only where the name has them") {
  const FamilyHeader odd{"fleet_odd", MetricType::kCounter, Unit::kBytes, "Odd", {}};
  Snapshot snapshot;
  snapshot.families.push_back(Family(odd, {""}, {1}));
  CHECK(OpenMetrics(snapshot) == "# TYPE fleet_odd unknown\n# HELP fleet_odd Odd\nfleet_odd 1\n# EOF\n");
}

TEST_CASE("label values are escaped") {
  CHECK(Label("plain") == "a=\"plain\"");
  CHECK(Label("") == "a=\"\"");
  CHECK(Label("C:\\dir") == "a=\"C:\\\\dir\"");
  CHECK(Label("say \"hi\"") == "a=\"say \\\"hi\\\"\"");
  CHECK(Label("two\nlines") == "a=\"two\\nlines\"");
  CHECK(Label("grün €") == "a=\"grün €\"");
  std::string text = "x=\"1\"";
  AppendLabel(text, "y", "2");
  CHECK(text == "x=\"1\",y=\"2\"");
}

TEST_CASE("help is escaped, quotes only in OpenMetrics") {
  CHECK(EscapeHelp("a\\b\nc\"d", HelpEscapes::kText) == "a\\\\b\\nc\"d");
  CHECK(EscapeHelp("a\\b\nc\"d", HelpEscapes::kOpenMetrics) == "a\\\\b\\nc\\\"d");
}

TEST_CASE("numbers: shortest that reads back, whole ones without a point, the special ones by name") {
  CHECK(Number(0) == "0");
  CHECK(Number(-0.0) == "0");
  CHECK(Number(-3) == "-3");
  CHECK(Number(0.1) == "0.1");
  CHECK(Number(1732233600.123) == "1732233600.123");
  CHECK(Number(9007199254740991) == "9007199254740991");
  CHECK(Number(1e22) == "1e+22");
  CHECK(Number(1e-9) == "1e-09");
  CHECK(Number(std::numeric_limits<double>::max()) == "1.7976931348623157e+308");
  CHECK(Number(std::numeric_limits<double>::denorm_min()) == "5e-324");
  CHECK(Number(std::nan("")) == "NaN");
  CHECK(Number(-std::nan("")) == "NaN");
  CHECK(Number(std::numeric_limits<double>::infinity()) == "+Inf");
  CHECK(Number(-std::numeric_limits<double>::infinity()) == "-Inf");
}

TEST_CASE("numbers read back as they were") {
  std::uint64_t bits = 1;
  for (int i = 0; i < 20000; ++i) {
    bits = bits * 6364136223846793005ULL + 1442695040888963407ULL;
    const double value = std::bit_cast<double>(bits);
    if (std::isnan(value)) continue;
    if (std::strtod(Number(value).c_str(), nullptr) != value) FAIL(Number(value));
  }
}

Snapshot Large(std::size_t series, std::size_t label_bytes) {
  auto labels = std::make_shared<SeriesLabels>();
  FamilySnapshot family{&kDepth, nullptr, {}, {}};
  for (std::size_t i = 0; i < series; ++i) {
    std::string text;
    AppendLabel(text, "id", std::to_string(i) + std::string(label_bytes, 'x'));
    labels->Add(text);
    family.values.push_back(static_cast<double>(i));
  }
  family.labels = labels;
  return Snapshot{{family}};
}

TEST_CASE("a page comes in chunks of bounded size, cut anywhere between lines") {
  const Snapshot snapshot = Large(20000, 20);
  std::size_t largest = 0, chunks = 0;
  std::string page;
  CHECK(RenderText(snapshot, [&](std::string_view bytes) {
    largest = std::max(largest, bytes.size());
    ++chunks;
    CHECK(bytes.back() == '\n');
    page += bytes;
    return true;
  }));
  CHECK(chunks > 5);
  CHECK(largest <= kChunkBytes + kChunkBytes / 8);
  CHECK(std::ranges::count(page, '\n') == 20002);
  CHECK(page.ends_with("\"} 19999\n"));
}

TEST_CASE("a line longer than a chunk is whole") {
  const std::string page = Text(Large(3, 2 * kChunkBytes));
  CHECK(page.size() > 6 * kChunkBytes);
  CHECK(page.ends_with("x\"} 2\n"));
}

TEST_CASE("rendering ends when the receiver is gone") {
  int calls = 0;
  CHECK_FALSE(RenderText(Large(20000, 20), [&](std::string_view) { return ++calls, false; }));
  CHECK(calls == 1);
  CHECK_FALSE(RenderOpenMetrics(Large(20000, 20), [&](std::string_view) { return ++calls < 4; }));
  CHECK(calls == 4);
}

}  // namespace
}  // namespace fleet
