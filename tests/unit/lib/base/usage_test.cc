#include "lib/base/usage.h"

#include <catch2/catch.hpp>

namespace fleet {
namespace {

TEST_CASE("a command line that is not understood is answered in one line") {
  constexpr std::string_view kCommands[] = {"build", "check"};
  CHECK(Unknown("command", "biuld", kCommands) == "unknown command 'biuld', did you mean 'build'?");
  CHECK(Unknown("command", "x\n", kCommands) == "unknown command 'x\\n'");
  const std::string flags[] = {"--policy", "--check"};
  CHECK(UnknownArgument("--polcy=a", flags) == "unknown flag '--polcy', did you mean '--policy'?");
  CHECK(UnknownArgument("polcy", flags) == "unexpected 'polcy'");
  CHECK(UsageError("rulegen", "which command?") == "rulegen: error: which command? try --help\n");
  CHECK(UsageError("rulegen", "unexpected 'x'") == "rulegen: error: unexpected 'x', try --help\n");
}

}  // namespace
}  // namespace fleet
