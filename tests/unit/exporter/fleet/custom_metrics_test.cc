#include "exporter/fleet/custom_metrics.h"

#include <catch2/catch.hpp>

#include "tests/unit/exporter/fleet/fleet_fixture.h"

using fleet::CustomMetric;
using fleet::FleetLimits;
using fleet::catalog::MetricType;
using fleet::catalog::Unit;
using fleet::test::FleetFixture;
using fleet::test::Lines;
using fleet::test::TextsByKey;

namespace {

FleetLimits Declared() {
  FleetLimits limits;
  limits.custom = {
      {"orders_total",
       MetricType::kCounter,
       Unit::kNone,
       "Orders",
       {{"shop", {"eu", "us"}, 20}, {"product", {}, 2}},
       {},
       5},
      {"basket_bytes", MetricType::kGauge, Unit::kBytes, "Size", {}, {}, 10},
      {"checkout_seconds", MetricType::kHistogram, Unit::kSeconds, "Time", {}, {0.5, 1}, 10},
  };
  return limits;
}

TextsByKey Labels(const char* shop, const char* product) { return {{"shop", shop}, {"product", product}}; }

std::string Order(FleetFixture& fleet, const char* shop, const char* product) {
  return fleet.Send("custom", {{"name", "orders_total"}, {"value", 3}, {"labels", Labels(shop, product)}});
}

}  // namespace

TEST_CASE("a custom metric that nobody declared is refused") {
  FleetFixture fleet;
  CHECK(fleet.Send("custom", {{"name", "beans"}, {"value", 1}}) ==
        "no metric 'beans' is declared in the configuration");
  CHECK(fleet.Changes(0.0).empty());
}

TEST_CASE("declared metrics count, show and observe what custom events say") {
  FleetFixture fleet(Declared());
  CHECK(Order(fleet, "eu", "tea") == "");
  CHECK(fleet.Send("custom", {{"name", "orders_total"},
                              {"value", 2},
                              {"count", 10},
                              {"weight", 7},
                              {"labels", Labels("us", "tea")}}) == "");
  CHECK(fleet.Send("custom", {{"name", "basket_bytes"}, {"value", 50}}, 20) == "");
  CHECK(fleet.Send("custom", {{"name", "basket_bytes"}, {"value", 10}}, 10) == "");  // late
  CHECK(fleet.Send("custom", {{"name", "checkout_seconds"}, {"value", 0.7}, {"weight", 10}}) == "");
  CHECK(fleet.Send("custom",
                   {{"name", "checkout_seconds"}, {"bounds", "0.5,1"}, {"counts", "1,2,3"}, {"sum", 9}}) ==
        "");
  CHECK(fleet.Changes(20) ==
        Lines{"basket_bytes 50", "checkout_seconds count 16 sum 16", R"(exporter_series{group="custom"} 4)",
              R"(orders_total{shop="eu",product="tea"} 3)", R"(orders_total{shop="us",product="tea"} 20)"});
}

TEST_CASE("labels of custom metrics keep their sets and bounds") {
  FleetFixture fleet(Declared());
  CHECK(Order(fleet, "asia", "tea") == "data.labels: 'shop' must be one of eu, us, not 'asia'");
  CHECK(fleet.Send("custom",
                   {{"name", "orders_total"}, {"value", 1}, {"labels", TextsByKey{{"shop", "eu"}}}}) ==
        "data.labels: 'product' is missing");
  CHECK(fleet.Send("custom", {{"name", "basket_bytes"}, {"value", 1}, {"labels", TextsByKey{{"a", "b"}}}}) ==
        "data.labels: 'a' is no label of 'basket_bytes'");
  CHECK(fleet.Send("custom", {{"name", "basket_bytes"}}) == "data.value: missing");
  CHECK(fleet.Send("custom", {{"name", "basket_bytes"}, {"bounds", "1"}, {"counts", "1,1"}, {"sum", 1}}) ==
        "data.bounds: 'basket_bytes' is no histogram");
  for (const char* product : {"a", "b", "c", "d"}) CHECK(Order(fleet, "eu", product) == "");
  CHECK(fleet.Value(R"(orders_total{shop="eu",product="other"})", 0) == "6");
  CHECK(fleet.Value(R"(exporter_label_values_folded_total{label="product"})", 0) == "2");
}

