#include "rulegen/options.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace fleet::rulegen {
namespace {

std::string MessageOf(const std::vector<std::string>& args) {
  const auto parsed = ParseOptions(args);
  const auto* message = std::get_if<Message>(&parsed);
  return message == nullptr ? "" : message->text;
}

TEST_CASE("options have defaults, and take the values of flags") {
  const std::vector<std::string> none = {"build"};
  const auto parsed = ParseOptions(none);
  const auto* defaults = std::get_if<Options>(&parsed);
  REQUIRE(defaults != nullptr);
  CHECK(defaults->command == "build");
  CHECK(defaults->policy == "slo/policies.yaml");
  CHECK(defaults->output_dir == ".");
  CHECK_FALSE(defaults->check);

  const std::vector<std::string> all = {"build", "--policy", "p", "--output-dir=o", "--check"};
  const auto given = ParseOptions(all);
  const auto* options = std::get_if<Options>(&given);
  REQUIRE(options != nullptr);
  CHECK(options->policy == "p");
  CHECK(options->output_dir == "o");
  CHECK(options->check);
}

TEST_CASE("a wrong command line is one line") {
  CHECK(MessageOf({}) == "rulegen: error: which command? try --help\n");
  CHECK(MessageOf({"biuld"}) ==
        "rulegen: error: unknown command 'biuld', did you mean 'build'? try --help\n");
  CHECK(MessageOf({"build", "--polcy", "x"}) ==
        "rulegen: error: unknown flag '--polcy', did you mean '--policy'? try --help\n");
  CHECK(MessageOf({"build", "x"}) == "rulegen: error: unexpected 'x', try --help\n");
  CHECK(MessageOf({"check", "--check"}) == "rulegen: error: unknown flag '--check', try --help\n");
  CHECK(MessageOf({"build", "--policy"}) ==
        "rulegen: error: --policy: 1 required FILE missing, try --help\n");
}

TEST_CASE("the version names the program") { CHECK(MessageOf({"--version"}).rfind("rulegen ", 0) == 0); }

}  // namespace
}  // namespace fleet::rulegen
