#include "exporter/simulate/backends.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace fleet::simulate {
namespace {

struct Queries {
  std::string_view database;
  std::string_view operation;
  double rate;  // per second
  double median_seconds;
};
constexpr Queries kQueries[] = {{"postgres", "read", 45, 0.004},
                                {"postgres", "write", 20, 0.006},
                                {"postgres", "ddl", 0.01, 0.02},
                                {"replica", "read", 15, 0.003}};
constexpr int kQuerySamples = 4;

struct Api {
  std::string_view name;
  double rate;
  double median_seconds;
  double sigma;
  double limit;  // calls in a window
};
constexpr Api kApis[] = {{"github", 1.5, 0.35, 0.6, 5000}, {"claude", 1, 1.6, 0.45, 4000}};
constexpr double kWindowSeconds = 900;

constexpr Weighted kApiErrors[] = {{"timeout", 4}, {"server_error", 3}, {"rate_limited", 2}, {"network", 1}};
constexpr Weighted kModels[] = {{"claude-sonnet", 7}, {"claude-haiku", 3}};
constexpr Weighted kEventTypes[] = {{"task_assigned", 30},   {"task_completed", 28}, {"sandbox_created", 4},
                                    {"message_posted", 20},  {"tool_called", 40},    {"file_changed", 12},
                                    {"approval_required", 1}};
constexpr Weighted kTransports[] = {{"websocket", 6}, {"eventbus", 3}, {"webhook", 1}};

struct HitShare {
  std::string_view name;
  double rate;   // per second
  double ratio;  // of hits
};
constexpr HitShare kCaches[] = {{"sessions", 30, 0.94}, {"repositories", 12, 0.81}, {"prompts", 6, 0.67}};
constexpr HitShare kStores[] = {{"artifacts", 4, 0.7}, {"settings", 9, 0.95}};  // ratio: of reads

std::string_view CodeOf(std::string_view error) {
  if (error == "server_error") return "502";
  return error == "rate_limited" ? "429" : "none";
}

}  // namespace

Backends::Backends(World& world, double scale) : world_(&world), random_(world.NewRandom()), scale_(scale) {
  world.Every(std::chrono::seconds(1), random_.Uniform(), [this] { Query(); });
  world.Every(std::chrono::seconds(1), random_.Uniform(), [this] { Call(); });
  world.Every(std::chrono::seconds(1), random_.Uniform(), [this] { Look(); });
  world.Every(std::chrono::seconds(1), random_.Uniform(), [this] { Record(); });
  world.Every(std::chrono::seconds(1), random_.Uniform(), [this] { Deliver(); });
  world.Every(std::chrono::seconds(5), random_.Uniform(), [this] { Report(); });
  world.Every(std::chrono::seconds(5), random_.Uniform(), [this] { ReportApis(); });
  world.Every(std::chrono::seconds(2), random_.Uniform(), [this] { Synchronise(); });
}

void Backends::Query() {
  const double slow = world_->network_is_bad() ? 25 : 1;
  const double failing = world_->network_is_bad() ? 0.01 : 0.00005;
  for (const Queries& def : kQueries) {
    // The replica is out of reach then: what it is asked goes to no other.
    const double share = world_->network_is_bad() && def.database == "replica" ? 0.1 : 1;
    const int queries = random_.Poisson(share * def.rate * scale_);
    for (int sample = 0, left = queries; sample < kQuerySamples && left > 0; ++sample) {
      const int count = sample + 1 == kQuerySamples ? left : std::min(left, queries / kQuerySamples + 1);
      left -= count;
      world_->Emit("db.query", {{"database", def.database},
                                {"operation", def.operation},
                                {"duration_seconds", random_.LogNormal(slow * def.median_seconds, 0.8)},
                                {"count", count},
                                {"weight", count}});
    }
    if (random_.Chance(failing * queries)) {
      world_->Emit("db.query",
                   {{"database", def.database}, {"operation", def.operation}, {"error", "timeout"}});
    }
  }
}

