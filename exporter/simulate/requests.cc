#include "exporter/simulate/requests.h"

#include <fmt/format.h>

#include <chrono>
#include <iterator>

namespace fleet::simulate {
namespace {

constexpr double kFailureRatio = 0.0005;       // 99.95 % good
constexpr double kIncidentFailureRatio = 0.2;  // of the API, in the incident
constexpr double kIncidentSlowdown = 6;
constexpr double kClientErrorRatio = 0.01;
constexpr int kObservationsSent = 3;  // observed durations per second and endpoint; each stands for its share

struct Endpoint {
  std::string_view component;
  std::string_view method;
  std::string_view path;
  std::string_view code;  // of a good answer
  double rate;            // requests per second
  double median_seconds;
};

constexpr Endpoint kEndpoints[] = {
    {"api", "GET", "/api/tasks", "200", 10, 0.035},
    {"api", "POST", "/api/tasks", "201", 9, 0.07},
    {"api", "GET", "/api/tasks/{id}", "200", 13, 0.02},
    {"api", "GET", "/api/agents", "200", 6, 0.03},
    {"api", "POST", "/api/agents/{id}/execute", "202", 4, 0.06},
    {"api", "POST", "/api/webhooks/github", "204", 3, 0.04},
    {"gateway", "POST", "/messages", "202", 10, 0.045},
    {"gateway", "GET", "/streams/{id}", "200", 8, 0.06},
    {"coordinator", "POST", "/runs", "201", 1, 0.05},
    {"coordinator", "GET", "/runs/{id}", "200", 3, 0.015},
    {"coordinator", "GET", "/runners", "200", 1, 0.02},
    {"coordinator", "POST", "/runners/{id}/heartbeat", "204", 2, 0.008},
};
constexpr double kRequestSigma = 0.5;

struct Fault {
  std::string_view code;
  std::string_view message;
  double weight;
};
constexpr Fault kFaults[] = {{"500", "database connection lost while handling the request", 6},
                             {"502", "bad gateway: upstream closed the connection", 2},
                             {"503", "service unavailable: too many requests in flight", 2}};
constexpr Fault kClientErrors[] = {
    {"404", "not found", 6}, {"400", "bad request", 2}, {"429", "slow down", 2}};

struct Warning {
  std::string_view component;
  std::string_view category;
  std::string_view severity;
  std::string_view message;
  double weight;
};
constexpr Warning kWarnings[] = {
    {"api", "validation", "warning", "validation failed: field 'priority' is not known", 4},
    {"scheduler", "rate_limit", "warning", "rate limit of the model API reached, waiting 20 s", 3},
    {"gateway", "timeout", "warning", "upstream timeout after 5 s, retrying", 2},
    {"coordinator", "connection", "info", "event stream closed by the client", 4},
    {"scheduler", "conflict", "info", "task was already assigned, skipped", 3}};

}  // namespace

Requests::Requests(World& world, double scale) : world_(&world), random_(world.NewRandom()), scale_(scale) {
  components_ = {{"api", "4.7", 0, 0},
                 {"coordinator", "2.3", 1, 0},
                 {"gateway", "1.18", 2, 0},
                 {"scheduler", "0.9", 3, 0}};
  for (std::size_t i = 0; i < std::size(kEndpoints); ++i) {
    world.Every(std::chrono::seconds(1), random_.Uniform(), [this, i] { Second(i); });
  }
  for (Component& component : components_) {
    world.Every(std::chrono::seconds(5), random_.Uniform(), [this, &component] { Report(component); });
    world.Every(std::chrono::hours(1), random_.Uniform(), [&component] { ++component.patch; });
  }
  world.Every(std::chrono::seconds(1), random_.Uniform(), [this] { Warn(); });
}

void Requests::Second(std::size_t endpoint) {
  const Endpoint& def = kEndpoints[endpoint];
  const int requests = random_.Poisson(def.rate * scale_ * (world_->network_is_bad() ? 0.4 : 1));
  for (int sample = 0, left = requests; sample < kObservationsSent && left > 0; ++sample) {
    const int share = sample + 1 == kObservationsSent ? left : requests / kObservationsSent + 1;
    Serve(endpoint, share < left ? share : left);
    left -= share;
  }
}

void Requests::Serve(std::size_t endpoint, int count) {
  const Endpoint& def = kEndpoints[endpoint];
  const bool incident = world_->IsActive(Incident::kErrorBurst) && def.component == "api";
  const int failed = random_.Poisson(count * (incident ? kIncidentFailureRatio : kFailureRatio));
  if (failed > 0) Fail(endpoint, failed < count ? failed : count);
  const int served = count - failed;
  if (served <= 0) return;
  const std::string_view code =
      random_.Chance(kClientErrorRatio) ? random_.Pick(kClientErrors).code : def.code;
  const double median = def.median_seconds * (incident || world_->network_is_bad() ? kIncidentSlowdown : 1);
  world_->Emit("http.request", {{"component", def.component},
                                {"endpoint", def.path},
                                {"method", def.method},
                                {"code", code},
                                {"duration_seconds", random_.LogNormal(median, kRequestSigma)},
                                {"count", served},
                                {"weight", served}});
}

void Requests::Fail(std::size_t endpoint, int count) {
  const Endpoint& def = kEndpoints[endpoint];
  const bool incident = world_->IsActive(Incident::kErrorBurst) && def.component == "api";
  const Fault& fault = incident ? kFaults[0] : random_.Pick(kFaults);
  world_->Emit("http.request", {{"component", def.component},
                                {"endpoint", def.path},
                                {"method", def.method},
                                {"code", fault.code},
                                {"duration_seconds", random_.LogNormal(incident ? 0.8 : 0.2, kRequestSigma)},
                                {"count", count},
                                {"weight", count}});
  world_->Emit(
      "error",
      {{"component", def.component}, {"message", fault.message}, {"code", fault.code}, {"count", count}});
}

void Requests::Warn() {
  if (!random_.Chance(0.1)) return;
  const Warning& warning = random_.Pick(kWarnings);
  world_->Emit("error", {{"component", warning.component},
                         {"message", warning.message},
                         {"severity", warning.severity},
                         {"category", warning.category}});
}

void Requests::Report(Component& component) {
  const bool bad = world_->network_is_bad();  // connections break, and what is not sent is held
  component.cpu_seconds += 5 * random_.Between(0.1, 0.4) * (bad ? 2.5 : 1);
  const bool streams = component.name == "coordinator" || component.name == "gateway";
  NumbersByKey connections;
  if (streams) {
    connections = {{"sse", static_cast<double>(random_.Poisson(bad ? 5 : 24))},
                   {"websocket", static_cast<double>(random_.Poisson(bad ? 2 : 9))}};
  }
  std::vector<EventField> state = {
      {"component", component.name},
      {"up", !bad || (component.name != "coordinator" && component.name != "scheduler")},
      {"version", fmt::format("{}.{}", component.version_prefix, component.patch)},
      {"memory_bytes", 1e6 * random_.Between(240, 380) * (bad ? 2 : 1)},
      {"cpu_seconds", component.cpu_seconds},
      {"requests_in_flight", random_.Poisson(world_->IsActive(Incident::kErrorBurst) ? 30 : 3)}};
  if (streams) state.emplace_back("stream_connections", connections);
  world_->Emit("component.state", std::move(state));
}

}  // namespace fleet::simulate
