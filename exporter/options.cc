#include "exporter/options.h"

#include <fmt/format.h>
#include <sys/utsname.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>

#include "build_info.h"
#include "lib/base/text.h"
#include "lib/base/usage.h"

namespace fleet {
namespace {

// A flag that is no setting.
struct Action {
  std::string_view flag;
  std::string_view value;
  std::string_view help;
};
constexpr Action kActions[] = {
    {"--config.file", "FILE", "Read the configuration from FILE; flags win over it"},
    {"--config.check", "", "Report the problems of the configuration and end"},
    {"--print-catalog", "json|markdown", "Print every metric of this exporter and end"},
    {"--version", "", "Print the version and end"},
    {"--help", "", "Print this text and end"},
};

constexpr char kUsage[] =
    R"(Shows a fleet of workers, runners, queues, tasks, sandboxes and agents to Prometheus.

Usage: fleet_exporter [FLAGS]
       fleet_exporter simulate [FLAGS]    a simulated fleet that sends events; see its --help
       fleet_exporter store COMMAND       checks, prints or compacts the store; see its --help

Flags:
)";

constexpr char kExample[] = R"(
Example:
  fleet_exporter --config.file=/etc/fleet/exporter.yaml --log.level=warn &
  curl -X PUT localhost:10941/api/v1/heartbeats/sandbox/worker-7
  curl -s localhost:10940/metrics
)";

std::string HelpLine(std::string_view flag, std::string_view value, std::string_view help) {
  constexpr std::size_t kColumn = 38;
  std::string left = fmt::format("  {}{}{}", flag, value.empty() ? "" : "=", value);
  if (left.size() + 2 > kColumn) left += "\n" + std::string(kColumn, ' ');
  return fmt::format("{:<{}}{}\n", left, kColumn, help);
}

std::string Help() {
  const Config defaults;
  std::string text = kUsage;
  for (const Action& action : kActions) text += HelpLine(action.flag, action.value, action.help);
  for (const Setting& setting : Settings()) {
    if (setting.flag.empty()) continue;
    const std::string help = setting.value.empty()
                                 ? std::string(setting.help)
                                 : fmt::format("{} ({})", setting.help, setting.print(defaults));
    text += HelpLine(setting.flag, setting.value, help);
  }
  return text + kExample;
}

std::string Version() {
  utsname system{};
  uname(&system);
  return fmt::format(
      "fleet_exporter, version {} (branch: {}, revision: {})\n  compiler: {}\n  platform: {}/{}\n", kVersion,
      kBranch, kRevision, kCompiler, system.sysname, system.machine);
}

std::vector<std::string> AllFlags() {
  std::vector<std::string> flags;
  for (const Action& action : kActions) flags.emplace_back(action.flag);
  for (const Setting& setting : Settings()) {
    if (!setting.flag.empty()) flags.emplace_back(setting.flag);
  }
  return flags;
}

std::string WrongValue(std::string_view flag, std::string_view value, std::string_view expected) {
  return fmt::format("{} must be {}, not '{}'", flag, expected, Printable(value));
}

// CLI11 cuts the command line into flags and values; what they mean is said here.
class CommandLine {
 public:
  CommandLine() : app_("", kProgram) {
    app_.set_help_flag();
    app_.allow_extras();
    for (const Action& action : kActions) Declare(action.flag, action.value.empty());
    for (const Setting& setting : Settings()) {
      if (!setting.flag.empty()) Declare(setting.flag, setting.value.empty());
    }
  }

  // An error text, or nothing.
  std::optional<std::string> Parse(int argc, const char* const* argv) {
    try {
      app_.parse(argc, argv);
    } catch (const CLI::ArgumentMismatch& error) {  // "--log.level: 1 required TEXT missing"
      const std::string_view text = error.what();
      return fmt::format("{} needs a value", text.substr(0, text.find(':')));
    } catch (const CLI::ParseError& error) {
      return error.what();
    }
    if (const auto rest = app_.remaining(); !rest.empty()) return UnknownArgument(rest.front(), AllFlags());
    for (const auto& [flag, values] : values_) {
      for (const std::string& value : values) {
        if (value.empty()) return fmt::format("{} needs a value", flag);
      }
    }
    return std::nullopt;
  }

  bool Has(std::string_view flag) const { return !Values(flag).empty(); }
  const std::vector<std::string>& Values(std::string_view flag) const { return values_.find(flag)->second; }

 private:
  void Declare(std::string_view flag, bool is_switch) {
    std::vector<std::string>& values = values_[std::string(flag)];
    if (is_switch) {
      app_.add_flag_function(std::string(flag),
                             [&values](std::int64_t count) { values = {count > 0 ? "true" : "false"}; });
    } else {
      app_.add_option(std::string(flag), values)->expected(1)->take_all();
    }
  }

  CLI::App app_;
  std::map<std::string, std::vector<std::string>, std::less<>> values_;
};

std::optional<std::string> TakeSetting(const Setting& setting, const std::vector<std::string>& values,
                                       Options& options) {
  if (values.size() > 1 && !setting.is_list()) return fmt::format("{} is given twice", setting.flag);
  Config scratch;
  for (const std::string& value : values) {
    if (const auto expected = setting.set(scratch, value)) return WrongValue(setting.flag, value, *expected);
  }
  options.given.push_back({&setting, values});
  return std::nullopt;
}

std::optional<std::string> Take(const CommandLine& line, Options& options) {
  for (const Setting& setting : Settings()) {
    if (setting.flag.empty() || !line.Has(setting.flag)) continue;
    if (const auto error = TakeSetting(setting, line.Values(setting.flag), options)) return error;
  }
  if (line.Has("--config.file")) options.config_file = line.Values("--config.file").back();
  options.config_check = line.Has("--config.check");
  if (options.config_check && options.config_file.empty()) return "--config.check needs --config.file";
  if (!line.Has("--print-catalog")) return std::nullopt;
  options.print_catalog = line.Values("--print-catalog").back();
  if (options.print_catalog == "json" || options.print_catalog == "markdown") return std::nullopt;
  return WrongValue("--print-catalog", options.print_catalog, "json or markdown");
}

}  // namespace

std::variant<Options, EarlyExit> ParseOptions(int argc, const char* const* argv) {
  CommandLine line;
  if (const auto error = line.Parse(argc, argv)) return EarlyExit{2, UsageError(kProgram, *error)};
  if (line.Has("--help")) return EarlyExit{0, Help()};
  if (line.Has("--version")) return EarlyExit{0, Version()};
  Options options;
  if (const auto error = Take(line, options)) return EarlyExit{2, UsageError(kProgram, *error)};
  return options;
}

Result<Config> ApplyFlags(Config config, const Options& options) {
  for (const Options::Given& given : options.given) {
    if (given.setting->is_list()) given.setting->clear(config);
    for (const std::string& value : given.values) given.setting->set(config, value);
  }
  if (const auto conflicts = FindConflicts(config); !conflicts.empty()) return Fail(conflicts.front().text);
  return config;
}

}  // namespace fleet
