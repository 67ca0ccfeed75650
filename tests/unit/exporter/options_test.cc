#include "exporter/options.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "build_info.h"

namespace fleet {
namespace {

std::variant<Options, EarlyExit> Parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "fleet_exporter");
  return ParseOptions(static_cast<int>(arguments.size()), arguments.data());
}

std::string ErrorOf(std::vector<const char*> arguments) {
  const auto parsed = Parse(std::move(arguments));
  const auto* early = std::get_if<EarlyExit>(&parsed);
  if (early == nullptr) return "no error";
  CHECK(early->code == 2);
  return early->text;
}

Config ConfigOf(std::vector<const char*> arguments, const Config& file = {}) {
  const auto parsed = Parse(std::move(arguments));
  REQUIRE(std::holds_alternative<Options>(parsed));
  const auto config = ApplyFlags(file, std::get<Options>(parsed));
  REQUIRE(config);
  return *config;
}

TEST_CASE("options: none, and the defaults") {
  const Config config = ConfigOf({});
  CHECK(config.web.listen_addresses == std::vector<std::string>{":10940"});
  CHECK(config.ingest.listen_addresses == std::vector<std::string>{"127.0.0.1:10941"});
  CHECK(config.web.telemetry_path == "/metrics");
  CHECK(config.metric_namespace == "fleet");
}

TEST_CASE("options: every flag of a setting, with = or as the next word") {
  const Config config = ConfigOf(
      {"--web.listen-address=:1", "--web.listen-address", "[::1]:2", "--web.telemetry-path=/m",
       "--web.max-requests=7", "--web.disable-exporter-metrics", "--ingest.listen-address=unix:/run/f.sock",
       "--metrics.namespace=acme", "--worker.stale-after=1m", "--worker.down-after=2m",
       "--runner.offline-after=1h30m", "--sandbox.zombie-after=3m", "--task.stuck-after=4m",
       "--log.level=debug", "--log.format=json"});
  CHECK(config.web.listen_addresses == std::vector<std::string>{":1", "[::1]:2"});
  CHECK(config.web.telemetry_path == "/m");
  CHECK(config.web.max_requests == 7);
  CHECK(config.web.disable_exporter_metrics);
  CHECK(config.ingest.listen_addresses == std::vector<std::string>{"unix:/run/f.sock"});
  CHECK(config.metric_namespace == "acme");
  CHECK(config.fleet.worker.stale == std::chrono::minutes(1));
  CHECK(config.fleet.worker.down == std::chrono::minutes(2));
  CHECK(config.fleet.runner.down == std::chrono::minutes(90));
  CHECK(config.fleet.zombie_after == std::chrono::minutes(3));
  CHECK(config.fleet.stuck_after == std::chrono::minutes(4));
  CHECK(config.log_level == LogLevel::kDebug);
  CHECK(config.log_format == LogFormat::kJson);
}

TEST_CASE("options: a flag wins over the file, what is not given stays") {
  Config file;
  file.web.listen_addresses = {":5", ":6"};
  file.web.max_requests = 3;
  file.metric_namespace = "acme";
  const Config config = ConfigOf({"--web.listen-address=:7", "--web.max-requests=4"}, file);
  CHECK(config.web.listen_addresses == std::vector<std::string>{":7"});
  CHECK(config.web.max_requests == 4);
  CHECK(config.metric_namespace == "acme");
}

TEST_CASE("options: flags that are no settings") {
  const auto parsed = Parse({"--config.file=x.yaml", "--config.check", "--print-catalog=json"});
  const auto& options = std::get<Options>(parsed);
  CHECK(options.config_file == "x.yaml");
  CHECK(options.config_check);
  CHECK(options.print_catalog == "json");
  CHECK(options.given.empty());
}

TEST_CASE("options: errors are one line each") {
  CHECK(ErrorOf({"--web.listen-adress=:1"}) ==
        "fleet_exporter: error: unknown flag '--web.listen-adress', did you mean '--web.listen-address'? "
        "try --help\n");
  CHECK(ErrorOf({"--nonsense"}) == "fleet_exporter: error: unknown flag '--nonsense', try --help\n");
  CHECK(ErrorOf({"-x"}) == "fleet_exporter: error: unknown flag '-x', try --help\n");
  CHECK(ErrorOf({"serve\n"}) == "fleet_exporter: error: unexpected 'serve\\n', try --help\n");
  CHECK(ErrorOf({"--log.level"}) == "fleet_exporter: error: --log.level needs a value, try --help\n");
  CHECK(ErrorOf({"--log.level="}) == "fleet_exporter: error: --log.level needs a value, try --help\n");
  CHECK(ErrorOf({"--log.level=loud"}) ==
        "fleet_exporter: error: --log.level must be one of debug, info, warn, error, not 'loud', "
        "try --help\n");
  CHECK(ErrorOf({"--log.format=xml"}) ==
        "fleet_exporter: error: --log.format must be one of logfmt, json, not 'xml', try --help\n");
  CHECK(ErrorOf({"--web.max-requests=0"}) ==
        "fleet_exporter: error: --web.max-requests must be a whole number from 1 to 1000, not '0', "
        "try --help\n");
  CHECK(ErrorOf({"--worker.stale-after=5"}) ==
        "fleet_exporter: error: --worker.stale-after must be a duration such as 90s, 5m or 1h30m, not '5', "
        "try --help\n");
  CHECK(ErrorOf({"--metrics.namespace=go"}) ==
        "fleet_exporter: error: --metrics.namespace must be a metric prefix: letters, digits and _, not "
        "process, scrape or go, not 'go', try --help\n");
  CHECK(ErrorOf({"--web.telemetry-path=metrics"}) ==
        "fleet_exporter: error: --web.telemetry-path must be a path such as /metrics, not 'metrics', "
        "try --help\n");
  CHECK(ErrorOf({"--web.listen-address=nowhere"}) ==
        "fleet_exporter: error: --web.listen-address must be an address: [HOST]:PORT or unix:/PATH, not "
        "'nowhere', try --help\n");
  CHECK(ErrorOf({"--log.level=info", "--log.level=warn"}) ==
        "fleet_exporter: error: --log.level is given twice, try --help\n");
  CHECK(ErrorOf({"--config.check"}) ==
        "fleet_exporter: error: --config.check needs --config.file, try --help\n");
  CHECK(ErrorOf({"--print-catalog=xml"}) ==
        "fleet_exporter: error: --print-catalog must be json or markdown, not 'xml', try --help\n");
}

TEST_CASE("options: flags that contradict each other or the file") {
  const auto parsed = Parse({"--worker.stale-after=20m"});
  const auto config = ApplyFlags({}, std::get<Options>(parsed));
  REQUIRE_FALSE(config);
  CHECK(config.error().message == "workers.down_after (15m) must be longer than workers.stale_after (20m)");
}

TEST_CASE("options: --help names every flag and an example, --version what was built") {
  const auto help = std::get<EarlyExit>(Parse({"--help"}));
  CHECK(help.code == 0);
  for (const Setting& setting : Settings()) CHECK(help.text.find(setting.flag) != std::string::npos);
  CHECK(help.text.find("Example:") != std::string::npos);
  CHECK(help.text.find("simulate") != std::string::npos);
  const auto version = std::get<EarlyExit>(Parse({"--version"}));
  CHECK(version.code == 0);
  CHECK(version.text.starts_with(std::string("fleet_exporter, version ") + kVersion + " (branch: "));
}

}  // namespace
}  // namespace fleet
