#include "exporter/store_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <variant>
#include <vector>

#include "exporter/app.h"
#include "exporter/exposition/text_format.h"
#include "exporter/options.h"
#include "exporter/store/durable_store.h"
#include "exporter/store/inspect.h"
#include "exporter/store/state_folder.h"
#include "lib/base/usage.h"

namespace fleet {
namespace {

constexpr char kHelp[] = R"(Looks after the store of a fleet_exporter.

Usage: fleet_exporter store COMMAND [FLAGS]

Commands:
  check     Look at every page and row of the store; also while the exporter runs
  export    Print the stored fleet as metrics; also while the exporter runs
  compact   Replace the journal by a snapshot and give unused space back; not while the exporter runs

Flags:
  --events            export: print the events of the journal instead, one CloudEvent a line
  --storage.path, --config.file, --metrics.namespace and all other flags of the exporter, which say where
  the store is. Without them it is where an exporter started by the same user has it.

Exit codes: 0 all is well, 1 the store is damaged, 2 a flag is wrong or the store cannot be opened.

Examples:
  fleet_exporter store check --storage.path=/var/lib/fleet_exporter
  fleet_exporter store export --config.file=/etc/fleet/exporter.yaml | grep _total
  fleet_exporter store export --events | curl -H 'Content-Type: application/x-ndjson' \
      --data-binary @- localhost:10941/api/v1/events
  systemctl stop fleet_exporter && fleet_exporter store compact
)";

int Fails(std::string_view message) {
  fmt::print(stderr, "fleet_exporter store: error: {}\n", message);
  return 2;
}

// What was wrong is said already, or what was asked for.
int Ends(const EarlyExit& early) {
  fmt::print(early.code == 0 ? stdout : stderr, "{}", early.text);
  return early.code == 0 ? 0 : 2;
}

int Check(const std::string& path) {
  const auto report = CheckStore(path);
  if (!report) return Fails(report.error().message);
  fmt::print("{}", report->Print(path));
  return report->problems.empty() ? 0 : 1;
}

int Export(const std::string& path, const Config& config, bool events) {
  const auto write = [](std::string_view text) {
    return std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  };
  if (events) {
    const auto listed = ListEvents(path, [&](std::string_view line) {
      write(line);
      write("\n");
    });
    return listed ? 0 : Fails(listed.error().message);
  }
  Fleet fleet(config.metric_namespace, config.fleet);
  if (const auto loaded = LoadStore(path, fleet); !loaded) return Fails(loaded.error().message);
  Snapshot snapshot;
  fleet.Collect(SystemClock().Now(), snapshot);
  RenderText(snapshot, write);
  return 0;
}

struct Silent final : StoreObserver {
  void Wrote(const std::string&, std::chrono::nanoseconds, UnixMillis) override {}
  void Compacted(std::size_t, std::chrono::nanoseconds) override {}
  void Trouble(const std::string& message) override {
    fmt::print(stderr, "fleet_exporter store: {}\n", message);
  }
};

int Compact(const std::string& folder, const Config& config) {
  const std::string path = StoreFileIn(folder);
  const auto before = CheckStore(path);
  if (!before) return Fails(before.error().message);
  if (!before->problems.empty()) return Fails(before->problems.front() + "; nothing has been changed");
  Fleet fleet(config.metric_namespace, config.fleet);
  const SystemClock clock;
  Silent observer;
  StoreOptions options;
  options.folder = folder;
  options.retention = config.storage.retention;
  options.max_ids = config.ingest.max_ids;
  auto store = DurableStore::Open(options, fleet, clock, observer);
  if (!store) return Fails(store.error().message);
  if (const auto done = (*store)->CompactFully(); !done) return Fails(done.error().message);
  const std::uint64_t after = (*store)->Stats().size_bytes;
  store->reset();
  fmt::print("{}: {} bytes, was {}\n", path, after, before->size_bytes);
  return 0;
}

}  // namespace

int RunStoreCommand(int argc, const char* const* argv) {
  std::vector<const char*> rest(argv, argv + argc);
  const std::string command = argc > 1 ? argv[1] : "";
  const auto is = [](std::string_view text) { return [text](const char* a) { return a == text; }; };
  if (command == "--help" || std::ranges::any_of(rest, is("--help"))) {
    fmt::print("{}", kHelp);
    return 0;
  }
  constexpr std::string_view kCommands[] = {"check", "export", "compact"};
  if (std::ranges::find(kCommands, command) == std::end(kCommands)) {
    const std::string text = command.empty() ? "which command?" : Unknown("command", command, kCommands);
    fmt::print(stderr, "{}", UsageError("fleet_exporter store", text));
    return 2;
  }
  rest.erase(rest.begin() + 1);
  const bool events = command == "export" && std::erase_if(rest, is("--events")) > 0;
  const auto parsed = ParseOptions(static_cast<int>(rest.size()), rest.data());
  if (const auto* early = std::get_if<EarlyExit>(&parsed)) return Ends(*early);
  const auto loaded = LoadConfig(std::get<Options>(parsed));
  if (const auto* early = std::get_if<EarlyExit>(&loaded)) return Ends(*early);
  const auto& config = std::get<Config>(loaded);
  std::string folder = config.storage.path;
  if (folder == StorageConfig::kStateFolder) {
    auto found = StateFolder([](const char* name) -> const char* { return std::getenv(name); });
    if (!found) return Fails(found.error().message);
    folder = *std::move(found);
  }
  if (command == "check") return Check(StoreFileIn(folder));
  if (command == "export") return Export(StoreFileIn(folder), config, events);
  return Compact(folder, config);
}

}  // namespace fleet
