#include "rulegen/proof/contract.h"

#include <catch2/catch.hpp>

#include "tests/unit/rulegen/plan/sample_policy.h"

namespace fleet::rulegen {
namespace {

Output Rules(const std::string& expr) {
  return {"alerts/x.yaml",
          "groups:\n  - name: g\n    rules:\n      - record: r\n        expr: |-\n          " + expr + "\n"};
}

ContractReport ReportOf(const std::string& expr, const std::string& scrape) {
  const auto exposed = ParseExposition(scrape);
  REQUIRE(exposed.has_value());
  return CheckContract(PolicyOf(kSamplePolicy), {Rules(expr)}, *exposed, {"1.2.3", "abc"});
}

std::vector<std::string> BrokenBy(const std::string& expr, const std::string& scrape) {
  return ReportOf(expr, scrape).broken;
}

constexpr char kScrape[] = R"(# TYPE fleet_http_requests_total counter
fleet_http_requests_total{component="api",code="500"} 1
fleet_http_requests_total{component="web",code="200"} 7
# TYPE fleet_http_request_duration_seconds histogram
fleet_http_request_duration_seconds_bucket{le="0.05"} 1
fleet_http_request_duration_seconds_bucket{le="+Inf"} 1
fleet_http_request_duration_seconds_sum 0.01
fleet_http_request_duration_seconds_count 1
# TYPE fleet_queue_depth counter
fleet_queue_depth{queue="a"} NaN
# TYPE fleet_runs gauge
)";

TEST_CASE("selectors are found beside strings and functions") {
  const auto uses =
      FindUses("sum by (fleet_x) (rate(fleet_a_total{b=\"fleet_c\",d=~'e|f'}[5m])) / up", "fleet_");
  REQUIRE(uses.size() == 2);
  CHECK(uses[1].metric == "fleet_a_total");
  REQUIRE(uses[1].matchers.size() == 2);
  CHECK(uses[1].matchers[0].value == "fleet_c");
  CHECK(uses[1].matchers[1].label == "d");
  CHECK(uses[1].matchers[1].op == "=~");
  CHECK(uses[1].matchers[1].value == "e|f");
}

TEST_CASE("what is there keeps the contract") {
  CHECK(BrokenBy("fleet_http_requests_total{component=\"api\",code=~\"5..\",job=\"x\"}", kScrape).empty());
  CHECK(BrokenBy("fleet_http_request_duration_seconds_bucket{le=\"0.05\"}", kScrape).empty());
  CHECK(BrokenBy("fleet_runs{state=\"pending\"}", kScrape).empty());
}

TEST_CASE("a metric, type, label, value, bound or number that is not right breaks it") {
  using Lines = std::vector<std::string>;
  CHECK(BrokenBy("fleet_tasks_total", kScrape) == Lines{"fleet_tasks_total: there is no such metric"});
  CHECK(BrokenBy("fleet_http_requests_total{host=\"a\"}", kScrape) ==
        Lines{"fleet_http_requests_total: has no label 'host'"});
  CHECK(BrokenBy("fleet_http_requests_total{code=~\"4..\"}", kScrape) ==
        Lines{"fleet_http_requests_total: no series has code=~\"4..\""});
  CHECK(BrokenBy("fleet_http_request_duration_seconds_bucket{le=\"0.1\"}", kScrape) ==
        Lines{"fleet_http_request_duration_seconds_bucket: no series has le=\"0.1\""});
  CHECK(BrokenBy("fleet_queue_depth", kScrape) ==
        Lines{"fleet_queue_depth: has a value that is NaN or infinite",
              "fleet_queue_depth: is a counter, not a gauge"});
}

TEST_CASE("what may still come is no break of the contract, and is told") {
  using Lines = std::vector<std::string>;
  const auto unknown = [](const std::string& expr, const std::string& scrape) {
    const ContractReport report = ReportOf(expr, scrape);
    CHECK(report.broken.empty());
    return report.unknown;
  };
  CHECK(unknown("fleet_runs{state=\"pending\"}", kScrape) ==
        Lines{"fleet_runs: declared, without any series yet"});
  // The catalog lists the states of a run.
  CHECK(unknown("fleet_runs{state=\"pending\"}", "fleet_runs{state=\"running\"} 1\n") ==
        Lines{"fleet_runs: no series has state=\"pending\" yet"});
  // The sample's SLO counts these as bad, and nothing has failed.
  CHECK(unknown("fleet_http_requests_total{code=~\"5..\"}", "fleet_http_requests_total{code=\"200\"} 1\n") ==
        Lines{"fleet_http_requests_total: no series has code=~\"5..\" yet"});
}

TEST_CASE("a metric that the exporter's build knows may still come, one of another build may not") {
  const std::string of_ours = "fleet_exporter_build_info{version=\"1.2.3\",revision=\"abc\"} 1\n";
  const std::string of_another = "fleet_exporter_build_info{version=\"1.2.2\",revision=\"abc\"} 1\n";
  using Lines = std::vector<std::string>;
  CHECK(ReportOf("fleet_runs", of_ours).unknown ==
        Lines{"fleet_runs: without any series yet; this version of the exporter has it"});
  CHECK(BrokenBy("fleet_runs", of_ours).empty());
  CHECK(BrokenBy("fleet_runs", of_another) == Lines{"fleet_runs: there is no such metric"});
  CHECK(BrokenBy("fleet_tasks_total", of_ours) == Lines{"fleet_tasks_total: there is no such metric"});
}

TEST_CASE("a page that is no scrape is refused with its line") {
  CHECK(ParseExposition("# TYPE a gauge\na 1\n<html>\n").error().message == "line 3 is no sample: <html>");
  CHECK_FALSE(ParseExposition("a{b=\"c} 1\n").has_value());
  CHECK(ParseExposition("a{b=\"c\\\"}\",} 1 # {x=\"y\"} 2\n")
            .value()
            .series.at("a")
            .labels.at("b")
            .count("c\"}") == 1);
}

}  // namespace
}  // namespace fleet::rulegen
