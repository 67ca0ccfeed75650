// The sub-commands: one file and one row each.
#pragma once

#include <iosfwd>
#include <span>
#include <string_view>

#include "rulegen/options.h"

namespace fleet::rulegen {

// What the process returns.
enum ExitCode : int {
  kSuccess = 0,
  kUserError = 1,   // the policy is wrong, or what was generated is out of date
  kWorldError = 2,  // a file that cannot be read or written, a wrong flag
};

struct Command {
  std::string_view name;
  std::string_view help;
  std::string_view example;
  ExitCode (*run)(const Options&, std::ostream& out, std::ostream& err);
};

std::span<const Command> Commands();

ExitCode RunBuild(const Options& options, std::ostream& out, std::ostream& err);
ExitCode RunCheck(const Options& options, std::ostream& out, std::ostream& err);
ExitCode RunDiff(const Options& options, std::ostream& out, std::ostream& err);
ExitCode RunSimulate(const Options& options, std::ostream& out, std::ostream& err);
ExitCode RunTest(const Options& options, std::ostream& out, std::ostream& err);
ExitCode RunPromql(const Options& options, std::ostream& out, std::ostream& err);

}  // namespace fleet::rulegen
