#include "rulegen/plan/expr.h"

#include <catch2/catch.hpp>

namespace fleet::rulegen {
namespace {

const Expr kA{"a"};
const Expr kB{"b"};
const Expr kC{"c"};

std::vector<Text> Names(std::initializer_list<const char*> names) {
  std::vector<Text> texts;
  for (const char* name : names) texts.push_back({name, {}});
  return texts;
}

TEST_CASE("parentheses stand where they are needed and nowhere else") {
  CHECK(Binary(Binary(kA, "+", kB), "*", kC).text == "(a + b) * c");
  CHECK(Binary(kA, "+", Binary(kB, "*", kC)).text == "a + b * c");
  CHECK(Binary(Binary(kA, "-", kB), "-", kC).text == "a - b - c");
  CHECK(Binary(kA, "-", Binary(kB, "-", kC)).text == "a - (b - c)");
  CHECK(Binary(kA, "/", Binary(kB, ">", Number(0))).text == "a / (b > 0)");
  CHECK(Binary(Binary(kA, ">", kB), "and", Binary(kB, ">", kC)).text == "a > b and b > c");
  CHECK(Binary(Binary(kA, "or", kB), "and", kC).text == "(a or b) and c");
  CHECK(Binary(kA, "or", Binary(kB, "and", kC)).text == "a or b and c");
  CHECK(Binary(Binary(kA, "-", kB), ">=", Number(0)).text == "a - b >= 0");
}

TEST_CASE("operators stand where the layout says") {
  CHECK(Binary(kA, "/", kB, Layout::kOwnLine).text == "a\n/\nb");
  CHECK(Binary(kA, "-", kB, Layout::kHanging).text == "a\n  - b");
  CHECK(Binary(kA, "or", kB, Layout::kOwnLine, "on (x)").text == "a\nor on (x)\nb");
  CHECK(Binary(Binary(kA, "or", kB, Layout::kOwnLine), "and", kC).text == "(\n  a\n  or\n  b\n) and c");
}

TEST_CASE("aggregations name their labels") {
  CHECK(Aggregate("sum", {}, kA).text == "sum (a)");
  CHECK(Aggregate("max", Names({"x", "y"}), kA).text == "max by (x, y) (a)");
  CHECK(Aggregate("sum", {}, Binary(kA, "or", kB, Layout::kOwnLine)).text == "sum (\n  a\n  or\n  b\n)");
  CHECK(On(Names({"x", "y"})) == "on (x, y)");
  CHECK(On({}) == "on ()");
}

TEST_CASE("series, ranges and calls") {
  const Condition one{{"x", {}}, MatchKind::kOneOf, Names({"1"})};
  const Condition some{{"y", {}}, MatchKind::kOneOf, Names({"a.b", "c"})};
  const Condition none{{"z", {}}, MatchKind::kNoneOf, Names({"d"})};
  const Condition like{{"w", {}}, MatchKind::kExcludes, Names({"5.."})};
  CHECK(Series("m", "").text == "m");
  CHECK(Series("m", {one, some, none, like}, {Matcher("le", "1.0")}).text ==
        R"(m{x="1",y=~"a\\.b|c",z!="d",w!~"5..",le="1.0"})");
  using std::chrono::seconds;
  CHECK(Range(kA, seconds(300)).text == "a[5m]");
  CHECK(Range(kA, seconds(300), seconds(35)).text == "a[5m] offset 35s");
  CHECK(Subquery(kA, seconds(3600), seconds(60)).text == "a[1h:1m]");
  CHECK(Call("clamp_min", {kA, Number(Decimal(15, 1))}).text == "clamp_min(a, 1.5)");
  CHECK(Call("time", {}).text == "time()");
}

TEST_CASE("strings are quoted as PromQL reads them") { CHECK(Quoted("a\"b\\c\nd") == R"("a\"b\\c\nd")"); }

}  // namespace
}  // namespace fleet::rulegen
