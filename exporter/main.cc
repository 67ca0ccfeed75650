// fleet_exporter: reads the command line and does what it says.
#include <fmt/format.h>

#include <cstdio>
#include <string_view>
#include <variant>

#include "exporter/app.h"
#include "exporter/options.h"
#include "exporter/simulate/simulate.h"
#include "exporter/store_command.h"
#include "lib/catalog/print.h"

namespace fleet {
namespace {

int Exit(const EarlyExit& early) {
  fmt::print(early.code == 0 ? stdout : stderr, "{}", early.text);
  return early.code;
}

int RunExporter(int argc, const char* const* argv) {
  const auto parsed = ParseOptions(argc, argv);
  if (const auto* early = std::get_if<EarlyExit>(&parsed)) return Exit(*early);
  const auto& options = std::get<Options>(parsed);
  const auto loaded = LoadConfig(options);
  if (const auto* early = std::get_if<EarlyExit>(&loaded)) return Exit(*early);
  const auto& config = std::get<Config>(loaded);
  if (options.config_check) return Exit({0, fmt::format("{}: ok\n", options.config_file)});
  if (options.print_catalog == "json") return Exit({0, catalog::PrintJson(config.metric_namespace)});
  if (options.print_catalog == "markdown") return Exit({0, catalog::PrintMarkdown(config.metric_namespace)});
  return RunApp(options, config);
}

}  // namespace
}  // namespace fleet

int main(int argc, char** argv) {
  if (argc > 1 && std::string_view(argv[1]) == "simulate") {
    return fleet::simulate::RunSimulate(argc - 1, argv + 1);
  }
  if (argc > 1 && std::string_view(argv[1]) == "store") return fleet::RunStoreCommand(argc - 1, argv + 1);
  return fleet::RunExporter(argc, argv);
}