TEST_CASE("a custom metric has no more series than declared, and what is refused is counted") {
  FleetFixture fleet(Declared());
  for (const char* product : {"a", "b", "c"}) REQUIRE(Order(fleet, "eu", product) == "");
  REQUIRE(Order(fleet, "us", "a") == "");
  REQUIRE(Order(fleet, "us", "b") == "");
  CHECK(Order(fleet, "us", "c") ==
        "5 series of 'orders_total' are known, which is the limit; no new ones are taken");
  CHECK(Order(fleet, "us", "a") == "");  // known ones go on
  CHECK(fleet.Value(R"(exporter_series_dropped_total{group="custom"})", 0) == "1");
  CHECK(fleet.Value(R"(exporter_series_limit{group="custom"})", 0) == "25");
}

TEST_CASE("a gauge that nobody repeats is forgotten, a counter is not") {
  FleetFixture fleet(Declared());
  REQUIRE(Order(fleet, "eu", "tea") == "");
  REQUIRE(fleet.Send("custom", {{"name", "basket_bytes"}, {"value", 50}}) == "");
  const double day = 24 * 3600;
  CHECK(fleet.Value("basket_bytes", day) == "50");
  CHECK(fleet.Value("basket_bytes", day + 1) == "absent");
  CHECK(fleet.Value(R"(orders_total{shop="eu",product="tea"})", day + 1) == "3");
}

TEST_CASE("a cumulative counter is what was told last, and is unknown before and a day later") {
  FleetLimits limits;
  limits.custom = {{"calls_total", MetricType::kCounter, Unit::kNone, "Calls", {}, {}, 10, true}};
  FleetFixture fleet(limits);
  const auto tell = [&](double total, double at) {
    return fleet.Send("custom", {{"name", "calls_total"}, {"value", total}, {"count", 2}}, at);
  };
  CHECK(fleet.Value("calls_total", 0) == "absent");
  CHECK(tell(1000, 20) == "");
  CHECK(tell(900, 10) == "");  // late
  CHECK(fleet.Value("calls_total", 20) == "1000");
  CHECK(tell(7, 30) == "");  // a reset
  CHECK(fleet.Value("calls_total", 30) == "7");
  const double day = 24 * 3600;
  CHECK(fleet.Value("calls_total", 30 + day) == "7");
  CHECK(fleet.Value("calls_total", 31 + day) == "absent");
}

TEST_CASE("label values that a cumulative counter has no place for are refused, never added up as other") {
  FleetLimits limits;
  limits.custom = {{"calls_total",
                    MetricType::kCounter,
                    Unit::kNone,
                    "Calls",
                    {{"shop", {"eu", "other"}, 20}, {"product", {}, 1}},
                    {},
                    10,
                    true}};
  FleetFixture fleet(limits);
  const auto tell = [&](const char* shop, const char* product) {
    return fleet.Send("custom", {{"name", "calls_total"}, {"value", 5}, {"labels", Labels(shop, product)}});
  };
  CHECK(tell("eu", "tea") == "");
  CHECK(tell("us", "tea") == "data.labels: 'shop' must be one of eu, other, not 'us'");
  CHECK(tell("eu", "milk") == "1 values of 'product' are known, which is the limit; no new ones are taken");
  CHECK(fleet.Value(R"(exporter_series_dropped_total{group="custom"})", 0) == "1");
  CHECK(fleet.Value(R"(calls_total{shop="eu",product="other"})", 0) == "absent");
}

TEST_CASE("reloading keeps the values of metrics whose declaration stays") {
  FleetLimits limits = Declared();
  FleetFixture fleet(limits);
  REQUIRE(Order(fleet, "eu", "tea") == "");
  REQUIRE(fleet.Send("custom", {{"name", "basket_bytes"}, {"value", 50}}) == "");
  limits.custom.erase(limits.custom.begin() + 2);
  limits.custom[1].help = "Another";
  fleet.fleet().SetLimits(limits);
  CHECK(fleet.Value(R"(orders_total{shop="eu",product="tea"})", 0) == "3");
  CHECK(fleet.Value("basket_bytes", 0) == "absent");
  CHECK(fleet.Value("checkout_seconds", 0) == "absent");
}

