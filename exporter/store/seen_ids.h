// Which events were there before, by source and id: so that none counts twice.
#pragma once

#include <array>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <set>
#include <span>
#include <vector>

#include "exporter/fleet/event.h"
#include "lib/base/clock.h"
#include "lib/base/duration.h"
#include "lib/base/hash_index.h"

namespace fleet {

// 128 bits of a hash of source and id under a secret seed: two different events meet once in 10^26 at
// two million.
struct SeenId {
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  friend bool operator==(SeenId, SeenId) = default;
};

// The seeds of both halves; whoever keeps ids must keep them, too.
struct SeenSeed {
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  static SeenSeed Random();
};

// Remembers the last `max_ids` events for `retention`, 40 bytes each. Thread-safe.
//
// An event belongs to the request that claimed it first. Until that one has finished, nobody can say
// whether the event is a duplicate: it may yet fail, and then the next sender's must count.
class SeenIds {
 public:
  SeenIds(std::size_t max_ids, Duration retention, SeenSeed seed = SeenSeed::Random());

  using Ticket = std::uint32_t;  // of a request, wraps around

  struct Claim {
    enum class Kind : std::uint8_t { kNew, kDuplicate, kPending };
    Kind kind = Kind::kNew;
    Ticket owner = 0;  // kPending: who has it
  };

  SeenId IdOf(const Event& event) const;

  Ticket Begin();
  // For each event: new (it is remembered from now on, for this request), seen before, or pending.
  // Events without an id are always new. Two requests at the same time: exactly one gets kNew.
  std::vector<Claim> ClaimAll(Ticket ticket, std::span<const Event* const> events, UnixMillis now);
  // The event was not taken after all: the next one is new.
  void Release(SeenId id);
  void Finish(Ticket ticket);
  // Waits until these have finished. Not while holding claims of one's own.
  void Await(const std::set<Ticket>& tickets);

  // From a store: seen at `at`, in the order of time. False when it is there already.
  bool Restore(SeenId id, UnixMillis at);

  // Ids remembered now.
  std::size_t size() const;

 private:
  // A ring in the order of arrival, and an index into it.
  class Shard {
   public:
    struct Seen {
      SeenId id;
      std::int64_t at = 0;
      Ticket owner = 0;
      bool released = false;
    };

    // Null when `id` is new, which it is no more then.
    const Seen* Claim(SeenId id, Ticket ticket, UnixMillis now, UnixMillis oldest, std::size_t most);
    void Release(SeenId id);

    mutable std::mutex mutex;
    std::deque<Seen> seen;
    std::uint32_t first = 0;  // position of seen.front(); positions count up and wrap around
    HashIndex index;

   private:
    std::uint32_t Find(SeenId id) const;
    void DropOldest();
  };

  static constexpr std::size_t kShards = 16;
  static std::size_t ShardOf(SeenId id) { return id.high % kShards; }

  // Who was running at one moment, and everybody who began later.
  struct Running {
    std::vector<Ticket> tickets;
    Ticket last = 0;

    bool Contains(Ticket ticket) const;
  };
  Running NowRunning() const;

  std::size_t max_ids_per_shard_;
  Duration retention_;
  SeenSeed seed_;
  std::array<Shard, kShards> shards_;

  mutable std::mutex running_mutex_;
  std::condition_variable finished_;
  Running running_;
};

}  // namespace fleet
