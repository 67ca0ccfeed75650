#include "tests/support/fleet_server.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <utility>

#include "tests/support/http.h"
#include "tests/support/paths.h"

namespace fleet::test {
namespace {

constexpr std::chrono::seconds kStartLimit{90};

void AwaitReady(Process& process, const std::string& url) {
  const bool ready = WaitFor(kStartLimit, [&] {
    return Get(url).status == 200 || process.Wait(std::chrono::milliseconds(0)).has_value();
  });
  if (!ready || Get(url).status != 200)
    throw std::runtime_error("not ready: " + url + "\n" + process.Output());
}

}  // namespace

ExporterServer::ExporterServer(std::vector<std::string> flags, const std::string& certificate_authority)
    : scheme_(certificate_authority.empty() ? "http" : "https"),
      scrape_port_(FreePort()),
      ingest_port_(FreePort()) {
  std::vector<std::string> command = {ExporterProgram(),
                                      fmt::format("--web.listen-address=127.0.0.1:{}", scrape_port_),
                                      fmt::format("--ingest.listen-address=127.0.0.1:{}", ingest_port_)};
  const auto is_about_storage = [](const std::string& flag) { return flag.starts_with("--storage."); };
  if (std::ranges::none_of(flags, is_about_storage)) command.emplace_back("--storage.mode=memory");
  command.insert(command.end(), flags.begin(), flags.end());
  process_ = std::make_unique<Process>(command);
  AwaitReady(*process_, certificate_authority.empty() ? Url("/-/ready") : IngestUrl("/healthz"));
}

std::string ExporterServer::Url(const std::string& path) const {
  return fmt::format("{}://127.0.0.1:{}{}", scheme_, scrape_port_, path);
}

std::string ExporterServer::IngestUrl(const std::string& path) const {
  return fmt::format("http://127.0.0.1:{}{}", ingest_port_, path);
}

std::string ExporterServer::target() const { return fmt::format("127.0.0.1:{}", scrape_port_); }

nlohmann::json ExporterServer::Send(const std::string& type, const nlohmann::json& data) {
  const nlohmann::json event = {{"specversion", "1.0"},
                                {"type", "fleet." + type},
                                {"source", "e2e"},
                                {"data", data},
                                {"id", std::to_string(next_id_++)}};
  const HttpReply reply = Fetch("POST", IngestUrl("/api/v1/events"), event.dump(),
                                {"Content-Type: application/cloudevents+json"});
  if (reply.status != 200) throw std::runtime_error(fmt::format("{}: {}", reply.status, reply.body));
  return nlohmann::json::parse(reply.body);
}

PrometheusServer::PrometheusServer(const std::string& target, const std::string& rules_glob)
    : port_(FreePort()) {
  const std::string config = folder_.Write("prometheus.yml", fmt::format(R"(global:
  scrape_interval: 1s
  evaluation_interval: 1s
rule_files: ['{}']
scrape_configs:
- job_name: fleet
  static_configs:
  - targets: ['{}']
)",
                                                                         rules_glob, target));
  process_ = std::make_unique<Process>(std::vector<std::string>{
      FindProgram("prometheus"), "--config.file=" + config, "--storage.tsdb.path=" + folder_.path() + "/data",
      fmt::format("--web.listen-address=127.0.0.1:{}", port_), "--log.level=warn"});
  AwaitReady(*process_, Url("/-/ready"));
}

std::string PrometheusServer::Url(const std::string& path) const {
  return fmt::format("http://127.0.0.1:{}{}", port_, path);
}

nlohmann::json PrometheusServer::Query(const std::string& expression) const {
  const HttpReply reply = Get(Url("/api/v1/query?query=" + PercentEncode(expression)));
  const auto answer = nlohmann::json::parse(reply.body);
  if (answer["status"] != "success") throw std::runtime_error(expression + ": " + reply.body);
  return answer["data"]["result"];
}

}  // namespace fleet::test
