#include "lib/base/usage.h"

#include <fmt/format.h>

#include "lib/base/text.h"

namespace fleet {

std::string Unknown(std::string_view what, std::string_view word, std::span<const std::string_view> known) {
  const auto closest = ClosestMatch(word, known);
  if (!closest) return fmt::format("unknown {} '{}'", what, Printable(word));
  return fmt::format("unknown {} '{}', did you mean '{}'?", what, Printable(word), *closest);
}

std::string UnknownArgument(std::string_view argument, std::span<const std::string> flags) {
  if (!argument.starts_with('-')) return fmt::format("unexpected '{}'", Printable(argument));
  return Unknown("flag", argument.substr(0, argument.find('=')),
                 std::vector<std::string_view>(flags.begin(), flags.end()));
}

std::string UsageError(std::string_view program, std::string_view text) {
  return fmt::format("{}: error: {}{}try --help\n", program, text, text.ends_with('?') ? " " : ", ");
}

}  // namespace fleet
