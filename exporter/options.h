// The command line.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "exporter/config.h"
#include "exporter/settings.h"
#include "lib/base/result.h"

namespace fleet {

inline constexpr char kProgram[] = "fleet_exporter";

struct Options {
  std::string config_file;  // empty: none
  bool config_check = false;
  std::string print_catalog;  // "json", "markdown" or empty

  struct Given {
    const Setting* setting;
    std::vector<std::string> values;  // all fit
  };
  std::vector<Given> given;
};

// The command line asks for a text (0), or is wrong (2).
struct EarlyExit {
  int code = 0;
  std::string text;
};

std::variant<Options, EarlyExit> ParseOptions(int argc, const char* const* argv);

// Defaults or file, then flags. Fails when the flags make a conflict that the file alone has not.
Result<Config> ApplyFlags(Config config, const Options& options);

}  // namespace fleet
