#include "exporter/settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <system_error>

#include "exporter/config_parts.h"
#include "exporter/sources/source_config.h"
#include "exporter/web/listen_address.h"
#include "lib/base/text.h"

namespace fleet {
namespace {

using Expected = std::optional<std::string>;
using enum TakesEffect;

bool IsNameCharacter(char c) { return IsLetter(c) || IsDigit(c) || c == '_'; }

Expected ParseInteger(std::string_view text, std::int64_t least, std::int64_t most, std::int64_t& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  if (whole && value >= least && value <= most) return std::nullopt;
  return fmt::format("a whole number from {} to {}", least, most);
}

Expected SetNamespace(Config& config, std::string_view text) {
  const bool name = !text.empty() && !(text.front() >= '0' && text.front() <= '9') &&
                    std::ranges::all_of(text, IsNameCharacter);
  const bool taken = text == "process" || text == "scrape" || text == "go";
  if (!name || taken) return "a metric prefix: letters, digits and _, not process, scrape or go";
  config.metric_namespace = text;
  return std::nullopt;
}

Expected SetTelemetryPath(Config& config, std::string_view text) {
  const bool plain =
      text.starts_with('/') && std::ranges::all_of(text, [](char c) {
        return IsNameCharacter(c) || std::string_view("/-.~").find(c) != std::string_view::npos;
      });
  const bool taken = text == "/-/healthy" || text == "/-/ready" || text == "/-/reload" || text == "/healthz";
  if (!plain || taken) return "a path such as /metrics";
  config.web.telemetry_path = text;
  return std::nullopt;
}

Expected SetLogLevel(Config& config, std::string_view text) {
  const auto level = ParseLogLevel(text);
  if (!level) return "one of debug, info, warn, error";
  config.log_level = *level;
  return std::nullopt;
}

Expected SetLogFormat(Config& config, std::string_view text) {
  const auto format = ParseLogFormat(text);
  if (!format) return "one of logfmt, json";
  config.log_format = *format;
  return std::nullopt;
}

constexpr std::string_view kModeNames[] = {"durable", "async", "memory"};

Expected SetStorageMode(Config& config, std::string_view text) {
  const auto* const mode = std::ranges::find(kModeNames, text);
  if (mode == std::end(kModeNames)) return "one of durable, async, memory";
  config.storage.mode = static_cast<StorageMode>(mode - std::begin(kModeNames));
  return std::nullopt;
}

Expected SetStoragePath(Config& config, std::string_view text) {
  if (text.empty()) return "the path of a folder, or auto";
  config.storage.path = text;
  return std::nullopt;
}

// Rows by the type of their value. kOf says where it is: [](auto& c) -> auto& { return c.member; }.
struct Row {
  std::string_view key, flag, value, help;
  TakesEffect effect = kAtStart;
};

template <auto kOf, std::int64_t kLeast, std::int64_t kMost>
constexpr Setting Integer(const Row& row) {
  return {.key = row.key,
          .flag = row.flag,
          .value = row.value,
          .help = row.help,
          .effect = row.effect,
          .set =
              [](Config& config, std::string_view text) {
                std::int64_t value = 0;
                const Expected expected = ParseInteger(text, kLeast, kMost, value);
                using Value = std::remove_reference_t<decltype(kOf(config))>;
                if (!expected) kOf(config) = static_cast<Value>(value);
                return expected;
              },
          .print = [](const Config& config) { return std::to_string(kOf(config)); }};
}

template <auto kOf>
constexpr Setting Time(const Row& row) {
  return {.key = row.key,
          .flag = row.flag,
          .value = "DURATION",
          .help = row.help,
          .effect = row.effect,
          .set = [](Config& config, std::string_view text) -> Expected {
            const auto value = ParseDuration(text);
            if (!value || value->count() <= 0) return "a duration such as 90s, 5m or 1h30m";
            kOf(config) = *value;
            return std::nullopt;
          },
          .print = [](const Config& config) { return PrintDuration(kOf(config)); }};
}

template <auto kOf>
constexpr Setting Switch(const Row& row) {
  return {.key = row.key,
          .flag = row.flag,
          .value = "",
          .help = row.help,
          .effect = row.effect,
          .set = [](Config& config, std::string_view text) -> Expected {
            if (text != "true" && text != "false") return "true or false";
            kOf(config) = text == "true";
            return std::nullopt;
          },
          .print = [](const Config& config) { return fmt::format("{}", kOf(config)); }};
}

template <auto kOf>
constexpr Setting File(const Row& row) {
  return {.key = row.key,
          .flag = row.flag,
          .value = "FILE",
          .help = row.help,
          .effect = row.effect,
          .is_text = true,
          .set = [](Config& config, std::string_view text) -> Expected {
            if (text.empty()) return "the path of a file";
            kOf(config) = text;
            return std::nullopt;
          },
          .print = [](const Config& config) { return kOf(config); }};
}

template <auto kOf>
constexpr Setting Addresses(const Row& row) {
  return {.key = row.key,
          .flag = row.flag,
          .value = "ADDRESS",
          .help = row.help,
          .effect = row.effect,
          .is_text = true,
          .set = [](Config& config, std::string_view text) -> Expected {
            if (!ParseListenAddress(text)) return "an address: [HOST]:PORT or unix:/PATH";
            kOf(config).emplace_back(text);
            return std::nullopt;
          },
          .clear = [](Config& config) { kOf(config).clear(); },
          .print = [](const Config& config) { return Join(kOf(config), ", "); }};
}

constexpr std::int64_t kMostBytes = 1LL << 30;
constexpr std::int64_t kMostSeries = 10'000'000;

// clang-format off
constexpr Setting kSettings[] = {
    Addresses<[](auto& c) -> auto& { return c.web.listen_addresses; }>(
        {"web.listen_addresses", "--web.listen-address", "",
         "Where Prometheus scrapes, [HOST]:PORT or unix:/PATH; repeatable"}),
    {.key = "web.telemetry_path", .flag = "--web.telemetry-path", .value = "PATH",
     .help = "Path of the metrics", .is_text = true, .set = SetTelemetryPath,
     .print = [](const Config& c) { return c.web.telemetry_path; }},
    Integer<[](auto& c) -> auto& { return c.web.max_requests; }, 1, 1000>(
        {"web.max_requests", "--web.max-requests", "N", "Scrapes answered at the same time; more get a 503"}),
    Integer<[](auto& c) -> auto& { return c.web.max_connections; }, 16, 100'000>(
        {"web.max_connections", "", "N",
         "Connections of scrapers held; beyond, the one silent for longest is closed"}),
    File<[](auto& c) -> auto& { return c.web.config_file; }>(
        {"web.config_file", "--web.config.file", "",
         "TLS, users, headers and rate limit in the format of the Prometheus family (docs/security.md)"}),
    Switch<[](auto& c) -> auto& { return c.web.open_health; }>(
        {"web.open_health", "--web.open-health", "",
         "Answer /-/healthy and /healthz without authentication, for load balancers"}),
    Switch<[](auto& c) -> auto& { return c.web.disable_exporter_metrics; }>(
        {"web.disable_exporter_metrics", "--web.disable-exporter-metrics", "",
         "Leave out metrics about the exporter itself (exporter_*, process_*)", kOnReload}),
    Time<[](auto& c) -> auto& { return c.web.scrape_timeout; }>(
        {"web.scrape_timeout", "--web.scrape-timeout", "",
         "Time a scrape has that does not say so itself; sources have half a second less", kOnReload}),
    Switch<[](auto& c) -> auto& { return c.web.enable_lifecycle; }>(
        {"web.enable_lifecycle", "--web.enable-lifecycle", "",
         "Allow POST /-/reload, which reads the configuration again as SIGHUP does"}),
    Addresses<[](auto& c) -> auto& { return c.ingest.listen_addresses; }>(
        {"ingest.listen_addresses", "--ingest.listen-address", "",
         "Where events are sent; repeatable. Who reaches it can write"}),
    File<[](auto& c) -> auto& { return c.ingest.web_config_file; }>(
        {"ingest.web_config_file", "--ingest.web.config.file", "",
         "As --web.config.file, for the listener of events; without it both use that one"}),
    File<[](auto& c) -> auto& { return c.ingest.tokens_file; }>(
        {"ingest.tokens_file", "--ingest.tokens-file", "",
         "Bearer tokens of senders, hashed (docs/security.md); without one of them nobody can send"}),
    Integer<[](auto& c) -> auto& { return c.ingest.threads; }, 1, 1000>(
        {"ingest.threads", "", "N", "Requests of senders served at the same time; more wait, then get a 429"}),
    Integer<[](auto& c) -> auto& { return c.ingest.max_connections; }, 16, 100'000>(
        {"ingest.max_connections", "", "N",
         "Connections of senders held; beyond, the one silent for longest is closed"}),
    Time<[](auto& c) -> auto& { return c.ingest.body_deadline; }>(
        {"ingest.body_deadline", "", "", "Longest time a request body may take as a whole"}),
    Integer<[](auto& c) -> auto& { return c.ingest.limits.max_body_bytes; }, 1024, kMostBytes>(
        {"ingest.max_body_bytes", "", "BYTES", "Largest request body as sent"}),
    Integer<[](auto& c) -> auto& { return c.ingest.limits.max_plain_bytes; }, 1024, kMostBytes>(
        {"ingest.max_plain_bytes", "", "BYTES", "Largest request body after decompression"}),
    Integer<[](auto& c) -> auto& { return c.ingest.limits.max_ratio; }, 2, 1100>(
        {"ingest.max_ratio", "", "N", "Most bytes a compressed byte may become, where it is over 64 KiB"}),
    Integer<[](auto& c) -> auto& { return c.ingest.limits.max_inflight_bytes; }, 1024, kMostBytes * 64>(
        {"ingest.max_inflight_bytes", "", "BYTES",
         "Memory for the bodies of all requests together; beyond, a 429"}),
    Integer<[](auto& c) -> auto& { return c.ingest.limits.max_events; }, 1, 1'000'000>(
        {"ingest.max_events", "", "N", "Most events in one request"}),
    Integer<[](auto& c) -> auto& { return c.ingest.limits.max_depth; }, 3, 64>(
        {"ingest.max_depth", "", "N", "Deepest nesting of the JSON"}),
    Integer<[](auto& c) -> auto& { return c.ingest.limits.max_text_bytes; }, 16, 1024>(
        {"ingest.max_text_bytes", "", "BYTES", "Longest label value or id"}),
    Integer<[](auto& c) -> auto& { return c.ingest.max_ids; }, 16, 1'000'000'000>(
        {"ingest.max_ids", "", "N",
         "Most events remembered so that none counts twice, of 40 bytes each"}),
    {.key = "storage.path", .flag = "--storage.path", .value = "FOLDER",
     .help = "Where events are kept; auto: $STATE_DIRECTORY, else fleet_exporter in $XDG_STATE_HOME or "
             "~/.local/state",
     .is_text = true, .set = SetStoragePath, .print = [](const Config& c) { return c.storage.path; }},
    {.key = "storage.mode", .flag = "--storage.mode", .value = "MODE",
     .help = "durable: an answer 200 means written to disk; async: written within a moment; memory: nothing "
             "is kept",
     .is_text = true, .set = SetStorageMode,
     .print = [](const Config& c) { return std::string(Name(c.storage.mode)); }},
    Time<[](auto& c) -> auto& { return c.storage.retention; }>(
        {"storage.retention", "--storage.retention", "",
         "How long ids of events are remembered, so that none counts twice"}),
    Integer<[](auto& c) -> auto& { return c.storage.compact_bytes; }, 1024, kMostBytes>(
        {"storage.compact_bytes", "", "BYTES",
         "Size of the journal that makes it be replaced by a snapshot, if the last one is not larger"}),
    {.key = "metrics.namespace", .flag = "--metrics.namespace", .value = "PREFIX",
     .help = "Prefix of all metric names", .is_text = true, .set = SetNamespace,
     .print = [](const Config& c) { return c.metric_namespace; }},
    Time<[](auto& c) -> auto& { return c.fleet.worker.stale; }>(
        {"workers.stale_after", "--worker.stale-after", "",
         "Silence after which a worker counts as stale", kOnReload}),
    Time<[](auto& c) -> auto& { return c.fleet.worker.down; }>(
        {"workers.down_after", "--worker.down-after", "",
         "Silence after which a worker counts as down", kOnReload}),
    Time<[](auto& c) -> auto& { return c.fleet.runner.stale; }>(
        {"runners.stale_after", "", "", "Silence after which a runner counts as stale", kOnReload}),
    Time<[](auto& c) -> auto& { return c.fleet.runner.down; }>(
        {"runners.offline_after", "--runner.offline-after", "",
         "Silence after which a runner counts as offline", kOnReload}),
    Time<[](auto& c) -> auto& { return c.fleet.zombie_after; }>(
        {"sandboxes.zombie_after", "--sandbox.zombie-after", "",
         "Silence after which a running sandbox counts as a zombie", kOnReload}),
    Time<[](auto& c) -> auto& { return c.fleet.stuck_after; }>(
        {"tasks.stuck_after", "--task.stuck-after", "",
         "Time without progress after which an unfinished task counts as stuck", kOnReload}),
    Time<[](auto& c) -> auto& { return c.fleet.finished_retention; }>(
        {"tasks.finished_retention", "", "", "How long finished tasks stay in the table", kOnReload}),
    Time<[](auto& c) -> auto& { return c.fleet.retention; }>(
        {"fleet.retention", "", "",
         "Silence after which a worker, a runner or an ended sandbox is forgotten", kOnReload}),
    Integer<[](auto& c) -> auto& { return c.fleet.max_entities; }, 1, kMostSeries>(
        {"fleet.max_entities", "", "N",
         "Most workers, tasks, runs, runners and sandboxes held in memory, of each", kOnReload}),
    Integer<[](auto& c) -> auto& { return c.fleet.max_worker_series; }, 0, kMostSeries>(
        {"series.workers", "", "N", "Workers with series of their own; 0 for none", kOnReload}),
    Integer<[](auto& c) -> auto& { return c.fleet.max_runner_series; }, 0, kMostSeries>(
        {"series.runners", "", "N", "Runners with series of their own; 0 for none", kOnReload}),
    Integer<[](auto& c) -> auto& { return c.fleet.max_sandbox_series; }, 0, kMostSeries>(
        {"series.sandboxes", "", "N", "Sandboxes with series of their own; 0 for none", kOnReload}),
    Integer<[](auto& c) -> auto& { return c.fleet.max_user_series; }, 0, kMostSeries>(
        {"series.users", "", "N",
         "Users with series of their own, those with the most tasks; 0 for none", kOnReload}),
    {.key = "log.level", .flag = "--log.level", .value = "LEVEL",
     .help = "The least level written: debug, info, warn or error", .effect = kOnReload, .is_text = true,
     .set = SetLogLevel, .print = [](const Config& c) { return std::string(Name(c.log_level)); }},
    {.key = "log.format", .flag = "--log.format", .value = "FORMAT", .help = "logfmt or json",
     .is_text = true, .set = SetLogFormat,
     .print = [](const Config& c) { return std::string(Name(c.log_format)); }},
};
// clang-format on

