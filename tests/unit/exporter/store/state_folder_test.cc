#include "exporter/store/state_folder.h"

#include <catch2/catch.hpp>
#include <map>

namespace {

std::string Folder(std::map<std::string, std::string> environment) {
  const auto folder = fleet::StateFolder([&](const char* name) {
    const auto it = environment.find(name);
    return it == environment.end() ? nullptr : it->second.c_str();
  });
  return folder ? *folder : folder.error().message;
}

}  // namespace

TEST_CASE("the state folder is systemd's, else that of the user") {
  CHECK(Folder({{"STATE_DIRECTORY", "/var/lib/fleet_exporter"}, {"HOME", "/root"}}) ==
        "/var/lib/fleet_exporter");
  CHECK(Folder({{"STATE_DIRECTORY", "/var/lib/a:/var/lib/b"}}) == "/var/lib/a");
  CHECK(Folder({{"XDG_STATE_HOME", "/x"}, {"HOME", "/home/u"}}) == "/x/fleet_exporter");
  CHECK(Folder({{"XDG_STATE_HOME", "relative"}, {"HOME", "/home/u"}}) ==
        "/home/u/.local/state/fleet_exporter");
}

TEST_CASE("without any folder the user is told what to do") {
  CHECK(Folder({{"HOME", ""}}) ==
        "no folder for the store: $STATE_DIRECTORY, $XDG_STATE_HOME and $HOME are empty; choose one with "
        "--storage.path, or keep nothing with --storage.mode=memory");
}
