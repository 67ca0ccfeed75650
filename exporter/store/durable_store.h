// The store that keeps what it acknowledged: a journal of events in SQLite, and snapshots of the fleet
// that stand for all of it but the last part.
//
// Group commit: the first request that comes writes its events, and those of all that came meanwhile
// while it waits for the disk go together into the next transaction. Who writes holds the file; before he
// lets go of it he takes the order, and applies the events to the fleet while the next one writes. So the
// fleet sees events in the order of the journal, and the disk is never idle while somebody waits.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "exporter/fleet/fleet.h"
#include "exporter/store/event_store.h"
#include "exporter/store/store_file.h"
#include "exporter/store/store_observer.h"

namespace fleet {

struct StoreOptions {
  std::string folder;
  // Answers wait for the disk; else what came in the last moment (kFlushEvery) may be lost.
  bool wait_for_disk = true;
  Duration retention = std::chrono::hours(24);  // of ids
  std::size_t max_ids = 2'000'000;
  // A snapshot is made when the journal is larger than this, and larger than the last snapshot.
  std::size_t compact_bytes = 32U << 20U;
  std::size_t max_queued_events = 100'000;
};

// What there was when the store was opened.
struct Restored {
  std::size_t entries = 0;
  std::size_t events = 0;
  std::size_t ids = 0;
  std::size_t unknown_events = 0;  // of types that are no more
  std::vector<std::string> lost;   // parts and families that have another form now
  std::string damage;              // a damaged file was set aside: what was wrong, and its name now
};

class DurableStore final : public EventStore {
 public:
  static constexpr std::chrono::milliseconds kFlushEvery{200};

  // Makes folder and file where they are missing, restores `fleet` (to which nothing has been applied)
  // with the limits it had, and then gives it those it has now.
  static Result<std::unique_ptr<DurableStore>> Open(const StoreOptions& options, Fleet& fleet,
                                                    const Clock& clock, StoreObserver& observer);
  // Makes everything durable, without a snapshot.
  ~DurableStore() override;

  const Restored& restored() const { return restored_; }
  const std::string& path() const { return file_->path(); }
  StoreStats Stats() const;

  void SetLimits(Fleet& fleet, const FleetLimits& limits) override;
  // A snapshot now. The journal is short after it.
  Result<void> Compact();
  // The same, and gives unused space back to the file system: nobody can write meanwhile.
  Result<void> CompactFully();

 private:
  struct Waiting;

  DurableStore(const StoreOptions& options, Fleet& fleet, const Clock& clock, StoreObserver& observer,
               std::unique_ptr<StoreFile> file);

  tl::expected<void, StoreFailure> Commit(const Batch& batch) override;
  tl::expected<void, StoreFailure> CommitLater(const Batch& batch, const std::string& encoded);
  void Lead();
  void PassLead();
  Result<void> WriteEntry(std::string_view entry);
  void ApplyInOrder(const Batch& batch);

  void RunBackground();
  bool CompactionIsDue();
  void FlushPending();
  struct Cut;
  Result<Cut> CutNow();
  Result<void> WriteSnapshot(const Cut& cut);
  void TrimAll();

  StoreOptions options_;
  Fleet* fleet_;
  const Clock* clock_;
  StoreObserver* observer_;
  Restored restored_;

  // Locked in this order: file_mutex_, order_mutex_, queue_mutex_.
  std::mutex file_mutex_;
  std::unique_ptr<StoreFile> file_;

  std::mutex order_mutex_;          // held while events are applied
  std::int64_t applied_entry_ = 0;  // the fleet is as after this entry
  std::vector<KeptId> recent_ids_;  // of entries since the snapshot
  std::string pending_;             // !wait_for_disk: applied, not yet written
  std::size_t pending_events_ = 0;

  mutable std::mutex queue_mutex_;
  std::vector<Waiting*> queue_;
  std::size_t queued_events_ = 0;
  bool somebody_writes_ = false;

  std::mutex compaction_mutex_;
  std::mutex background_mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread background_;
};

}  // namespace fleet
