#include "lib/base/text.h"

#include <catch2/catch.hpp>

using fleet::AppendJsonString;
using fleet::ClosestMatch;
using fleet::CountCharacters;
using fleet::HasControlCharacter;
using fleet::IsValidUtf8;
using fleet::Printable;
using fleet::Split;
using fleet::Trim;

TEST_CASE("UTF-8 is valid as RFC 3629 says") {
  const std::pair<std::string_view, bool> cases[] = {
      {"", true},
      {"plain", true},
      {"\xC3\xA4", true},           // a with diaeresis
      {"\xE2\x82\xAC", true},       // euro sign
      {"\xF0\x9F\x9A\x80", true},   // rocket
      {"\xF4\x8F\xBF\xBF", true},   // U+10FFFF
      {"\x80", false},              // continuation alone
      {"\xC3", false},              // cut off
      {"\xC0\xAF", false},          // overlong slash
      {"\xE0\x80\xAF", false},      // overlong in three bytes
      {"\xF0\x80\x80\xAF", false},  // overlong in four
      {"\xED\xA0\x80", false},      // surrogate
      {"\xF4\x90\x80\x80", false},  // above U+10FFFF
      {"\xFF", false},
  };
  for (const auto& [text, valid] : cases) {
    CAPTURE(Printable(text));
    CHECK(IsValidUtf8(text) == valid);
  }
}

TEST_CASE("characters are counted, not bytes, and each invalid byte counts") {
  CHECK(CountCharacters("") == 0);
  CHECK(CountCharacters("a\xC3\xA4\xE2\x82\xAC") == 3);
  CHECK(CountCharacters("\xFF\xFE") == 2);
}

TEST_CASE("the closest match is a slip away, or there is none") {
  const std::string_view names[] = {"queue_depth", "queue_consumers", "workers"};
  CHECK(ClosestMatch("queue_dept", names) == "queue_depth");
  CHECK(ClosestMatch("qeuue_depth", names) == "queue_depth");
  CHECK(ClosestMatch("worker", names) == "workers");
  CHECK(ClosestMatch("sandboxes", names) == std::nullopt);
  CHECK(ClosestMatch("", names) == std::nullopt);
  CHECK(ClosestMatch(std::string(100'000, 'q'), names) == std::nullopt);
}

TEST_CASE("control characters are seen and made visible") {
  CHECK(HasControlCharacter("a\nb"));
  CHECK(HasControlCharacter("\x7F"));
  CHECK_FALSE(HasControlCharacter("\xC3\xA4 b"));
  CHECK(Printable("a\n\t\r\x1B[2J\xFF\xC3\xA4") == "a\\n\\t\\r\\x1b[2J\\xff\xC3\xA4");
}

TEST_CASE("JSON strings are quoted with the fewest escapes") {
  std::string json = "x:";
  AppendJsonString(json, "a\"b\\c\n\x01\xC3\xA4/");
  CHECK(json == "x:\"a\\\"b\\\\c\\u000a\\u0001\xC3\xA4/\"");
}

TEST_CASE("splitting keeps empty parts, trimming takes blanks") {
  CHECK(Split("a,,b", ',') == std::vector<std::string_view>{"a", "", "b"});
  CHECK(Split("", ',') == std::vector<std::string_view>{""});
  CHECK(Trim(" \t a b \r\n") == "a b");
  CHECK(Trim(" \n").empty());
}
