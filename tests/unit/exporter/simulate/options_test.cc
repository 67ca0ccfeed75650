#include "exporter/simulate/options.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace fleet::simulate {
namespace {

std::variant<SimulateOptions, EarlyExit> Parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "simulate");
  return ParseSimulateOptions(static_cast<int>(arguments.size()), arguments.data());
}

TEST_CASE("without flags the defaults hold") {
  const auto parsed = Parse({});
  REQUIRE(std::holds_alternative<SimulateOptions>(parsed));
  const auto& options = std::get<SimulateOptions>(parsed);
  CHECK(options.url == "http://127.0.0.1:10941");
  CHECK_FALSE(options.duration.has_value());
  CHECK_FALSE(options.run_id_given);
  CHECK(options.simulation.workers == 12);
  CHECK(options.simulation.rate == 5);
  CHECK(options.simulation.heartbeat_interval == std::chrono::seconds(5));
  CHECK(options.simulation.incidents.sequence.empty());
  CHECK(options.simulation.incidents.after == std::chrono::seconds(30));
  CHECK(options.simulation.incidents.duration == std::chrono::minutes(2));
}

TEST_CASE("flags are read") {
  const auto parsed = Parse({"--url=https://exporter:1/", "--workers", "20", "--rate=2.5", "--seed", "9",
                             "--run-id=a-b", "--duration", "1h30m", "--incident=error-burst", "--incident",
                             "worker-death", "--incident-after=5s", "--incident-duration", "90s",
                             "--incident-repeat", "--heartbeat-interval=500ms"});
  REQUIRE(std::holds_alternative<SimulateOptions>(parsed));
  const auto& options = std::get<SimulateOptions>(parsed);
  CHECK(options.url == "https://exporter:1");
  CHECK(options.duration == std::chrono::minutes(90));
  CHECK(options.run_id_given);
  CHECK(options.simulation.run_id == "a-b");
  CHECK(options.simulation.workers == 20);
  CHECK(options.simulation.rate == 2.5);
  CHECK(options.simulation.seed == 9);
  CHECK(options.simulation.heartbeat_interval == std::chrono::milliseconds(500));
  CHECK(options.simulation.incidents.sequence ==
        std::vector<Incident>{Incident::kErrorBurst, Incident::kWorkerDeath});
  CHECK(options.simulation.incidents.after == std::chrono::seconds(5));
  CHECK(options.simulation.incidents.duration == std::chrono::seconds(90));
  CHECK(options.simulation.incidents.repeat);
}

void CheckRefused(const char* argument, const std::string& message) {
  const auto parsed = Parse({argument});
  REQUIRE(std::holds_alternative<EarlyExit>(parsed));
  CHECK(std::get<EarlyExit>(parsed).code == 2);
  CHECK(std::get<EarlyExit>(parsed).text ==
        "fleet_exporter simulate: error: " + message +
            (message.ends_with('?') ? " try --help\n" : ", try --help\n"));
}

TEST_CASE("wrong flags end with 2 and say what is wrong") {
  CheckRefused("--workers=1", "--workers: Value 1 not in range 2 to 10000");
  CheckRefused("--duration=soon", "--duration: 'soon' is no duration; write 30s, 5m or 1h30m");
  CheckRefused("--duration=0s", "--duration: '0s' is no duration; write 30s, 5m or 1h30m");
  CheckRefused("--url=exporter:1", "--url: 'exporter:1' is no URL; write http://host:port");
  CheckRefused("--run-id=a b", "--run-id: a run id has 1 to 40 of the characters a-z, A-Z, 0-9, - and _");
  CheckRefused("--incident=fire", "--incident: 'fire' is no incident; see the list in --help");
  CheckRefused("--incident=worker-deth",
               "--incident: 'worker-deth' is no incident; did you mean 'worker-death'?");
  CheckRefused("--quickly=2", "unknown flag '--quickly'");
  CheckRefused("--wrokers=2", "unknown flag '--wrokers', did you mean '--workers'?");
}

TEST_CASE("help ends with 0 and lists every incident") {
  const auto parsed = Parse({"--help"});
  REQUIRE(std::holds_alternative<EarlyExit>(parsed));
  CHECK(std::get<EarlyExit>(parsed).code == 0);
  for (const IncidentDef& def : Incidents()) {
    CHECK(std::get<EarlyExit>(parsed).text.find(def.name) != std::string::npos);
  }
}

}  // namespace
}  // namespace fleet::simulate
