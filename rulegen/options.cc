#include "rulegen/options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <vector>

#include "build_info.h"
#include "lib/base/text.h"
#include "rulegen/commands/commands.h"

namespace fleet::rulegen {
namespace {

std::string VersionText() { return fmt::format("rulegen {} ({}, {})\n", kVersion, kRevision, kCompiler); }

void AddPromqlOptions(CLI::App& app, Options& options) {
  app.add_option("expression", options.expression,
                 "What to read; without it, one JSON string per line of standard input");
  app.add_flag("--tree", options.tree, "Print the tree below the expression");
}

void AddCommands(CLI::App& app, Options& options) {
  for (const Command& command : Commands()) {
    CLI::App* sub = app.add_subcommand(std::string(command.name), std::string(command.help));
    sub->footer(fmt::format("Example:\n  {}", command.example));
    sub->callback([&options, &command] { options.command = command.name; });
    if (command.name == "promql") {
      AddPromqlOptions(*sub, options);
      continue;
    }
    sub->add_option("--policy", options.policy, "The policy to read")->capture_default_str();
    sub->add_option("--output-dir", options.output_dir, "Where alerts/ and dashboards/ are")
        ->capture_default_str();
    sub->add_option("--dashboard-format", options.dashboard_format,
                    "classic for every Grafana and every way in, v2 for Grafana 13's own")
        ->check(CLI::IsMember({"classic", "v2"}).description(""))
        ->type_name("FORMAT")
        ->capture_default_str();
    if (command.name == "build") {
      sub->add_flag("--check", options.check,
                    "Compare with the files there and write nothing, as `check` does");
    }
  }
}

std::string Examples() {
  std::string text = "Examples:";
  for (const Command& command : Commands()) text += fmt::format("\n  {}", command.example);
  return text +
         "\n\nExit codes: 0 all is well; 1 the policy is wrong, or generated files are out of date;\n"
         "2 a file cannot be read or written, or a flag is wrong.";
}

// CLI11 lists what it could not place from the last to the first, and calls a wrong command a missing one.
std::string Explain(const CLI::ParseError& error, const CLI::App& app, std::span<const std::string> args) {
  if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr) {
    const std::vector<std::string> unexpected = app.remaining(true);
    for (const std::string& arg : args) {
      if (std::find(unexpected.begin(), unexpected.end(), arg) == unexpected.end()) continue;
      return fmt::format("{} '{}'", arg.starts_with('-') ? "no flag" : "unexpected argument", arg);
    }
  }
  if (app.get_subcommands().empty()) {
    for (const std::string& arg : args) {
      if (!arg.starts_with('-')) return fmt::format("no command '{}'", arg);
    }
    return "which command?";
  }
  std::string what = error.what();
  std::replace(what.begin(), what.end(), '\n', ' ');
  return what;
}

}  // namespace

std::variant<Options, Message> ParseOptions(std::span<const std::string> args) {
  Options options;
  CLI::App app("Compiles SLO policies into Prometheus rules, alerts and Grafana dashboards.", "rulegen");
  app.set_version_flag("--version", VersionText());
  app.footer(Examples());
  app.require_subcommand(1);
  AddCommands(app, options);
  std::vector<std::string> reversed(args.rbegin(), args.rend());  // the order CLI11 takes them in
  try {
    app.parse(reversed);
    return options;
  } catch (const CLI::CallForHelp&) {
    const auto chosen = app.get_subcommands();
    const std::string help = chosen.empty() ? app.help() : chosen.front()->help("rulegen");
    return Message{std::string(Trim(help)) + "\n"};
  } catch (const CLI::CallForVersion&) {
    return Message{VersionText()};
  } catch (const CLI::ParseError& error) {
    return Message{fmt::format("rulegen: error: {}, try --help\n", Explain(error, app, args)), true};
  }
}

}  // namespace fleet::rulegen
