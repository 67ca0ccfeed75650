#include "rulegen/emit/promql_json.h"

#include <catch2/catch.hpp>
#include <sstream>
#include <string>

using fleet::rulegen::AnswerPromqlLine;

TEST_CASE("an expression is answered with its type, canonical form and selectors") {
  CHECK(AnswerPromqlLine(R"x("sum(up{job=~\"a|b\"}) by (x) / b")x") ==
        R"({"ok":true,"type":"instant vector","canonical":"sum by (x) (up{job=~\"a|b\"}) / b",)"
        R"("selectors":[[["__name__","=","up"],["job","=~","a|b"]],[["__name__","=","b"]]]})");
  CHECK(AnswerPromqlLine("  \"1\"\r") == R"({"ok":true,"type":"scalar","canonical":"1","selectors":[]})");
  CHECK(AnswerPromqlLine(R"("{a=\"\\xff\"}")") ==
        R"({"ok":true,"type":"instant vector","canonical":"{a=\"\\xff\"}","selectors":[[["a","=",")"
        "\xEF\xBF\xBD"
        R"("]]]})");
}

TEST_CASE("a wrong expression is answered with the first error and its bytes") {
  CHECK(AnswerPromqlLine(R"x("rate(foo)")x") ==
        R"({"ok":false,"error":"rate() wants a range vector, not an instant vector","start":5,"end":8})");
}

TEST_CASE("what is no JSON string is answered, too") {
  const std::string no = R"({"ok":false,"error":"the line is not one JSON string","start":0,"end":0})";
  for (const std::string& line :
       {std::string(), std::string("up"), std::string("1"), std::string("\"up"), std::string("\"a\" \"b\""),
        std::string("\"\\ud800\""), std::string("\"\xff\""), std::string("\0", 1),
        std::string(1'000'000, '['), std::string(R"({"expr":"up"})")}) {
    CHECK(AnswerPromqlLine(line) == no);
  }
}

TEST_CASE("the filter answers every line once, the last one without a line feed") {
  std::istringstream in("\"1\"\n\nx\n\"" + std::string(2U << 20U, '(') + "\"\n\"2\"");
  std::ostringstream out;
  fleet::rulegen::FilterPromql(in, out);
  CHECK(out.str() ==
        "{\"ok\":true,\"type\":\"scalar\",\"canonical\":\"1\",\"selectors\":[]}\n"
        "{\"ok\":false,\"error\":\"the line is not one JSON string\",\"start\":0,\"end\":0}\n"
        "{\"ok\":false,\"error\":\"the line is not one JSON string\",\"start\":0,\"end\":0}\n"
        "{\"ok\":false,\"error\":\"the expression is longer than 1048576 bytes\",\"start\":0,\"end\":0}\n"
        "{\"ok\":true,\"type\":\"scalar\",\"canonical\":\"2\",\"selectors\":[]}\n");
}
