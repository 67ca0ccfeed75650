#include "lib/base/diagnostics.h"

#include <catch2/catch.hpp>

#include "lib/base/text.h"

using fleet::Diagnostic;
using fleet::Diagnostics;
using fleet::SourceText;
using fleet::Span;

namespace {

Span Of(const SourceText& source, std::string_view part) {
  const std::size_t begin = source.text().find(part);
  return {begin, begin + part.size()};
}

}  // namespace

TEST_CASE("diagnostics come sorted by place, with the line, a caret and notes") {
  const SourceText source("slo/policies.yaml", "slos:\n  - total: fleet_job_total\n    objective: 101\n");
  Diagnostics diagnostics(source);
  diagnostics.AddError(Of(source, "101"), "objective-range", "the objective must be below 100");
  Diagnostic& unknown = diagnostics.AddError(Of(source, "fleet_job_total"), "metric-unknown",
                                             "no metric 'fleet_job_total' in the catalog");
  fleet::SuggestClosest(unknown, "fleet_job_total", {"fleet_jobs_total", "fleet_workers"});
  diagnostics.AddWarning(Of(source, "slos"), "slo-few", "only one SLO");

  CHECK(diagnostics.has_errors());
  CHECK(diagnostics.CountErrors() == 2);
  CHECK(diagnostics.Render() == R"(slo/policies.yaml:1:1: warning: only one SLO [slo-few]
 1 | slos:
   | ^~~~
slo/policies.yaml:2:12: error: no metric 'fleet_job_total' in the catalog [metric-unknown]
 2 |   - total: fleet_job_total
   |            ^~~~~~~~~~~~~~~
note: did you mean 'fleet_jobs_total'?
slo/policies.yaml:3:16: error: the objective must be below 100 [objective-range]
 3 |     objective: 101
   |                ^~~
)");
}

TEST_CASE("the caret stands under its character after tabs and wide text") {
  const SourceText source("f", "\t\xC3\xA4\xC3\xB6: bad\n");
  Diagnostics diagnostics(source);
  diagnostics.AddError(Of(source, "bad"), "x-bad", "no");
  CHECK(diagnostics.Render() == "f:1:6: error: no [x-bad]\n 1 | \t\xC3\xA4\xC3\xB6: bad\n   | \t    ^~~\n");
}

TEST_CASE("a span over several lines is marked to the end of its first line") {
  const SourceText source("f", "a: [1,\n 2]\n");
  Diagnostics diagnostics(source);
  diagnostics.AddError({3, 10}, "x-bad", "no");
  CHECK(diagnostics.Render() == "f:1:4: error: no [x-bad]\n 1 | a: [1,\n   |    ^~~\n");
}

TEST_CASE("a span at the end of the text has a caret of its own") {
  const SourceText source("f", "a:");
  Diagnostics diagnostics(source);
  diagnostics.AddError({2, 2}, "x-bad", "no");
  CHECK(diagnostics.Render() == "f:1:3: error: no [x-bad]\n 1 | a:\n   |   ^\n");
}

TEST_CASE("a very long line is cut, and the place stays in sight") {
  const std::string line = std::string(5000, 'x') + "HERE" + std::string(5000, 'y');
  const SourceText source("f", line);
  Diagnostics diagnostics(source);
  diagnostics.AddError(Of(source, "HERE"), "x-bad", "no");
  const std::string text = diagnostics.Render();
  CHECK(text.size() < 500);
  CHECK(text.find("HERE") != std::string::npos);
  const auto lines = fleet::Split(text, '\n');
  CHECK(lines[1].find("HERE") == lines[2].find("^~~~"));
}

TEST_CASE("nothing to say renders nothing") {
  const SourceText source("f", "a: 1\n");
  CHECK(Diagnostics(source).Render().empty());
  CHECK_FALSE(Diagnostics(source).has_errors());
}
