// fleet_exporter store check | export | compact
#pragma once

namespace fleet {

// `argv[0]` is "store". The exit code of the process.
int RunStoreCommand(int argc, const char* const* argv);

}  // namespace fleet
