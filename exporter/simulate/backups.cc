#include "exporter/simulate/backups.h"

#include <algorithm>
#include <chrono>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace fleet::simulate {

Backups::Backups(World& world) : world_(&world), random_(world.NewRandom()) {
  targets_ = {{"database", 95, 3.1e9, 6}, {"kv", 8, 4.5e7, 6}, {"objects", 240, 2.4e10, 6}};
  for (Target& target : targets_) {
    world.Every(std::chrono::minutes(5), [this, &target] { BackUp(target); });
    world.Every(std::chrono::minutes(10), [this, &target] { Verify(target); });
    world.Every(std::chrono::minutes(20), [this, &target] { Restore(target); });
    world.Every(std::chrono::seconds(15), [this, &target] { Replicate(target); });
  }
}

// Over a bad network one target cannot be reached at all, and of another only a part is copied: a backup that
// is called good and is too small.
void Backups::BackUp(Target& target) {
  const bool bad = world_->network_is_bad();
  if (bad && target.name == "kv") return;
  target.bytes *= random_.Between(1.0, 1.002);
  const double slow = bad ? 4 : 1;
  const double copied = bad && target.name == "objects" ? 0.4 : 1;
  target.daily = std::min(target.daily + 1, 7);
  world_->Emit("backup.finished", {{"target", target.name},
                                   {"ok", !world_->IsActive(Incident::kErrorBurst)},
                                   {"duration_seconds", slow * target.seconds * random_.Between(0.9, 1.2)},
                                   {"size_bytes", copied * target.bytes}});
  TakeStock(target);
}

void Backups::TakeStock(const Target& target) {
  for (const auto& [retention, stored, days] :
       {std::tuple<std::string_view, int, int>{"daily", target.daily, 7},
        {"weekly", 4, 28},
        {"monthly", 3, 90}}) {
    world_->Emit("backup.inventory", {{"target", target.name},
                                      {"retention", retention},
                                      {"stored", stored},
                                      {"oldest_time", world_->start() - std::chrono::hours(24 * days)}});
  }
}

// Those that a check finds broken are thrown away.
void Backups::Verify(Target& target) {
  constexpr int kBroken = 3;
  const bool bad = world_->network_is_bad();
  world_->Emit("backup.verified", {{"target", target.name}, {"ok", !bad}});
  if (!bad) return;
  target.daily = std::max(target.daily - kBroken, 0);
  TakeStock(target);
}

void Backups::Restore(const Target& target) {
  world_->Emit("restore.finished", {{"target", target.name},
                                    {"ok", true},
                                    {"duration_seconds", target.seconds * random_.Between(1.5, 2.5)}});
}

void Backups::Replicate(const Target& target) {
  if (world_->network_is_bad()) return;
  world_->Emit(
      "backup.replicated",
      {{"target", target.name}, {"until", world_->now() - std::chrono::seconds(20 + random_.Poisson(10))}});
}

}  // namespace fleet::simulate