constexpr char kIntroduction[] = R"(# Configuration of fleet_exporter

The exporter needs no configuration. What can be set is set by flags, by a YAML file given with
`--config.file`, or both: a flag wins over the file. Unknown keys, wrong values and contradictions are
errors, all of them reported with line and column; `--config.check` reports them and ends.
[examples/exporter.yaml](../examples/exporter.yaml) has every key with its default.

On SIGHUP, or POST to `/-/reload` where `--web.enable-lifecycle` allows it, the file is read again. Settings marked *reload* take effect at once, the others at the next
start; when the file has an error the old configuration stays, and
`fleet_exporter_config_last_reload_successful` is 0.

Durations are written as in Prometheus: `90s`, `5m`, `1h30m`.

| key | flag | default | what it sets | takes effect |
|---|---|---|---|---|
)";

constexpr char kNotesOnTypes[] = R"(
## Limits for single worker types

Worker types that report more or less often than the others get limits of their own; both are needed:

```yaml
workers:
  types:
    sandbox:
      stale_after: 1m
      down_after: 5m
```
)";

constexpr char kEnd[] = R"(
## Flags without a key

| flag | what it does |
|---|---|
| `--config.file=FILE` | reads the configuration from FILE |
| `--config.check` | reads the configuration, reports its problems and ends: 0 when there are none, else 1 |
| `--print-catalog=json\|markdown` | prints every metric of this exporter and ends |
| `--version` | prints the version and ends |
| `--help` | prints all flags and ends |

## Exit codes

| code | meaning |
|---|---|
| 0 | asked to end (SIGTERM, SIGINT), or done |
| 1 | the configuration file has errors |
| 2 | a flag is wrong, or the world: a file cannot be read, an address is taken |
)";

}  // namespace

std::string_view Name(StorageMode mode) { return kModeNames[static_cast<std::size_t>(mode)]; }

std::span<const Setting> Settings() { return kSettings; }

std::string PrintConfigMarkdown() {
  const Config defaults;
  std::string text = kIntroduction;
  for (const Setting& setting : kSettings) {
    const std::string flag = setting.flag.empty() ? "" : fmt::format("`{}`", setting.flag);
    text += fmt::format("| `{}` | {} | `{}` | {} | {} |\n", setting.key, flag, setting.print(defaults),
                        setting.help, setting.effect == kOnReload ? "reload" : "start");
  }
  return text + PrintConfigPartsMarkdown() + kNotesOnTypes + PrintSourcesMarkdown() + kEnd;
}

}  // namespace fleet