TEST_CASE("a restart keeps custom metrics") {
  FleetFixture before(Declared());
  REQUIRE(Order(before, "eu", "tea") == "");
  REQUIRE(before.Send("custom", {{"name", "checkout_seconds"}, {"value", 0.7}}) == "");
  FleetFixture after(Declared());
  const auto lost = after.fleet().Load(before.fleet().Save());
  REQUIRE(lost);
  CHECK(lost->empty());
  REQUIRE(Order(after, "eu", "tea") == "");
  CHECK(after.Value(R"(orders_total{shop="eu",product="tea"})", 0) == "6");
  CHECK(after.Value("checkout_seconds", 0) == "count 1 sum 0.7");
}

TEST_CASE("recovery objectives are shown while they are configured") {
  FleetLimits limits;
  limits.backups["kv"] = {std::chrono::hours(1), std::chrono::minutes(30)};
  limits.backups["objects"].rpo = std::chrono::hours(24);
  FleetFixture fleet(limits);
  CHECK(fleet.Value(R"(backup_rpo_target_seconds{target="kv"})", 0) == "3600");
  CHECK(fleet.Value(R"(backup_rto_target_seconds{target="kv"})", 0) == "1800");
  CHECK(fleet.Value(R"(backup_rpo_target_seconds{target="objects"})", 0) == "86400");
  CHECK(fleet.Value(R"(backup_rto_target_seconds{target="objects"})", 0) == "absent");
  limits.backups.erase("kv");
  fleet.fleet().SetLimits(limits);
  CHECK(fleet.Value(R"(backup_rto_target_seconds{target="kv"})", 0) == "absent");
}

TEST_CASE("counters and histograms of closed labels exist from the start") {
  FleetFixture fleet(Declared());
  CHECK(fleet.Value("checkout_seconds", 0) == "count 0 sum 0");
  CHECK(fleet.Value("basket_bytes", 0) == "absent");
}

TEST_CASE("observations of a custom histogram carry exemplars") {
  FleetFixture fleet(Declared());
  REQUIRE(fleet.Send("custom", {{"name", "checkout_seconds"}, {"value", 0.7}, {"trace_id", "abc"}}, 5) == "");
  fleet::Snapshot snapshot;
  fleet.fleet().Collect(FleetFixture::At(5), snapshot);
  const fleet::FamilySnapshot& family = snapshot.families.back();
  REQUIRE(family.header->name == "fleet_checkout_seconds");
  REQUIRE(family.exemplars.size() == 1);
  CHECK(family.exemplars[0].trace_id == "abc");
  CHECK(family.exemplars[0].bucket == 1);
}

TEST_CASE("declared metrics are linted like those of the catalog, and beside them") {
  const CustomMetric bad[] = {
      {"orders", MetricType::kCounter, Unit::kNone, "Orders.", {}, {}, 1},
      {"queue_depth", MetricType::kGauge, Unit::kNone, "Depth", {}, {}, 1},
      {"wait_seconds", MetricType::kHistogram, Unit::kSeconds, "Wait", {{"user_id", {}, 5}}, {2, 1}, 1},
  };
  CHECK(fleet::LintCustomMetrics(bad) ==
        std::vector<std::string>{
            "metric 'orders': a counter ends in '_total'; rename it to 'orders_total'",
            "metric 'orders': the help ends in a full stop; drop it",
            "metric 'wait_seconds': label 'user_id' names single entities; drop it or make this an entity "
            "metric",
            "metric 'queue_depth': the name is there twice; rename or drop one",
            "metric 'wait_seconds': bucket set 'wait_seconds': 1.0 does not come after 2.0; sort the bounds",
        });
  CHECK(fleet::LintCustomMetrics(Declared().custom).empty());
}
