#include "rulegen/emit/grafana/variables.h"

#include <catch2/catch.hpp>
#include <string_view>

namespace fleet::rulegen::grafana {
namespace {

struct VariablesCase {
  std::string_view expr;
  std::string_view want;
};

constexpr VariablesCase kVariablesCases[] = {
    {"up", "up"},
    {"rate(x[$__rate_interval])", "rate(x[1h              ])"},
    {"rate(x[${__interval}])", "rate(x[1h           ])"},
    {"max_over_time(x[$__range:$step])", "max_over_time(x[1h      :1h   ])"},
    {"x offset $shift", "x offset 1h    "},
    {"x{a=~\"$b\", c='${d:regex}'}", "x{a=~\"$b\", c='${d:regex}'}"},
    {"x{a=`\\`} > $b", "x{a=`\\`} > 1 "},
    {"x{a=\"\\\"$b\"}", "x{a=\"\\\"$b\"}"},
    {"x > $limit", "x > 1     "},
    {"topk($n, x)", "topk(1 , x)"},
    {"x > ${limit:raw} # $not", "x > 1            # $not"},
    {"sum by ($label) (x)", "sum by (_label) (x)"},
    {"a * on(${l}) group_left ($m) b", "a * on(__l_) group_left (_m) b"},
    {"$metric{a=\"b\"}", "_metric{a=\"b\"}"},
    {"$fn(x[5m])", "_fn(x[5m])"},
    {"$metric [5m]", "_metric [5m]"},
    {"x{$label=\"a\"}", "x{_label=\"a\"}"},
    {"$", "$"},
    {"${open", "${open"},
    {"x[", "x["},
    {")]}", ")]}"},
};

TEST_CASE("variables give way to something of the same length") {
  for (const VariablesCase& each : kVariablesCases) {
    INFO(each.expr);
    const std::string got = WithoutVariables(each.expr);
    CHECK(got == each.want);
    CHECK(got.size() == each.expr.size());
  }
}

}  // namespace
}  // namespace fleet::rulegen::grafana
