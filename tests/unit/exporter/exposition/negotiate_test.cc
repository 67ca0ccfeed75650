#include "exporter/exposition/negotiate.h"

#include <catch2/catch.hpp>

namespace fleet {
namespace {

TEST_CASE("the page type by the Accept header") {
  constexpr std::string_view kText = "text/plain; version=0.0.4; charset=utf-8";
  constexpr std::string_view kOm1 = "application/openmetrics-text; version=1.0.0; charset=utf-8";
  constexpr std::string_view kOm0 = "application/openmetrics-text; version=0.0.1; charset=utf-8";
  struct Row {
    std::string_view accept;
    std::string_view expected;
  };
  constexpr Row kRows[] = {
      {"", kText},
      {"*/*", kText},
      {"text/*", kText},
      {"text/plain", kText},
      {"text/plain;version=0.0.4", kText},
      {"text/plain; version=0.0.4; charset=utf-8", kText},
      {"TEXT/PLAIN", kText},
      {"text/html", kText},
      {"application/json", kText},
      {"nonsense", kText},
      {";;;,,,", kText},
      {"text/plain;version=9.9.9", kText},
      {"application/*", kOm1},
      {"application/openmetrics-text", kOm1},
      {"application/openmetrics-text;version=1.0.0", kOm1},
      {"application/openmetrics-text; version=\"1.0.0\"", kOm1},
      {"application/openmetrics-text;version=0.0.1", kOm0},
      {"application/openmetrics-text;version=2.0.0", kText},
      // Prometheus 2.42, 2.54 and 3.x, as they send it.
      {"application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
       "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
       kOm1},
      {"application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,"
       "text/plain;version=1.0.0;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
       kOm1},
      {"application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
       "application/openmetrics-text;version=0.0.1;q=0.4,"
       "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
       kOm1},
      {"application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,"
       "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
       kOm1},
      {"text/plain;version=1.0.0;q=0.9,text/plain;version=0.0.4;q=0.8,"
       "application/openmetrics-text;version=1.0.0;q=0.7",
       kText},
      // Weights, exactness and order.
      {"application/openmetrics-text;q=0.5,text/plain;q=0.6", kText},
      {"text/plain;q=0.5,application/openmetrics-text;q=0.6", kOm1},
      {"text/plain,application/openmetrics-text;version=1.0.0", kOm1},
      {"application/openmetrics-text,text/plain", kOm1},
      {"text/plain,application/openmetrics-text", kText},
      {"application/openmetrics-text;version=0.0.1,application/openmetrics-text;version=1.0.0", kOm0},
      {"application/openmetrics-text;q=0,*/*", kText},
      {"text/plain;q=0,*/*", kOm1},
      {"text/plain;q=0,application/openmetrics-text;version=1.0.0;q=0,*/*;q=0.2", kOm0},
      {"*/*;q=0", kText},
      {"application/openmetrics-text;version=1.0.0;q=0,*/*;q=0", kText},
      {"application/openmetrics-text;q=0.0001,text/plain;q=0", kOm1},
      {"application/openmetrics-text;q=nan,text/plain;q=0.9", kOm1},
      {"application/openmetrics-text;q=7,text/plain;q=1", kOm1},
      {"application/openmetrics-text ; q=1 , text/plain ; q=0.9", kOm1},
      {"text/plain;note=\"a,b;q=0\";q=1,application/openmetrics-text;q=0.9", kText},
      {"text/plain;note=\"unfinished", kText},
  };
  for (const Row& row : kRows) {
    CAPTURE(row.accept);
    const PageType type = NegotiateType(row.accept);
    CHECK(type.content_type == row.expected);
    CHECK((type.format == PageFormat::kOpenMetrics) == (row.expected != kText));
  }
}

TEST_CASE("gzip by the Accept-Encoding header") {
  struct Row {
    std::string_view header;
    bool gzip;
  };
  constexpr Row kRows[] = {
      {"", false},
      {"gzip", true},
      {"GZIP", true},
      {"x-gzip", true},
      {"gzip, deflate, br", true},
      {"deflate, br;q=1.0, gzip;q=0.8", true},
      {"deflate", false},
      {"br, zstd", false},
      {"gzip;q=0", false},
      {"gzip;q=0.0", false},
      {"gzip;q=0.001", true},
      {"identity", false},
      {"identity, gzip;q=0.5", false},
      {"identity;q=0.5, gzip", true},
      {"identity;q=0", false},
      {"identity;q=1, gzip;q=1", true},
      {"*", true},
      {"*;q=0", false},
      {"gzip;q=0, *", false},
      {"gzip;q=oops", true},
      {",;=", false},
  };
  for (const Row& row : kRows) {
    CAPTURE(row.header);
    CHECK(NegotiateGzip(row.header) == row.gzip);
  }
}

}  // namespace
}  // namespace fleet
