#include "exporter/store/seen_ids.h"

#include <algorithm>
#include <random>

#include "lib/base/hash.h"

namespace fleet {

SeenSeed SeenSeed::Random() {
  std::random_device device;
  const auto next = [&device] { return static_cast<std::uint64_t>(device()) << 32U | device(); };
  const std::uint64_t high = next();
  return {high, next()};
}

SeenIds::SeenIds(std::size_t max_ids, Duration retention, SeenSeed seed)
    : max_ids_per_shard_(std::max<std::size_t>(1, max_ids / kShards)), retention_(retention), seed_(seed) {}

SeenId SeenIds::IdOf(const Event& event) const {
  const auto half = [&event](std::uint64_t seed) { return Hash(event.id, Hash(event.source, seed)); };
  return {half(seed_.high), half(seed_.low)};
}

SeenIds::Ticket SeenIds::Begin() {
  const std::lock_guard lock(running_mutex_);
  running_.tickets.push_back(++running_.last);
  return running_.last;
}

void SeenIds::Finish(Ticket ticket) {
  {
    const std::lock_guard lock(running_mutex_);
    std::erase(running_.tickets, ticket);
  }
  finished_.notify_all();
}

void SeenIds::Await(const std::set<Ticket>& tickets) {
  std::unique_lock lock(running_mutex_);
  finished_.wait(lock, [&] {
    return std::ranges::none_of(running_.tickets, [&](Ticket ticket) { return tickets.contains(ticket); });
  });
}

bool SeenIds::Running::Contains(Ticket ticket) const {
  constexpr Ticket kMostLater = 1U << 20U;  // further ahead is an old one, from before the last wrap
  const Ticket later = ticket - last;
  return (later > 0 && later < kMostLater) || std::ranges::find(tickets, ticket) != tickets.end();
}

SeenIds::Running SeenIds::NowRunning() const {
  const std::lock_guard lock(running_mutex_);
  return running_;
}

// Shard by shard: one lock for all events of a shard, and the memory of the next is loaded meanwhile.
std::vector<SeenIds::Claim> SeenIds::ClaimAll(Ticket ticket, std::span<const Event* const> events,
                                              UnixMillis now) {
  std::vector<Claim> claims(events.size());
  std::vector<SeenId> ids(events.size());
  std::array<std::vector<std::uint32_t>, kShards> by_shard;
  for (std::uint32_t i = 0; i < events.size(); ++i) {
    if (events[i]->id.empty()) continue;
    ids[i] = IdOf(*events[i]);
    by_shard[ShardOf(ids[i])].push_back(i);
  }
  // Before the ids are looked at: who has finished by now has released what it did not take, and an id
  // that is still there is a duplicate.
  const Running running = NowRunning();
  const UnixMillis oldest = now - retention_;
  for (std::size_t s = 0; s < kShards; ++s) {
    if (by_shard[s].empty()) continue;
    Shard& shard = shards_[s];
    const std::lock_guard lock(shard.mutex);
    for (const std::uint32_t i : by_shard[s]) shard.index.Prefetch(ids[i].low);
    for (const std::uint32_t i : by_shard[s]) {
      const Shard::Seen* const seen = shard.Claim(ids[i], ticket, now, oldest, max_ids_per_shard_);
      if (seen == nullptr) continue;
      claims[i] = {running.Contains(seen->owner) ? Claim::Kind::kPending : Claim::Kind::kDuplicate,
                   seen->owner};
    }
  }
  return claims;
}

void SeenIds::Release(SeenId id) {
  Shard& shard = shards_[ShardOf(id)];
  const std::lock_guard lock(shard.mutex);
  shard.Release(id);
}

bool SeenIds::Restore(SeenId id, UnixMillis at) {
  Shard& shard = shards_[ShardOf(id)];
  const std::lock_guard lock(shard.mutex);
  return shard.Claim(id, Ticket{}, at, at - retention_, max_ids_per_shard_) == nullptr;
}

std::size_t SeenIds::size() const {
  std::size_t size = 0;
  for (const Shard& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    size += shard.index.size();
  }
  return size;
}

const SeenIds::Shard::Seen* SeenIds::Shard::Claim(SeenId id, Ticket ticket, UnixMillis now, UnixMillis oldest,
                                                  std::size_t most) {
  while (!seen.empty() && (seen.front().at < oldest.value || seen.size() >= most)) DropOldest();
  const std::uint32_t position = Find(id);
  if (position != HashIndex::kNone) return &seen[position - first];
  index.Insert(id.low, first + static_cast<std::uint32_t>(seen.size()));
  seen.push_back({id, now.value, ticket, false});
  return nullptr;
}

void SeenIds::Shard::Release(SeenId id) {
  const std::uint32_t position = Find(id);
  if (position == HashIndex::kNone) return;
  index.Erase(id.low, position);
  seen[position - first].released = true;
}

std::uint32_t SeenIds::Shard::Find(SeenId id) const {
  return index.Find(id.low, [&](std::uint32_t position) { return seen[position - first].id == id; });
}

void SeenIds::Shard::DropOldest() {
  if (!seen.front().released) index.Erase(seen.front().id.low, first);
  seen.pop_front();
  ++first;
}

}  // namespace fleet
