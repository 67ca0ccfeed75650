#include "exporter/simulate/ingest_answer.h"

#include <catch2/catch.hpp>

namespace fleet::simulate {
namespace {

TEST_CASE("a push's answer is read") {
  const IngestAnswer answer =
      ParseIngestAnswer(R"({"accepted":7,"duplicates":2,"rejected":[{"index":1,"reason":"no type"}]})");
  CHECK(answer.accepted == 7);
  CHECK(answer.duplicates == 2);
  CHECK(answer.rejected == std::vector<std::string>{"no type"});
  CHECK(answer.rejected_total == 1);
  CHECK(answer.error.empty());
}

TEST_CASE("more events may be rejected than are listed") {
  const IngestAnswer answer =
      ParseIngestAnswer(R"({"rejected":[{"index":1,"reason":"no type"}],"rejected_total":300})");
  CHECK(answer.rejected == std::vector<std::string>{"no type"});
  CHECK(answer.rejected_total == 300);
}

TEST_CASE("a refusal's answer is read") {
  CHECK(ParseIngestAnswer(R"({"error":"body over 1 MiB"})").error == "body over 1 MiB");
}

TEST_CASE("what is no answer counts nothing") {
  for (const char* body : {"", "no", "[]", "3", R"({"accepted":"x","rejected":3})", R"({"rejected":[3]})"}) {
    INFO(body);
    const IngestAnswer answer = ParseIngestAnswer(body);
    CHECK(answer.accepted == 0);
    CHECK(answer.error.empty());
  }
}

}  // namespace
}  // namespace fleet::simulate
