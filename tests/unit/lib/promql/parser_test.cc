#include "lib/promql/parser.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <ctime>
#include <iterator>
#include <string>
#include <vector>

#include "lib/promql/functions.h"
#include "lib/promql/print.h"
#include "lib/promql/visit.h"
#include "tests/support/promql_generator.h"
#include "tests/unit/lib/promql/accepted_cases.h"
#include "tests/unit/lib/promql/rejected_cases.h"

using namespace fleet::promql;

namespace {

static_assert(std::size(kAccepted) + std::size(kRejected) >= 600);

// The canonical print reads back as the same tree, and prints the same again.
void CheckRoundTrip(const Tree& tree) {
  const std::string printed = Print(tree);
  CAPTURE(printed);
  const Parsed again = Parse(printed);
  REQUIRE(again.ok());
  CHECK(Print(again.tree) == printed);
  CHECK(SameExpression(tree, again.tree));
}

std::string Repeat(std::string_view text, int count) {
  std::string out;
  for (int i = 0; i < count; ++i) out += text;
  return out;
}

std::string ArgumentOf(ValueType type) {
  switch (type) {
    case ValueType::kScalar:
      return "1";
    case ValueType::kString:
      return "\"t\"";
    case ValueType::kInstantVector:
      return "v";
    case ValueType::kRangeVector:
      return "m[5m]";
  }
  return "";
}

std::string CallOf(const Function& function, int args) {
  std::string call(function.name);
  call += '(';
  for (int i = 0; i < args; ++i) {
    if (i > 0) call += ", ";
    call += ArgumentOf(function.args.empty() ? ValueType::kScalar : function.arg_type(i));
  }
  return call + ')';
}

}  // namespace

TEST_CASE("what Prometheus takes has its type and its canonical form") {
  for (const Accepted& c : kAccepted) {
    CAPTURE(c.text);
    const Parsed parsed = Parse(c.text);
    REQUIRE(parsed.ok());
    CHECK(Name(parsed.tree.type()) == c.type);
    CHECK(Print(parsed.tree) == c.canonical);
    CheckRoundTrip(parsed.tree);
  }
}

TEST_CASE("what Prometheus refuses is refused with a reason at its place") {
  for (const Rejected& c : kRejected) {
    CAPTURE(c.text);
    const Parsed parsed = Parse(c.text);
    REQUIRE(!parsed.ok());
    CHECK(parsed.problems.front().text == c.message);
    CHECK(parsed.problems.front().span.begin == c.begin);
    CHECK(parsed.problems.front().span.end == c.end);
  }
}

TEST_CASE("text that is no UTF-8 is refused, but an escape may make any byte") {
  for (const std::string& text :
       {std::string("\"\xff\""), std::string("`\xc3`"), std::string("up{a='\xed\xa0\x80'}")}) {
    const Parsed parsed = Parse(text);
    REQUIRE(parsed.problems.size() == 1);
    CHECK(parsed.problems[0].text == "text must be UTF-8 without U+FFFD");
  }
  CHECK(Parse("up\xff").problems.at(0).text == "unexpected character '\\xff'");
  const Parsed escaped = Parse(R"(up{a="\xff"})");
  REQUIRE(escaped.ok());
  CHECK(std::get<Selector>(escaped.tree[escaped.tree.root].data).matchers.at(1).value == "\xff");
}

TEST_CASE("there are ninety functions, sorted") {
  CHECK(Functions().size() == 90);
  CHECK(std::is_sorted(Functions().begin(), Functions().end(),
                       [](const Function& a, const Function& b) { return a.name < b.name; }));
}

TEST_CASE("every function takes its arguments, no fewer, no more and none of another type") {
  for (const Function& function : Functions()) {
    const int least = function.least_args();
    const int most = function.most_args() < 0 ? least + 3 : function.most_args();
    for (int args = least; args <= most; ++args) {
      CAPTURE(CallOf(function, args));
      const Parsed parsed = Parse(CallOf(function, args));
      CHECK(parsed.ok() == !function.is_experimental);
      if (parsed.ok()) CHECK(parsed.tree.type() == function.returns);
    }
    CAPTURE(function.name);
    if (least > 0) CHECK(!Parse(CallOf(function, least - 1)).ok());
    if (function.most_args() >= 0) CHECK(!Parse(CallOf(function, most + 1)).ok());
    if (most > 0) {
      std::string wrong = CallOf(function, std::max(least, 1));
      const std::string last = ArgumentOf(function.arg_type(std::max(least, 1) - 1));
      wrong.replace(wrong.rfind(last), last.size(), last == "1" ? "v" : "1");
      CAPTURE(wrong);
      CHECK(!Parse(wrong).ok());
    }
    std::string upper(function.name);
    upper[0] = static_cast<char>(upper[0] - 'a' + 'A');
    CHECK(!Parse(upper + CallOf(function, least).substr(function.name.size())).ok());
  }
}

