#include "exporter/fleet/errors.h"

#include <catch2/catch.hpp>

#include "exporter/fleet/error_rules.h"
#include "tests/unit/exporter/fleet/fleet_fixture.h"

using fleet::test::FleetFixture;
using fleet::test::Lines;

TEST_CASE("errors are classified by their text, then by their code") {
  const struct {
    const char* message;
    const char* code;
    const char* severity;
    const char* category;
  } kCases[] = {
      {"D1 DATABASE error: no such table", "", "critical", "database"},
      {"Fatal: cannot continue", "", "critical", "fatal"},
      {"SyntaxError: unexpected token", "", "critical", "syntax"},
      {"out of memory", "", "critical", "resources"},
      {"Validation failed for field x", "", "warning", "validation"},
      {"GitHub rate limit exceeded", "", "warning", "rate_limit"},
      {"request timed out", "", "warning", "timeout"},
      {"connection refused", "", "warning", "network"},
      {"database timeout", "", "critical", "database"},
      {"something", "404", "warning", "client_error"},
      {"something", "429", "warning", "rate_limit"},
      {"something", "503", "critical", "server_error"},
      {"something", "504", "warning", "timeout"},
      {"something", "E42", "info", "other"},
      {"", "", "info", "other"},
  };
  const fleet::ErrorRules rules{fleet::ErrorConfig{}};  // the classes are views of its texts
  for (const auto& c : kCases) {
    CAPTURE(c.message, c.code);
    const fleet::ErrorClass error_class = rules.Classify("api", c.message, c.code);
    CHECK(error_class.severity == c.severity);
    CHECK(error_class.category == c.category);
  }
}

TEST_CASE("configured rules go before the built-in ones, those of a component first") {
  fleet::ErrorConfig config;
  config.rules = {{"quota", "", "", "critical", "quota"}, {"", "web-.*", "404", "info", "not_found"}};
  config.components["billing"].rules = {{"", "", "4..", "critical", "client_error"}};
  const fleet::ErrorRules rules(config);
  const auto classify = [&](const char* component, const char* message, const char* code) {
    const fleet::ErrorClass found = rules.Classify(component, message, code);
    return std::string(found.severity) + " " + std::string(found.category);
  };
  CHECK(classify("api", "Quota exceeded", "") == "critical quota");
  CHECK(classify("web-1", "gone", "404") == "info not_found");
  CHECK(classify("the web-1", "gone", "404") == "warning client_error");  // the whole name
  CHECK(classify("web-1", "gone", "4044") == "info other");               // the whole code
  CHECK(classify("billing", "Quota exceeded", "402") == "critical client_error");
  CHECK(classify("billing", "Quota exceeded", "") == "critical quota");
}

TEST_CASE("without the built-in rules only the configured ones hold") {
  fleet::ErrorConfig config;
  config.builtin_rules = false;
  CHECK(fleet::ErrorRules(config).Classify("api", "database is gone", "500").category == "other");
}

TEST_CASE("a pattern that RE2 does not take is told so") {
  CHECK(fleet::CheckPattern("a|b") == std::nullopt);
  CHECK(fleet::CheckPattern("(") == "missing ): (");
}

TEST_CASE("each component may have its own limit of timeouts, and reloading changes it") {
  fleet::FleetLimits limits;
  limits.errors.components["billing"].repeated = {2, std::chrono::minutes(1)};
  FleetFixture fleet(limits);
  const std::string critical = R"(errors_total{component="billing",severity="critical",category="timeout"})";
  fleet.Send("error", {{"component", "billing"}, {"message", "timeout"}}, 0);
  fleet.Send("error", {{"component", "billing"}, {"message", "timeout"}}, 61);
  CHECK(fleet.Value(critical, 61) == "0");
  fleet.Send("error", {{"component", "billing"}, {"message", "timeout"}}, 121);
  CHECK(fleet.Value(critical, 121) == "1");
  limits.errors.components["billing"].repeated = {1, std::chrono::minutes(1)};
  fleet.fleet().SetLimits(limits);
  fleet.Send("error", {{"component", "billing"}, {"message", "timeout"}}, 900);
  CHECK(fleet.Value(critical, 900) == "2");
}

TEST_CASE("what the sender says of an error goes before the rules") {
  FleetFixture fleet;
  fleet.Send("error",
             {{"component", "api"}, {"message", "fatal"}, {"severity", "info"}, {"category", "mine"}});
  fleet.Send("error", {{"component", "api"}, {"message", "fatal"}, {"severity", "warning"}});
  CHECK(fleet.Changes(0.0) ==
        Lines{R"(errors_total{component="api",severity="info",category="mine"} 1)",
              R"(errors_total{component="api",severity="warning",category="fatal"} 1)"});
}

TEST_CASE("the third timeout of a component within five minutes is critical") {
  FleetFixture fleet;
  const auto send = [&](const char* component, double at) {
    fleet.Send("error", {{"component", component}, {"message", "timeout"}}, at);
  };
  send("api", 0);
  send("api", 100);
  send("other", 200);
  CHECK(fleet.Value(R"(errors_total{component="api",severity="critical",category="timeout"})", 300) == "0");
  send("api", 300);
  CHECK(fleet.Value(R"(errors_total{component="api",severity="critical",category="timeout"})", 300) == "1");
  send("api", 401);  // 100, 300, 401 are no five minutes apart
  send("api", 450);
  CHECK(fleet.Value(R"(errors_total{component="api",severity="critical",category="timeout"})", 450) == "2");
  CHECK(fleet.Value(R"(errors_total{component="api",severity="warning",category="timeout"})", 450) == "3");
}
