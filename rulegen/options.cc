#include "rulegen/options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <vector>

#include "build_info.h"
#include "lib/base/text.h"
#include "lib/base/usage.h"
#include "rulegen/commands/commands.h"

namespace fleet::rulegen {
namespace {

std::string VersionText() { return fmt::format("rulegen {} ({}, {})\n", kVersion, kRevision, kCompiler); }

void AddFormat(CLI::App& sub, Options& options) {
  sub.add_option("--format", options.format, "text, markdown or json")
      ->capture_default_str()
      ->check(CLI::IsMember({"text", "markdown", "json"}).description(""))
      ->type_name("FORMAT");
}

void AddProofFlags(CLI::App& sub, Options& options) {
  sub.add_option("--rules", options.rules,
                 "The folder of the rules to prove; default: alerts/ of --output-dir")
      ->type_name("FOLDER");
  CLI::Option* slo = sub.add_option("--slo", options.slo, "Only this SLO")->type_name("NAME");
  sub.add_option("--alert", options.alert, "Only this threshold alert")->type_name("NAME")->excludes(slo);
  sub.add_option("--errors", options.errors,
                 "Shares of errors, after a history without any; default: 100%,2%")
      ->type_name("SHARES");
  sub.add_option("--work-dir", options.work_dir, "Keep rules and tests here; default: a temporary folder")
      ->type_name("FOLDER");
  sub.add_option("--promtool", options.promtool, "Default: $PROMTOOL, or the one on the PATH")
      ->type_name("FILE");
  sub.add_flag("--full-history", options.full_history,
               "Fill windows of days before errors begin, as the formulas assume; ten times slower");
  sub.add_flag("--write-only", options.write_only, "Write rules and tests to --work-dir and run nothing");
}

void AddDashboardFormat(CLI::App& sub, Options& options) {
  sub.add_option("--dashboard-format", options.dashboard_format,
                 "classic for every Grafana and every way in, v2 for Grafana 13's own")
      ->check(CLI::IsMember({"classic", "v2"}).description(""))
      ->type_name("FORMAT")
      ->capture_default_str();
}

// What only some commands take.
void AddOwnFlags(CLI::App& sub, std::string_view command, Options& options) {
  if (command == "build") {
    AddDashboardFormat(sub, options);
    sub.add_flag("--check", options.check, "Compare with the files there and write nothing, as `check` does");
  } else if (command == "check") {
    AddDashboardFormat(sub, options);
    sub.add_option("--metrics", options.metrics,
                   "A URL or a saved scrape: check that all that is asked for is there")
        ->type_name("URL|FILE");
  } else if (command == "test") {
    AddProofFlags(sub, options);
  } else if (command == "simulate") {
    sub.add_option("--slo", options.slo, "Only this SLO")->type_name("NAME");
    sub.add_option("--errors", options.errors, "Shares of errors; default: 100%,10%,1%,0.2%")
        ->type_name("SHARES");
    sub.add_option("--incident", options.incident, "Steps in a row: 30m@2%,10m@100%")->type_name("STEPS");
    AddFormat(sub, options);
  } else if (command == "diff") {
    sub.add_option("old", options.old_policy, "The policy before")->type_name("FILE")->required();
    sub.add_option("new", options.new_policy, "The policy after")->type_name("FILE")->required();
    AddFormat(sub, options);
  }
}

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
    if (command.name != "diff") {
      sub->add_option("--policy", options.policy, "The policy to read")
          ->type_name("FILE")
          ->capture_default_str();
    }
    // All commands look there for the pages of runbooks.
    sub->add_option("--output-dir", options.output_dir, "Where alerts/, dashboards/ and the runbooks are")
        ->type_name("FOLDER")
        ->capture_default_str();
    AddOwnFlags(*sub, command.name, options);
  }
}

std::string Examples() {
  std::string text = "Examples:";
  for (const Command& command : Commands()) text += fmt::format("\n  {}", command.example);
  return text +
         "\n\nExit codes: 0 all is well; 1 the policy or an expression is wrong, generated files are out of "
         "date,\n"
         "a proof fails, or a scrape lacks what is asked for; 2 a file cannot be read or written, or a flag "
         "is wrong.";
}

std::string UnknownCommand(std::string_view word) {
  std::vector<std::string_view> names;
  for (const Command& command : Commands()) names.push_back(command.name);
  return Unknown("command", word, names);
}

// CLI11 lists what it could not place from the last to the first, and calls a wrong command a missing one.
std::string Explain(const CLI::ParseError& error, const CLI::App& app, std::span<const std::string> args) {
  if (app.get_subcommands().empty()) {
    for (const std::string& arg : args) {
      if (!arg.starts_with('-')) return UnknownCommand(arg);
    }
    return "which command?";
  }
  if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr) {
    const std::vector<std::string> unexpected = app.remaining(true);
    for (const std::string& arg : args) {
      if (std::find(unexpected.begin(), unexpected.end(), arg) != unexpected.end()) {
        return UnknownArgument(arg, FlagsOf(*app.get_subcommands().front()));
      }
    }
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
    return Message{UsageError("rulegen", Explain(error, app, args)), true};
  }
}

}  // namespace fleet::rulegen
