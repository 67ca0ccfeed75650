#include "rulegen/policy/regex.h"

#include <catch2/catch.hpp>

namespace fleet::rulegen {
namespace {

TEST_CASE("what Prometheus would refuse is refused") {
  CHECK_FALSE(RegexError("5..|none").has_value());
  CHECK_FALSE(RegexError("").has_value());
  CHECK(RegexError("a(") == "missing ): a(");
  CHECK(RegexError("(?=a)").has_value());  // no look-ahead in RE2
  CHECK(RegexError("\\C") == "invalid escape sequence: \\C");
}

TEST_CASE("patterns are anchored at both ends") {
  CHECK(RegexMatches("5..", "503"));
  CHECK_FALSE(RegexMatches("5..", "5034"));
  CHECK(RegexMatches("a|b", "b"));
  CHECK_FALSE(RegexMatches("a|b", "ab"));
}

TEST_CASE("a literal matches itself and nothing else") {
  const std::string text = "a.b*c\\d|e(f)[g]{h}^$+?";
  CHECK(RegexLiteral("x.y") == "x\\.y");
  CHECK(RegexLiteral("dead-letter_1") == "dead-letter_1");
  CHECK(RegexMatches(RegexLiteral(text), text));
  CHECK_FALSE(RegexMatches(RegexLiteral("a.b"), "axb"));
}

}  // namespace
}  // namespace fleet::rulegen
