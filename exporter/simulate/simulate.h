// `fleet_exporter simulate`: a simulated fleet that talks to the real HTTP API.
#pragma once

namespace fleet::simulate {

// argv[0] is "simulate". Runs until it ends or a signal comes; the exit code of the process: 0, 1 when
// events were rejected, 2 when the exporter could not be reached or the command line was wrong.
int RunSimulate(int argc, const char* const* argv);

}  // namespace fleet::simulate