TEST_CASE("errors of names, types and patterns are all reported, in order") {
  const Parsed parsed = Parse("rate(a) + abs(1) + b{x=~\"(\"} + on(y) 1");
  std::vector<std::string> texts;
  for (const Problem& problem : parsed.problems) texts.push_back(problem.text);
  CHECK(texts == std::vector<std::string>{"rate() wants a range vector, not an instant vector",
                                          "abs() wants an instant vector, not a scalar",
                                          "not a regular expression: missing ): (",
                                          "labels are matched only between two instant vectors"});
}

TEST_CASE("generated expressions print as what they are") {
  // 100,000 take a quarter of a minute in a debug build; FLEET_PROMQL_EXPRESSIONS=100000 asks for them.
  const char* wanted = std::getenv("FLEET_PROMQL_EXPRESSIONS");
  const int expressions = wanted == nullptr ? 10'000 : std::atoi(wanted);
  fleet::test::PromqlGenerator generator(20'240'607);
  int parsed_count = 0;
  for (int i = 0; i < expressions; ++i) {
    const std::string text = generator.Next();
    const Parsed parsed = Parse(text);
    if (!parsed.ok()) continue;  // `and` with a number, and the like
    ++parsed_count;
    const std::string printed = Print(parsed.tree);
    const Parsed again = Parse(printed);
    if (again.ok() && Print(again.tree) == printed && SameExpression(parsed.tree, again.tree)) continue;
    FAIL("not a fixed point: " << text << " -> " << printed);
  }
  CHECK(parsed_count > expressions * 3 / 4);
}

TEST_CASE("chains of ten thousand operators are taken, nesting of ten thousand is not") {
  const Parsed chain = Parse("1" + Repeat(" + 1", 10'000));
  REQUIRE(chain.ok());
  CHECK(Print(chain.tree) == "1" + Repeat(" + 1", 10'000));
  const Parsed mixed = Parse("a" + Repeat(" or a", 10'000));
  CHECK(mixed.ok());
  CHECK(Parse(Repeat("(", 400) + "a" + Repeat(")", 400)).ok());
  for (const std::string& deep : {Repeat("(", 10'000) + "a" + Repeat(")", 10'000), Repeat("-", 10'000) + "a",
                                  "1" + Repeat("^1", 10'000), Repeat("abs(", 10'000),
                                  "a[" + Repeat("(", 10'000) + "5m" + Repeat(")", 10'000) + "]"}) {
    const Parsed parsed = Parse(deep);
    REQUIRE(parsed.problems.size() == 1);
    CHECK(parsed.problems[0].text == "nested more than 500 levels deep");
  }
  CHECK(!Parse("a" + Repeat("[5m:]", 1'000)).ok());
}

TEST_CASE("a megabyte of what costs most ends in an error in bounded time") {
  const std::clock_t begin = std::clock();
  CHECK(Parse("a" + Repeat("{b=~\"x{1000}\"} or a", 50'000)).problems.at(0).text ==
        "the regular expressions are too large");
  for (const char* part : {"\\\\pL", "[\\\\pL]", "[^\\\\PN\\\\pS]", "a{1000}", "(?<a>", "a(?:", "a.", "[a-z]",
                           "[^a]", "a.|", "(?i:ks)", "\\\\D", "(a|b){30}", "(?:x{9}){99}", "[[:alpha:]]?"}) {
    INFO(part);
    const std::string pattern = Repeat(part, 1'000'000 / static_cast<int>(std::string(part).size()));
    const std::clock_t before = std::clock();
    const Parsed parsed = Parse("a{b=~\"" + pattern + "\"}");
    REQUIRE(parsed.problems.size() == 1);
    CHECK(parsed.problems[0].text.size() < 150);
    CHECK(static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC < 10);
  }
  CHECK(Parse(Repeat("rats()+", 149'000) + "1").problems.at(0).text ==
        "there is no function 'rats'; did you mean 'rate'?");
  CHECK(Parse(Repeat("(", 1'000'000)).problems.at(0).text == "nested more than 500 levels deep");
  CHECK(!Parse("a" + Repeat("[5m:]", 200'000)).ok());
  CHECK(!Parse("a[" + Repeat("5m+", 300'000)).ok());
  // A second is plenty; sanitizers take ten.
  CHECK(static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC < 20);
}

TEST_CASE("ten megabytes are an error") {
  const Parsed parsed = Parse(std::string(10U << 20U, '1'));
  REQUIRE(parsed.problems.size() == 1);
  CHECK(parsed.problems[0].text == "the expression is longer than 1048576 bytes");
  CHECK(Parse(Repeat("1+", 300'000) + "1").problems.at(0).text == "the expression is too large");
}
