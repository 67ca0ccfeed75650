#include "exporter/config_parts.h"

#include <catch2/catch.hpp>

#include "exporter/config.h"
#include "lib/base/text.h"

using fleet::Config;
using fleet::Diagnostics;
using fleet::SourceText;

namespace {

struct Reading {
  Config config;
  std::string messages;  // without the lines that show the place
};

Reading Read(std::string text) {
  const SourceText source("x.yaml", std::move(text));
  Diagnostics diagnostics(source);
  Reading reading{ReadConfig(source, diagnostics), ""};
  const std::string rendered = diagnostics.Render();
  for (const std::string_view line : fleet::Split(rendered, '\n')) {
    if (line.starts_with("x.yaml:")) reading.messages += std::string(line) + "\n";
  }
  return reading;
}

// The yaml blocks of the documentation.
std::vector<std::string> Examples(const std::string& markdown) {
  std::vector<std::string> examples;
  constexpr std::string_view kBegin = "```yaml\n";
  for (std::size_t at = 0; (at = markdown.find(kBegin, at)) != std::string::npos;) {
    at += kBegin.size();
    examples.push_back(markdown.substr(at, markdown.find("```", at) - at));
  }
  return examples;
}

}  // namespace

TEST_CASE("the documented examples of errors, custom metrics and backups are read") {
  const auto examples = Examples(fleet::PrintConfigPartsMarkdown());
  REQUIRE(examples.size() == 3);
  const Reading errors = Read(examples[0]);
  CHECK(errors.messages == "");
  CHECK(errors.config.fleet.errors.rules ==
        std::vector<fleet::ErrorRule>{{"quota exceeded", "", "", "critical", "quota"},
                                      {"", "web-.*", "404", "info", "not_found"}});
  CHECK(errors.config.fleet.errors.components.at("billing") ==
        fleet::ComponentErrors{{{"", "", "4..", "critical", "client_error"}},
                               fleet::RepeatedTimeouts{2, std::chrono::minutes(1)}});
  const Reading custom = Read(examples[1]);
  CHECK(custom.messages == "");
  REQUIRE(custom.config.fleet.custom.size() == 2);
  CHECK(custom.config.fleet.custom[0].labels ==
        std::vector<fleet::CustomLabel>{{"shop", {"eu", "us"}, 20}, {"product", {}, 50}});
  CHECK(custom.config.fleet.custom[1].bounds == std::vector<double>{0.5, 1, 2, 5, 10, 30});
  const Reading backups = Read(examples[2]);
  CHECK(backups.messages == "");
  CHECK(backups.config.fleet.backups.at("database").rpo == std::chrono::hours(24));
  CHECK(backups.config.fleet.backups.at("database").rto == std::chrono::hours(1));
}

TEST_CASE("what is wrong with error rules is reported with its place") {
  CHECK(Read("errors:\n"
             "  rules:\n"
             "    - {message: \"(\", severity: fatal, category: x}\n"
             "    - {severity: info, category: x}\n"
             "  repeated_timeouts: {count: 0, within: 5m}\n"
             "  unknown: 1\n")
            .messages ==
        "x.yaml:3:17: error: 'message' is no RE2 pattern: missing ): ( [regex-invalid]\n"
        "x.yaml:3:32: error: 'severity' must be critical, warning or info, not 'fatal' [value-type]\n"
        "x.yaml:4:8: error: an error rule needs 'message', 'component' or 'code' [value-missing]\n"
        "x.yaml:5:30: error: 'count' must be a whole number from 1 to 1000 [value-range]\n"
        "x.yaml:6:3: error: section 'errors' has no key 'unknown' [key-unknown]\n");
}

TEST_CASE("declared metrics are linted where they stand") {
  CHECK(Read("custom_metrics:\n"
             "  - {name: orders, type: counter, help: Orders}\n"
             "  - {name: runs, type: gauge, help: Runs}\n")
            .messages ==
        "x.yaml:2:12: error: metric 'orders': a counter ends in '_total'; rename it to 'orders_total' "
        "[metric-lint]\n"
        "x.yaml:3:12: error: metric 'runs': the name is there twice; rename or drop one [metric-lint]\n");
  CHECK(Read("custom_metrics:\n"
             "  - {name: a_seconds, type: histogram, unit: seconds, help: A, buckets: slow, max_series: 0}\n")
            .messages ==
        "x.yaml:2:73: error: 'buckets' must be fast, latency, work, lifetime, bytes or messages, not 'slow' "
        "[value-type]\n"
        "x.yaml:2:91: error: 'max_series' must be a whole number from 1 to 100000 [value-range]\n");
  CHECK(Read("custom_metrics: [{name: orders, type: gauge, help: Orders, cumulative: true}]\n").messages ==
        "x.yaml:1:72: error: only a counter can be 'cumulative' [value-range]\n");
}
