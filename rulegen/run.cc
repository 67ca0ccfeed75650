#include "rulegen/run.h"

#include <ostream>
#include <variant>

#include "rulegen/commands/commands.h"
#include "rulegen/options.h"

namespace fleet::rulegen {

int Run(std::span<const std::string> args, std::ostream& out, std::ostream& err) {
  const std::variant<Options, Message> parsed = ParseOptions(args);
  if (const auto* message = std::get_if<Message>(&parsed)) {
    (message->is_error ? err : out) << message->text;
    return message->is_error ? kWorldError : kSuccess;
  }
  const auto& options = std::get<Options>(parsed);
  for (const Command& command : Commands()) {
    if (command.name == options.command) return command.run(options, out, err);
  }
  return kWorldError;  // ParseOptions lets only names of the table through
}

}  // namespace fleet::rulegen
