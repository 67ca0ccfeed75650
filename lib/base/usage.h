// What a program says of a command line that it does not understand.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fleet {

// "unknown command 'biuld', did you mean 'build'?", or without the question.
std::string Unknown(std::string_view what, std::string_view word, std::span<const std::string_view> known);

// The same of an argument, which is a flag, also with a value behind '=', or unexpected.
std::string UnknownArgument(std::string_view argument, std::span<const std::string> flags);

// The long flags of a CLI11 app.
template <typename App>
std::vector<std::string> FlagsOf(const App& app) {
  std::vector<std::string> flags;
  for (const auto* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) flags.push_back("--" + name);
  }
  return flags;
}

// One line with its end, for stderr.
std::string UsageError(std::string_view program, std::string_view text);

}  // namespace fleet
