// The store of an exporter that keeps nothing on disk: it only knows which events it has seen.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <span>
#include <vector>

#include "exporter/store/event_store.h"
#include "lib/base/hash_index.h"

namespace fleet {

// Remembers the last `max_ids` events for 24 hours, by 128 bits of a hash under a secret seed: two
// different events meet once in 10^26 at two million. 40 bytes an id. Thread-safe.
class MemoryStore final : public EventStore {
 public:
  explicit MemoryStore(std::size_t max_ids = 2'000'000);

  std::vector<bool> Claim(std::span<const Event> events, UnixMillis now) override;
  Result<void> Append(std::span<const Event> events, UnixMillis now) override;
  void Release(std::span<const Event> events) override;

  // Ids remembered now.
  std::size_t size() const;

 private:
  struct Key {
    std::uint64_t high = 0;
    std::uint64_t low = 0;

    friend bool operator==(Key, Key) = default;
  };

  // A ring in the order of arrival, and an index into it.
  class Shard {
   public:
    // Sets is_new[i] for those keys[i] that belong to this shard.
    void Claim(std::span<const Key> keys, std::span<const std::uint32_t> mine, UnixMillis now,
               std::size_t most, std::vector<bool>& is_new);
    void Release(Key key);
    std::size_t size() const;

   private:
    struct Seen {
      Key key;
      std::int64_t at = 0;
      bool released = false;
    };

    bool ClaimOne(Key key, UnixMillis now, std::size_t most);
    std::uint32_t Find(Key key) const;
    void DropOldest();
    Seen& At(std::uint32_t position) { return seen_[position - first_]; }

    mutable std::mutex mutex_;
    std::deque<Seen> seen_;
    std::uint32_t first_ = 0;  // position of seen_.front(); positions count up and wrap around
    HashIndex index_;
  };

  static constexpr std::size_t kShards = 16;

  Key KeyOf(const Event& event) const;
  static std::size_t ShardOf(Key key) { return key.high % kShards; }

  std::size_t max_ids_per_shard_;
  std::uint64_t seed_;
  std::array<Shard, kShards> shards_;
};

}  // namespace fleet
