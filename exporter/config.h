// The configuration: the values, and reading them from a file. What there is to set, with flags,
// defaults and help, is the table in settings.h.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "exporter/fleet/limits.h"
#include "exporter/ingest/ingest.h"
#include "exporter/log.h"
#include "exporter/sources/source.h"
#include "lib/base/diagnostics.h"
#include "lib/base/source_text.h"

namespace fleet {

struct WebConfig {
  std::vector<std::string> listen_addresses{":10940"};
  std::string telemetry_path = "/metrics";
  int max_requests = 40;
  std::size_t max_connections = 512;
  std::string config_file;  // TLS, users, headers, rate limit; empty: none
  bool open_health = false;
  bool disable_exporter_metrics = false;
  // Of scrapes that do not say how long they wait.
  Duration scrape_timeout = std::chrono::seconds(10);
  bool enable_lifecycle = false;
};

struct IngestConfig {
  std::vector<std::string> listen_addresses{"127.0.0.1:10941"};
  std::string web_config_file;  // empty: that of `web`
  std::string tokens_file;      // empty: no tokens
  int threads = 64;
  std::size_t max_connections = 4096;
  Duration body_deadline = std::chrono::seconds(10);
  std::size_t max_ids = 2'000'000;
  IngestLimits limits;
};

enum class StorageMode { kDurable, kAsync, kMemory };
std::string_view Name(StorageMode mode);  // "durable"

struct StorageConfig {
  static constexpr std::string_view kStateFolder = "auto";
  std::string path{kStateFolder};
  StorageMode mode = StorageMode::kDurable;
  Duration retention = std::chrono::hours(24);
  std::size_t compact_bytes = 32U << 20U;
};

struct Config {
  std::string metric_namespace = "fleet";
  WebConfig web;
  IngestConfig ingest;
  StorageConfig storage;
  FleetLimits fleet;
  std::vector<SourceConfig> sources;
  LogLevel log_level = LogLevel::kInfo;
  LogFormat log_format = LogFormat::kLogfmt;
};

// Reports every problem of the file at once; what is wrong keeps its default. An empty text is a valid
// file.
Config ReadConfig(const SourceText& source, Diagnostics& diagnostics);

// A value that contradicts another, which each of them alone does not show.
struct ConfigConflict {
  std::string key;  // "workers.down_after": the one to change
  std::string text;
};
std::vector<ConfigConflict> FindConflicts(const Config& config);

}  // namespace fleet
