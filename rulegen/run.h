// The whole program as a function, for main and for tests.
#pragma once

#include <iosfwd>
#include <span>
#include <string>

namespace fleet::rulegen {

// `args` without the program's name. Returns what the process shall return.
int Run(std::span<const std::string> args, std::ostream& out, std::ostream& err);

}  // namespace fleet::rulegen
