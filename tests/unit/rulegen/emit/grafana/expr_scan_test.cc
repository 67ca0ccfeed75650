#include "rulegen/emit/grafana/expr_scan.h"

#include <catch2/catch.hpp>

namespace fleet::rulegen::grafana {
namespace {

using Reads = std::vector<SeriesRead>;
using Strings = std::vector<std::string>;

TEST_CASE("expression scan: reads with their range and function") {
  CHECK(ScanReads("up") == Reads{{"up", "", ""}});
  CHECK(ScanReads("sum by (le) (rate(x_bucket{a=\"}\"}[5m]))") == Reads{{"x_bucket", "5m", "rate"}});
  CHECK(ScanReads("sum(rate(x_total[$__rate_interval])) by (job)") ==
        Reads{{"x_total", "$__rate_interval", "rate"}});
  CHECK(ScanReads("1 - slo:a:ratio{slo=~\"$slo\"} / on (slo_id) group_left (team) slo:b:ratio offset 5m") ==
        Reads{{"slo:a:ratio", "", ""}, {"slo:b:ratio", "", ""}});
  CHECK(ScanReads("a or 0 * b unless c > bool 1e9") == Reads{{"a", "", ""}, {"b", "", ""}, {"c", "", ""}});
  CHECK(ScanReads("max_over_time(rate(a[1m])[1h:1m])") == Reads{{"a", "1m", "rate"}});
  CHECK(ScanReads("{__name__=~\"a|b\"}") == Reads{});
  CHECK(ScanReads("label_replace(a, \"x\", \"$1\", \"y\", \"(.*)\")") == Reads{{"a", "", "label_replace"}});
}

TEST_CASE("expression scan: broken text reads nothing") {
  CHECK(ScanReads("rate(a{b=\"c") == Reads{});
  CHECK(ScanReads("rate(a[5m") == Reads{});
  CHECK(ScanReads(")))('") == Reads{});
}

TEST_CASE("expression scan: variables") {
  CHECK(ScanVariables("a{b=~\"$x\",c=~\"${y:regex}\"}[$__rate_interval]") == Strings{"x", "y"});
  CHECK(ScanVariables("$slo:foo costs $5 and $") == Strings{"slo"});
  CHECK(ScanVariables("${x").empty());  // Grafana sees none, either
  CHECK(ScanEqualityVariables("a{b=~\"$x\",c=\"$y\",d!=\"${z}\",e=\"f\"}") == Strings{"y", "z"});
}

TEST_CASE("expression scan: legend labels") {
  CHECK(ScanLegendLabels("{{a}} of {{ b }}, {{c") == Strings{"a", "b"});
  CHECK(ScanLegendLabels("plain") == Strings{});
}

}  // namespace
}  // namespace fleet::rulegen::grafana