void Backends::Call() {
  const bool bad = world_->network_is_bad();
  for (const Api& api : kApis) {
    const int calls = random_.Poisson(api.rate * std::min(scale_, 10.0));
    api_calls_ += bad ? 6 * calls : calls;  // with all the attempts
    for (int i = 0; i < calls; ++i) {
      std::vector<EventField> call = {
          {"api", api.name},
          {"duration_seconds", random_.LogNormal(api.median_seconds * (bad ? 5 : 1), api.sigma)}};
      const bool fails = random_.Chance(bad ? 0.4 : 0.003);
      if (fails) {
        const std::string_view error = random_.Pick(kApiErrors).name;
        call.emplace_back("code", CodeOf(error));
        call.emplace_back("error", error);
      } else {
        call.emplace_back("code", "200");
      }
      world_->Emit("api.call", std::move(call));
      if (api.name != "claude" || (bad && fails)) continue;
      const std::string_view model = random_.Pick(kModels).name;
      const int input = static_cast<int>(random_.LogNormal(1500, 0.8));
      for (const auto& [direction, ratio] : {std::pair<std::string_view, double>{"input", 1.0},
                                             {"output", 0.3},
                                             {"cache_read", 2.5},
                                             {"cache_write", 0.2}}) {
        world_->Emit(
            "llm.tokens",
            {{"model", model}, {"direction", direction}, {"count", 1 + static_cast<int>(input * ratio)}});
      }
    }
  }
}

void Backends::Look() {
  for (const HitShare& cache : kCaches) {
    const int lookups = random_.Poisson(cache.rate * scale_);
    const int hits =
        std::min(lookups, random_.Poisson(lookups * cache.ratio * (world_->network_is_bad() ? 0.4 : 1)));
    if (hits > 0) world_->Emit("cache.lookup", {{"cache", cache.name}, {"hit", true}, {"count", hits}});
    if (lookups > hits) {
      world_->Emit("cache.lookup", {{"cache", cache.name}, {"hit", false}, {"count", lookups - hits}});
    }
  }
  for (const HitShare& store : kStores) {
    const int operations = random_.Poisson(store.rate * scale_);
    if (operations == 0) continue;
    world_->Emit("storage.operation", {{"store", store.name},
                                       {"operation", random_.Chance(store.ratio) ? "read" : "write"},
                                       {"ok", true},
                                       {"count", operations}});
    if (random_.Chance(world_->network_is_bad() ? 0.2 : 0.002)) {
      world_->Emit("storage.operation", {{"store", store.name}, {"operation", "write"}, {"ok", false}});
    }
  }
}

void Backends::Record() {
  const bool bad = world_->network_is_bad();
  const double bytes = world_->IsActive(Incident::kErrorBurst) ? 4200 : 700;  // with the stack of what failed
  for (const Weighted& type : kEventTypes) {
    const int events = random_.Poisson(type.weight * 0.2 * scale_ * (bad ? 0.4 : 1));
    if (events == 0) continue;
    event_rows_ += events;
    world_->Emit("event.recorded", {{"event_type", type.name},
                                    {"size_bytes", std::round(random_.LogNormal(bytes, 1.1))},
                                    {"duration_seconds", random_.LogNormal(bad ? 0.2 : 0.008, 0.6)},
                                    {"count", events},
                                    {"weight", events}});
  }
  const int published = random_.Poisson(25 * scale_ * (bad ? 0.3 : 1));
  if (published > 0) {
    world_->Emit("broker.published", {{"broker", "redis"}, {"ok", true}, {"count", published}});
  }
  if (random_.Chance(bad ? 0.5 : 0.002)) {
    world_->Emit("broker.published", {{"broker", "redis"}, {"ok", false}, {"reason", "timeout"}});
  }
}

