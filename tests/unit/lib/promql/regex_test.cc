#include "lib/promql/regex.h"

#include <catch2/catch.hpp>

#include "lib/promql/regex_scan.h"

namespace fleet::promql {
namespace {

std::string Repeat(std::string_view text, int count) {
  std::string out;
  for (int i = 0; i < count; ++i) out += text;
  return out;
}

TEST_CASE("what Prometheus would refuse is refused") {
  CHECK_FALSE(RegexError("5..|none").has_value());
  CHECK_FALSE(RegexError("").has_value());
  CHECK(RegexError("a(") == "missing ): a(");
  CHECK(RegexError("(?=a)").has_value());  // no look-ahead in RE2
  CHECK(RegexError("\\C") == "invalid escape sequence: \\C");
  CHECK_FALSE(RegexError("\\Q\\C(\\E").has_value());
  CHECK_FALSE(RegexError("\\\\C").has_value());
}

TEST_CASE("patterns are anchored at both ends") {
  CHECK(RegexMatches("5..", "503"));
  CHECK_FALSE(RegexMatches("5..", "5034"));
  CHECK(RegexMatches("a|b", "b"));
  CHECK_FALSE(RegexMatches("a|b", "ab"));
  CHECK(RegexMatches("a.b", "a\nb"));
}

TEST_CASE("a literal matches itself and nothing else") {
  const std::string text = "a.b*c\\d|e(f)[g]{h}^$+?";
  CHECK(RegexLiteral("x.y") == "x\\.y");
  CHECK(RegexLiteral("dead-letter_1") == "dead-letter_1");
  CHECK(RegexMatches(RegexLiteral(text), text));
  CHECK_FALSE(RegexMatches(RegexLiteral("a.b"), "axb"));
}

TEST_CASE("names of groups are as Go takes them, twice and without a P") {
  CHECK(RegexMatches("(?P<n>a)(?<n>b)", "ab"));
  CHECK(RegexError("(?<n x>a)").has_value());
  CHECK(RegexError("(?P<>a)").has_value());
  // Where no group begins they are text.
  CHECK(RegexMatches("[(?<n>]", "<"));
  CHECK_FALSE(RegexMatches("[(?<n>]", "P"));
  CHECK(RegexMatches("\\Q(?<n>\\E", "(?<n>"));
  CHECK(RegexMatches("\\(?<n>", "(<n>"));
  CHECK(RegexMatches("\\\\(?<n>a)", "\\a"));
}

TEST_CASE("the cost of a pattern is about the number of its steps") {
  const auto cost = [](std::string_view pattern) { return ScanRegex(pattern).cost; };
  CHECK(cost("abc") == 3);
  CHECK(cost("a{3}") == 3);
  CHECK(cost("a{2,5}b") == 6);
  CHECK(cost("a{3,}") == 3);
  CHECK(cost("a{0}") == 1);
  CHECK(cost("(ab){10}") == 40);
  CHECK(cost("((?:ab){10}){10}") == 420);
  CHECK(cost("a|b*") == 4);
  CHECK(cost("[^]a-z]") == 4);
  CHECK(cost("[[:alpha:]]{2}") == 12);
  CHECK(cost("\\pL\\PN[\\p{Greek}x]") == 3006);
  CHECK(cost("\\x{10}{4}") == 4);
  CHECK(cost("\\Qabcdef\\E{2}") == 10);
  CHECK(cost("(?i)a") == 1);
  CHECK(cost("a{x}{1,2,") == 9);
  // What never ends ends.
  CHECK(cost("[a") == 2);
  CHECK(cost("a\\") == 2);
  CHECK(cost("\\p{") == 1000);
  CHECK(cost("((((a") == 9);
}

TEST_CASE("what Go finds too large or too deep is refused before it is read") {
  CHECK(RegexError(Repeat("a{1000}", 501)) == "expression too large");
  CHECK_FALSE(RegexError(Repeat("a{1000}", 499)).has_value());
  CHECK(RegexError(Repeat("\\pL", 501)) == "expression too large");
  CHECK(RegexError(Repeat("(", 1001) + Repeat(")", 1001)) == "expression nests too deeply");
  CHECK_FALSE(RegexError(Repeat("(?:", 2000) + Repeat(")", 2000)).has_value());
  CHECK_FALSE(RegexError(Repeat("(a)", 2000)).has_value());
}

TEST_CASE("an error shows the first characters of a long pattern, each of them whole") {
  const std::string error = *RegexError("(" + Repeat("\u00e9", 1000));
  CHECK(error == "missing ): (" + Repeat("\u00e9", 34) + "...");
}

}  // namespace
}  // namespace fleet::promql
