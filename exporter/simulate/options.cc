#include "exporter/simulate/options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <string_view>
#include <vector>

#include "lib/base/text.h"
#include "lib/base/usage.h"

namespace fleet::simulate {
namespace {

constexpr char kProgram[] = "fleet_exporter simulate";
constexpr char kDescription[] =
    "Simulates a fleet that sends its events to a running exporter over HTTP, in real time:\n"
    "workers, runners, tasks, queues, agents, sandboxes, requests, backups.";

std::string Footer() {
  std::string text = "Incidents, one after another:\n";
  for (const IncidentDef& def : Incidents()) {
    text += fmt::format("  {:<14}{}\n", def.name, def.help);
  }
  text +=
      "\nDurations are written as 30s, 5m or 1h30m.\n"
      "Ends with 0; with 1 when the exporter rejected events; with 2 when it could not be reached.\n\n"
      "Examples:\n"
      "  fleet_exporter simulate --workers 20 --rate 10 --incident worker-death --duration 5m\n"
      "  fleet_exporter simulate --history samples.om --duration 6h --incident error-burst\n"
      "  promtool tsdb create-blocks-from openmetrics samples.om data/\n";
  return text;
}

// An empty text, or what is wrong with it (the contract of CLI11's checks).
std::string CheckDuration(const std::string& text) {
  const std::optional<Duration> duration = ParseDuration(text);
  if (duration.has_value() && duration->count() > 0) return "";
  return fmt::format("'{}' is no duration; write 30s, 5m or 1h30m", text);
}

std::string CheckUrl(const std::string& text) {
  if (text.starts_with("http://") || text.starts_with("https://")) return "";
  return fmt::format("'{}' is no URL; write http://host:port", text);
}

std::string CheckRunId(const std::string& text) {
  const bool plain =
      std::ranges::all_of(text, [](char c) { return IsLetter(c) || IsDigit(c) || c == '-' || c == '_'; });
  if (plain && !text.empty() && text.size() <= 40) return "";
  return "a run id has 1 to 40 of the characters a-z, A-Z, 0-9, - and _";
}

std::string CheckIncident(const std::string& text) {
  std::vector<std::string_view> names;
  for (const IncidentDef& def : Incidents()) names.push_back(def.name);
  if (std::ranges::find(names, text) != names.end()) return "";
  const std::optional<std::string_view> close = ClosestMatch(text, names);
  if (close.has_value()) return fmt::format("'{}' is no incident; did you mean '{}'?", text, *close);
  return fmt::format("'{}' is no incident; see the list in --help", text);
}

Incident FindIncident(std::string_view name) {
  return std::ranges::find(Incidents(), name, &IncidentDef::name)->incident;
}

// What CLI11 fills in: texts that its checks have accepted.
struct Texts {
  std::string duration;
  std::string after = "30s";
  std::string first;
  std::string history;
  std::string history_interval = "30s";
  std::int64_t history_end = 0;
  std::string incident_duration = "2m";
  std::string heartbeat_interval = "5s";
  std::vector<std::string> incidents;
};

void DeclareHistory(CLI::App& app, Texts& texts) {
  app.add_option("--history", texts.history,
                 "Send nothing; write the past --duration as samples for promtool to this file")
      ->type_name("FILE");
  app.add_option("--history-interval", texts.history_interval, "Time between the scrapes of the history")
      ->check(CheckDuration, "")
      ->type_name("DURATION")
      ->capture_default_str();
  app.add_option("--history-end", texts.history_end, "Unix time of the last scrape (default: now)")
      ->check(CLI::NonNegativeNumber.description(""))
      ->type_name("SECONDS");
}

HistoryOptions HistoryOf(const Texts& texts, Duration length) {
  HistoryOptions history;
  history.file = texts.history;
  history.length = length;
  history.interval = *ParseDuration(texts.history_interval);
  history.end = texts.history_end > 0 ? UnixMillis{texts.history_end * 1000} : SystemClock().Now();
  return history;
}

void Declare(CLI::App& app, SimulateOptions& options, Texts& texts) {
  SimulationOptions& simulation = options.simulation;
  app.add_option("--url", options.url, "Ingest address of the exporter")
      ->check(CheckUrl, "")
      ->type_name("URL")
      ->capture_default_str();
  app.add_option("--workers", simulation.workers, "Workers; a quarter are orchestrators")
      ->check(CLI::Range(2, 10'000).description(""))
      ->type_name("N")
      ->capture_default_str();
  app.add_option("--rate", simulation.rate, "Tasks per second; other rates follow it")
      ->check(CLI::Range(0.1, 10'000.0).description(""))
      ->type_name("R")
      ->capture_default_str();
  app.add_option("--seed", simulation.seed, "The same seed gives the same events")
      ->type_name("S")
      ->capture_default_str();
  app.add_option("--run-id", simulation.run_id,
                 "Part of all ids; two runs with one id are duplicates (default: a new one)")
      ->check(CheckRunId, "")
      ->type_name("ID");
  app.add_option("--duration", texts.duration, "How long it runs (default: until Ctrl-C)")
      ->check(CheckDuration, "")
      ->type_name("DURATION");
  app.add_option("--heartbeat-interval", texts.heartbeat_interval, "Between heartbeats of a worker")
      ->check(CheckDuration, "")
      ->type_name("DURATION")
      ->capture_default_str();
  app.add_option("--incident", texts.incidents, "What goes wrong (repeatable)")
      ->check(CheckIncident, "")
      ->type_name("NAME")
      ->expected(1)
      ->take_all();
  app.add_option("--incident-after", texts.after, "Quiet time before each incident")
      ->check(CheckDuration, "")
      ->type_name("DURATION")
      ->capture_default_str();
  app.add_option("--incident-first", texts.first, "Quiet time before the first one (default: as the others)")
      ->check(CheckDuration, "")
      ->type_name("DURATION");
  app.add_option("--incident-duration", texts.incident_duration, "How long each incident lasts")
      ->check(CheckDuration, "")
      ->type_name("DURATION")
      ->capture_default_str();
  app.add_flag("--incident-repeat", simulation.incidents.repeat,
               "Begin again with the first incident after the last one");
}

}  // namespace

std::variant<SimulateOptions, EarlyExit> ParseSimulateOptions(int argc, const char* const* argv) {
  SimulateOptions options;
  Texts texts;
  CLI::App app(kDescription, kProgram);
  app.footer(Footer());
  app.get_formatter()->column_width(36);
  Declare(app, options, texts);
  DeclareHistory(app, texts);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    return EarlyExit{0, app.help()};
  } catch (const CLI::ExtrasError&) {
    return EarlyExit{2, UsageError(kProgram, UnknownArgument(app.remaining().front(), FlagsOf(app)))};
  } catch (const CLI::ParseError& error) {
    return EarlyExit{2, UsageError(kProgram, error.what())};
  }
  options.run_id_given = app.count("--run-id") > 0;
  while (options.url.ends_with('/')) options.url.pop_back();
  if (!texts.duration.empty()) options.duration = ParseDuration(texts.duration);
  SimulationOptions& simulation = options.simulation;
  simulation.heartbeat_interval = *ParseDuration(texts.heartbeat_interval);
  simulation.incidents.after = *ParseDuration(texts.after);
  if (!texts.first.empty()) simulation.incidents.first = ParseDuration(texts.first);
  simulation.incidents.duration = *ParseDuration(texts.incident_duration);
  for (const std::string& name : texts.incidents) {
    simulation.incidents.sequence.push_back(FindIncident(name));
  }
  if (!texts.history.empty()) {
    if (!options.duration) {
      return EarlyExit{2, UsageError(kProgram, "--history needs --duration")};
    }
    options.history = HistoryOf(texts, *options.duration);
  }
  return options;
}

}  // namespace fleet::simulate
