#include "exporter/store/memory_store.h"

#include <algorithm>
#include <chrono>

#include "lib/base/hash.h"

namespace fleet {
namespace {

constexpr std::chrono::hours kRemembered{24};

}  // namespace

MemoryStore::MemoryStore(std::size_t max_ids)
    : max_ids_per_shard_(std::max<std::size_t>(1, max_ids / kShards)), seed_(SecretSeed()) {}

// Shard by shard: one lock for all events of a shard, and the memory of the next is loaded meanwhile.
std::vector<bool> MemoryStore::Claim(std::span<const Event> events, UnixMillis now) {
  std::vector<bool> is_new(events.size(), true);
  std::vector<Key> keys(events.size());
  std::array<std::vector<std::uint32_t>, kShards> by_shard;
  for (std::uint32_t i = 0; i < events.size(); ++i) {
    if (events[i].id.empty()) continue;
    keys[i] = KeyOf(events[i]);
    by_shard[ShardOf(keys[i])].push_back(i);
  }
  for (std::size_t shard = 0; shard < kShards; ++shard) {
    if (by_shard[shard].empty()) continue;
    shards_[shard].Claim(keys, by_shard[shard], now, max_ids_per_shard_, is_new);
  }
  return is_new;
}

Result<void> MemoryStore::Append(std::span<const Event>, UnixMillis) { return {}; }

void MemoryStore::Release(std::span<const Event> events) {
  for (const Event& event : events) {
    if (event.id.empty()) continue;
    const Key key = KeyOf(event);
    shards_[ShardOf(key)].Release(key);
  }
}

std::size_t MemoryStore::size() const {
  std::size_t size = 0;
  for (const Shard& shard : shards_) size += shard.size();
  return size;
}

MemoryStore::Key MemoryStore::KeyOf(const Event& event) const {
  const auto half = [&event](std::uint64_t seed) { return Hash(event.id, Hash(event.source, seed)); };
  return {half(seed_), half(~seed_)};
}

void MemoryStore::Shard::Claim(std::span<const Key> keys, std::span<const std::uint32_t> mine, UnixMillis now,
                               std::size_t most, std::vector<bool>& is_new) {
  const std::lock_guard lock(mutex_);
  for (const std::uint32_t i : mine) index_.Prefetch(keys[i].low);
  for (const std::uint32_t i : mine) is_new[i] = ClaimOne(keys[i], now, most);
}

bool MemoryStore::Shard::ClaimOne(Key key, UnixMillis now, std::size_t most) {
  const std::int64_t oldest = (now - kRemembered).value;
  while (!seen_.empty() && (seen_.front().at < oldest || seen_.size() >= most)) DropOldest();
  if (Find(key) != HashIndex::kNone) return false;
  index_.Insert(key.low, first_ + static_cast<std::uint32_t>(seen_.size()));
  seen_.push_back({key, now.value, false});
  return true;
}

void MemoryStore::Shard::Release(Key key) {
  const std::lock_guard lock(mutex_);
  const std::uint32_t position = Find(key);
  if (position == HashIndex::kNone) return;
  index_.Erase(key.low, position);
  At(position).released = true;
}

std::size_t MemoryStore::Shard::size() const {
  const std::lock_guard lock(mutex_);
  return index_.size();
}

std::uint32_t MemoryStore::Shard::Find(Key key) const {
  return index_.Find(key.low, [&](std::uint32_t position) { return seen_[position - first_].key == key; });
}

void MemoryStore::Shard::DropOldest() {
  if (!seen_.front().released) index_.Erase(seen_.front().key.low, first_);
  seen_.pop_front();
  ++first_;
}

}  // namespace fleet
