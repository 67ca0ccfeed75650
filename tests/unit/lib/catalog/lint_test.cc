#include "lib/catalog/lint.h"

#include <array>
#include <catch2/catch.hpp>
#include <limits>
#include <string>
#include <vector>

namespace fleet::catalog {
namespace {

using Messages = std::vector<std::string>;

const LabelDef kQueueLabel = {.name = "queue", .bound = 10};
const LabelDef kIdLabel = {.name = "order_id", .bound = 10};

MetricDef Gauge(std::string_view name, Unit unit = Unit::kNone) {
  return {.name = name, .type = MetricType::kGauge, .unit = unit, .help = "Things"};
}

MetricDef Counter(std::string_view name, Unit unit = Unit::kNone) {
  return {.name = name, .type = MetricType::kCounter, .unit = unit, .help = "Things"};
}

MetricDef Histogram(std::string_view name, Unit unit = Unit::kNone) {
  return {.name = name,
          .type = MetricType::kHistogram,
          .unit = unit,
          .help = "Things",
          .buckets = BucketSet::kLatency};
}

MetricDef WithHelp(std::string_view help) { return {.name = "orders", .help = help}; }

MetricDef WithLabels(LabelList labels) { return {.name = "orders", .labels = labels, .help = "Things"}; }

MetricDef Entity(MetricDef metric) {
  metric.scope = Scope::kEntity;
  return metric;
}

MetricDef OffByDefault(MetricDef metric) {
  metric.on_by_default = false;
  return metric;
}

MetricDef WithBuckets(MetricDef metric, BucketSet buckets) {
  metric.buckets = buckets;
  return metric;
}

MetricDef WithFiveLabels() {
  MetricDef metric = WithLabels({{.name = "a", .bound = 1},
                                 {.name = "b", .bound = 1},
                                 {.name = "c", .bound = 1},
                                 {.name = "d", .bound = 1}});
  metric.labels.size = 5;
  return metric;
}

struct Case {
  MetricDef metric;
  Messages messages;
};

void CheckCases(const std::vector<Case>& cases) {
  for (const Case& c : cases) CHECK(Lint({&c.metric, 1}) == c.messages);
}

TEST_CASE("lint: good rows") {
  CheckCases({
      {Gauge("orders"), {}},
      {Gauge("order_age_seconds", Unit::kSeconds), {}},
      {Gauge("order_last_timestamp_seconds", Unit::kUnixSeconds), {}},
      {Gauge("order_info"), {}},
      {Gauge("http2_streams"), {}},
      {Counter("orders_total"), {}},
      {Counter("order_bytes_total", Unit::kBytes), {}},
      {Histogram("order_duration_seconds", Unit::kSeconds), {}},
      {Histogram("order_items"), {}},
      {Histogram("order_fill_ratio", Unit::kRatio), {}},
      {WithLabels({kQueueLabel}), {}},
      {Entity(WithLabels({kIdLabel})), {}},
      {OffByDefault(Entity(WithLabels({{.name = "user", .bound = 20}}))), {}},
  });
}

TEST_CASE("lint: names") {
  const std::string snake = "the name is not snake_case; use lower-case words, digits and single underscores";
  CheckCases({
      {Gauge(""), {"metric '': " + snake}},
      {Gauge("Orders"), {"metric 'Orders': " + snake}},
      {Gauge("2orders"), {"metric '2orders': " + snake}},
      {Gauge("_orders"), {"metric '_orders': " + snake}},
      {Gauge("orders_"), {"metric 'orders_': " + snake}},
      {Gauge("orders__open"), {"metric 'orders__open': " + snake}},
      {Gauge("orders:open"), {"metric 'orders:open': " + snake}},
      {Gauge("orders\n"), {"metric 'orders\\n': " + snake}},
      {Gauge("fleet_orders"),
       {"metric 'fleet_orders': the name carries a namespace; drop 'fleet_', it is added when the metric "
        "is exported"}},
  });
}

TEST_CASE("lint: suffixes of types") {
  CheckCases({
      {Counter("orders"), {"metric 'orders': a counter ends in '_total'; rename it to 'orders_total'"}},
      {Gauge("orders_total"),
       {"metric 'orders_total': '_total' is for counters and this is a gauge; drop the suffix or make it a "
        "counter"}},
      {Histogram("orders_total"),
       {"metric 'orders_total': '_total' is for counters and this is a histogram; drop the suffix or make "
        "it a counter"}},
      {Gauge("orders_count"),
       {"metric 'orders_count': '_count' is for the series of histograms and counters; rename it"}},
      {Gauge("orders_sum"),
       {"metric 'orders_sum': '_sum' is for the series of histograms and counters; rename it"}},
      {Gauge("orders_bucket"),
       {"metric 'orders_bucket': '_bucket' is for the series of histograms and counters; rename it"}},
      {Gauge("orders_created"),
       {"metric 'orders_created': '_created' is for the series of histograms and counters; rename it"}},
      {Histogram("orders_info"),
       {"metric 'orders_info': '_info' is for gauges that are always 1; make it a gauge without a unit or "
        "rename it"}},
  });
}

TEST_CASE("lint: units") {
  CheckCases({
      {Gauge("order_age", Unit::kSeconds),
       {"metric 'order_age': the unit is seconds; end the name in '_seconds' or change the unit"}},
      {Counter("order_time_total", Unit::kSeconds),
       {"metric 'order_time_total': the unit is seconds; end the name in '_seconds_total' or change the "
        "unit"}},
      {Gauge("order_age_seconds"),
       {"metric 'order_age_seconds': the name says '_seconds' and there is no unit; set the unit to seconds "
        "or rename it"}},
      {Gauge("order_last_timestamp_seconds"),
       {"metric 'order_last_timestamp_seconds': the name says '_timestamp_seconds' and there is no unit; set "
        "the unit to unix seconds or rename it"}},
      {Gauge("order_last_timestamp_seconds", Unit::kSeconds),
       {"metric 'order_last_timestamp_seconds': the unit is seconds; end the name in '_seconds' or change "
        "the unit"}},
      {Gauge("order_last_seconds", Unit::kUnixSeconds),
       {"metric 'order_last_seconds': the unit is unix seconds; end the name in '_timestamp_seconds' or "
        "change the unit"}},
      {Gauge("order_size", Unit::kBytes),
       {"metric 'order_size': the unit is bytes; end the name in '_bytes' or change the unit"}},
      {Gauge("order_fill", Unit::kRatio),
       {"metric 'order_fill': the unit is ratio; end the name in '_ratio' or change the unit"}},
      {Gauge("order_cpu", Unit::kCores),
       {"metric 'order_cpu': the unit is cores; end the name in '_cores' or change the unit"}},
      {Gauge("order_age_ms"),
       {"metric 'order_age_ms': 'ms' is not a base unit; export seconds, bytes, ratio or cores"}},
      {Counter("order_size_kilobytes_total"),
       {"metric 'order_size_kilobytes_total': 'kilobytes' is not a base unit; export seconds, bytes, ratio "
        "or cores"}},
      {Histogram("order_last_timestamp_seconds", Unit::kUnixSeconds),
       {"metric 'order_last_timestamp_seconds': a point in time is neither counted nor observed; make it a "
        "gauge"}},
      {Counter("order_fill_ratio_total", Unit::kRatio),
       {"metric 'order_fill_ratio_total': ratios do not add up over time; make it a gauge"}},
      {Counter("order_cpu_cores_total", Unit::kCores),
       {"metric 'order_cpu_cores_total': cores do not add up over time; make it a gauge"}},
  });
}

TEST_CASE("lint: help") {
  const std::string control =
      "metric 'orders': the help has a line feed, another control character or invalid UTF-8; write one "
      "plain line";
  CheckCases({
      {WithHelp(""), {"metric 'orders': the help is empty; say in one sentence what is measured"}},
      {WithHelp("Orders\nopen"), {control}},
      {WithHelp("Orders\xff"), {control}},
      {WithHelp("Orders \\ open"),
       {"metric 'orders': the help has a backslash, which formats escape differently; drop it"}},
      {WithHelp("Orders."), {"metric 'orders': the help ends in a full stop; drop it"}},
  });
}

TEST_CASE("lint: names of labels") {
  CheckCases({
      {WithLabels({{.name = "Queue", .bound = 1}}),
       {"metric 'orders': label 'Queue' is not snake_case; use lower-case words, digits and single "
        "underscores"}},
      {WithLabels({{.name = "", .bound = 1}}),
       {"metric 'orders': label '' is not snake_case; use lower-case words, digits and single underscores"}},
      {WithLabels({{.name = "__queue", .bound = 1}}),
       {"metric 'orders': label '__queue' starts with '__', which Prometheus keeps for itself; rename it"}},
      {WithLabels({kQueueLabel, kQueueLabel}), {"metric 'orders': label 'queue' is there twice; drop one"}},
      {WithFiveLabels(), {"metric 'orders': 5 labels; keep 4 at most"}},
  });
  for (const char* name : {"type", "instance", "job", "service", "env", "le", "quantile"}) {
    CheckCases({{WithLabels({{.name = name, .bound = 1}}),
                 {std::string("metric 'orders': label '") + name +
                  "' belongs to the target or to the format; rename it"}}});
  }
}

TEST_CASE("lint: values of labels") {
  const std::string long_value(129, 'x');
  const std::array<std::string_view, 3> three = {"a", "b", "c"};
  const std::array<std::string_view, 2> twice = {"a", "a"};
  const std::array<std::string_view, 2> empty = {"a", ""};
  const std::array<std::string_view, 1> control = {"a\tb"};
  const std::array<std::string_view, 1> longest = {long_value};
  const std::string rule = "; use 1 to 128 bytes of UTF-8 without control characters";
  CheckCases({
      {WithLabels({{.name = "queue", .bound = 0}}),
       {"metric 'orders': label 'queue' has no bound; say how many values it may have"}},
      {WithLabels({{.name = "queue", .bound = -1}}),
       {"metric 'orders': label 'queue' has no bound; say how many values it may have"}},
      {WithLabels({{.name = "queue", .values = three, .bound = 2}}),
       {"metric 'orders': label 'queue' has 3 values and a bound of 2; raise the bound"}},
      {WithLabels({{.name = "queue", .values = twice, .bound = 2}}),
       {"metric 'orders': label 'queue' has the value 'a' twice; drop one"}},
      {WithLabels({{.name = "queue", .values = empty, .bound = 2}}),
       {"metric 'orders': label 'queue' has the value ''" + rule}},
      {WithLabels({{.name = "queue", .values = control, .bound = 2}}),
       {"metric 'orders': label 'queue' has the value 'a\\tb'" + rule}},
      {WithLabels({{.name = "queue", .values = longest, .bound = 2}}),
       {"metric 'orders': label 'queue' has the value '" + long_value + "'" + rule}},
      {WithLabels({{.name = "reason", .values = three, .bound = 3}}),
       {"metric 'orders': label 'reason' has a closed set without 'other'; add it"}},
  });
}

TEST_CASE("lint: buckets belong to histograms") {
  CheckCases({
      {WithBuckets(Histogram("order_items"), BucketSet::kNone),
       {"metric 'order_items': a histogram without buckets; name a bucket set"}},
      {WithBuckets(Gauge("orders"), BucketSet::kWork),
       {"metric 'orders': buckets on a gauge; drop them or make it a histogram"}},
      {WithBuckets(Counter("orders_total"), BucketSet::kWork),
       {"metric 'orders_total': buckets on a counter; drop them or make it a histogram"}},
  });
}

TEST_CASE("lint: ids belong to entity metrics") {
  CheckCases({
      {Entity(WithLabels({kQueueLabel})),
       {"metric 'orders': an entity metric without an id; add a label '..._id' or 'user'"}},
      {WithLabels({kIdLabel}),
       {"metric 'orders': label 'order_id' names single entities; drop it or make this an entity metric"}},
      {WithLabels({{.name = "user", .bound = 20}}),
       {"metric 'orders': label 'user' names single entities; drop it or make this an entity metric"}},
      {OffByDefault(Gauge("orders")),
       {"metric 'orders': an aggregate that is off by default; aggregates are always exported"}},
  });
}

TEST_CASE("lint: names differ, also those that formats derive") {
  const auto lint = [](std::vector<MetricDef> metrics) { return Lint(metrics); };
  CHECK(lint({Gauge("orders"), Gauge("orders")}) ==
        Messages{"metric 'orders': the name is there twice; rename or drop one"});
  CHECK(lint({Histogram("orders"), Gauge("orders_sum")}) ==
        Messages{"metric 'orders_sum': '_sum' is for the series of histograms and counters; rename it",
                 "metric 'orders_sum': 'orders_sum' also belongs to metric 'orders'; rename one of them"});
  CHECK(lint({Counter("orders_total"), Gauge("orders")}) ==
        Messages{"metric 'orders': 'orders' also belongs to metric 'orders_total'; rename one of them"});
  CHECK(lint({Histogram("orders"), Counter("orders_total")}) ==
        Messages{"metric 'orders_total': 'orders' also belongs to metric 'orders'; rename one of them"});
  CHECK(lint({Counter("orders_total"), Gauge("orders_open")}) == Messages{});
}

TEST_CASE("lint: all of it, in table order") {
  CHECK(Lint(std::vector<MetricDef>{Counter("Orders"), WithHelp("Orders.")}) ==
        Messages{"metric 'Orders': the name is not snake_case; use lower-case words, digits and single "
                 "underscores",
                 "metric 'Orders': a counter ends in '_total'; rename it to 'Orders_total'",
                 "metric 'orders': the help ends in a full stop; drop it"});
}

TEST_CASE("lint: bounds ascend and are finite") {
  const double infinity = std::numeric_limits<double>::infinity();
  CHECK(LintBounds("mine", std::vector<double>{0.1, 1, 10}) == Messages{});
  CHECK(LintBounds("mine", std::vector<double>{0.1, 10, 5}) ==
        Messages{"bucket set 'mine': 5.0 does not come after 10.0; sort the bounds"});
  CHECK(LintBounds("mine", std::vector<double>{1, 1}) ==
        Messages{"bucket set 'mine': 1.0 does not come after 1.0; sort the bounds"});
  CHECK(LintBounds("mine", std::vector<double>{1, infinity}) ==
        Messages{"bucket set 'mine': the bound +Inf is not finite; drop it, +Inf is implied"});
}

}  // namespace
}  // namespace fleet::catalog