void Backends::Deliver() {
  const bool bad = world_->network_is_bad();
  for (const Weighted& transport : kTransports) {
    const int delivered = random_.Poisson(transport.weight * scale_);
    if (delivered == 0) continue;
    world_->Emit("event.delivered", {{"transport", transport.name},
                                     {"ok", true},
                                     {"duration_seconds", random_.LogNormal(bad ? 0.9 : 0.03, 0.6)},
                                     {"count", delivered},
                                     {"weight", delivered}});
    if (random_.Chance(bad ? 0.4 : 0.002)) {
      world_->Emit("event.delivered", {{"transport", transport.name}, {"ok", false}, {"reason", "timeout"}});
    }
  }
}

// What waits for its delivery: seconds at most, until the network is bad.
void Backends::KeepUndelivered() {
  if (world_->network_is_bad()) {
    outbox_rows_ += random_.Poisson(60 * scale_);
  } else {
    outbox_rows_ = std::floor(0.5 * outbox_rows_) + random_.Poisson(8 * scale_);
    outbox_oldest_ = world_->now() - std::chrono::seconds(2 + random_.Poisson(2));
  }
  world_->Emit("event.store",
               {{"table", "event_outbox"}, {"rows", outbox_rows_}, {"oldest_time", outbox_oldest_}});
}

void Backends::Report() {
  const bool bad = world_->network_is_bad();
  KeepUndelivered();
  database_bytes_ += 40'000 * random_.Uniform();
  bloat_bytes_ = world_->IsActive(Incident::kErrorBurst) ? bloat_bytes_ + 1.5e7 : 0.9 * bloat_bytes_;
  for (const std::string_view database : {"postgres", "replica"}) {
    world_->Emit("db.state",
                 {{"database", database},
                  {"up", !bad || database != "replica"},
                  {"connections", NumbersByKey{{"idle", bad ? 0 : 12.0 + random_.Poisson(4)},
                                               {"active", (bad ? 32.0 : 1.0) + random_.Poisson(6)},
                                               {"waiting", bad                    ? 9.0
                                                           : random_.Chance(0.05) ? 1.0
                                                                                  : 0.0}}},
                  {"connections_max", 40},
                  {"size_bytes", std::round(database_bytes_ + bloat_bytes_)}});
  }
  world_->Emit("broker.state", {{"broker", "redis"}, {"up", !bad}});
  world_->Emit("event.store", {{"table", "sandbox_events"},
                               {"rows", event_rows_},
                               {"oldest_time", world_->start() - std::chrono::hours(24 * 7)}});
}

void Backends::ReportApis() {
  const double elapsed = ToSeconds(world_->now() - world_->start());
  const double window = std::floor(elapsed / kWindowSeconds);
  if (elapsed - window * kWindowSeconds < 5) api_calls_ = 0;
  for (const Api& api : kApis) {
    if (world_->network_is_bad() && api.name == "github") {  // who is not reached says no limits
      world_->Emit("api.state", {{"api", api.name}, {"up", false}});
      continue;
    }
    const UnixMillis reset =
        world_->start() + Duration(static_cast<std::int64_t>((window + 1) * kWindowSeconds * 1000));
    world_->Emit("api.state", {{"api", api.name},
                               {"up", true},
                               {"rate_limit_remaining", std::max(0.0, api.limit - api_calls_ / 2)},
                               {"rate_limit_max", api.limit},
                               {"rate_limit_reset", reset}});
  }
}

void Backends::Synchronise() {
  if (world_->network_is_bad()) {  // one that is cut off begins anew
    synchronised_ = 0;
  } else {
    synchronised_ = synchronised_ >= 1 ? 0 : std::min(1.0, synchronised_ + random_.Between(0.01, 0.06));
  }
  world_->Emit("sync.progress", {{"sync", "repositories"}, {"ratio", synchronised_}});
}

}  // namespace fleet::simulate
