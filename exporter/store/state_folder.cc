#include "exporter/store/state_folder.h"

#include <string_view>

namespace fleet {

Result<std::string> StateFolder(const std::function<const char*(const char*)>& variable) {
  const auto value = [&](const char* name) {
    const char* const text = variable(name);
    return std::string(text == nullptr ? "" : text);
  };
  if (const std::string folder = value("STATE_DIRECTORY"); !folder.empty()) {
    return folder.substr(0, folder.find(':'));
  }
  // As the XDG base directory specification has it, relative paths do not count.
  if (const std::string state = value("XDG_STATE_HOME"); state.starts_with('/')) {
    return state + "/fleet_exporter";
  }
  if (const std::string home = value("HOME"); home.starts_with('/')) {
    return home + "/.local/state/fleet_exporter";
  }
  return Fail(
      "no folder for the store: $STATE_DIRECTORY, $XDG_STATE_HOME and $HOME are empty; choose one with "
      "--storage.path, or keep nothing with --storage.mode=memory");
}

}  // namespace fleet
