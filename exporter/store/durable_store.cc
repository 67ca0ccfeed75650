#include "exporter/store/durable_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "exporter/store/journal_codec.h"

namespace fleet {
namespace {

// Written at a time, so that appends find their way in between.
constexpr std::size_t kPartBytes = 1U << 20U;
// Of events applied but not written (they are only kept so long while the disk refuses them).
constexpr std::size_t kMostPendingBytes = 64U << 20U;

// What senders are told; they need not know our paths.
StoreFailure CannotWrite() {
  return {StoreFailure::Kind::kUnavailable, "the store cannot be written now; try again later"};
}

// Between pieces of background work: who waits for the file gets it.
void LetOthersWrite() { std::this_thread::sleep_for(std::chrono::milliseconds(1)); }

// After a snapshot that failed; the disk is full, and copying the fleet costs.
constexpr std::chrono::seconds kRetryCompactionAfter{10};

constexpr int kWaits = 0;
constexpr int kLeads = 1;
constexpr int kDone = 2;

}  // namespace

// A request whose events are on their way; lives on the stack of its thread.
struct DurableStore::Waiting {
  const Batch* batch;
  std::string encoded;
  std::atomic<int> state{kWaits};
  tl::expected<void, StoreFailure> result;

  void Tell(int news) {
    state.store(news);
    state.notify_one();
  }
};

// What a snapshot holds: the fleet after an entry, and which events that was.
struct DurableStore::Cut {
  std::int64_t entry = 0;
  std::string fleet;
  std::vector<KeptId> ids;
  std::chrono::nanoseconds held{};
};

DurableStore::DurableStore(const StoreOptions& options, Fleet& fleet, const Clock& clock,
                           StoreObserver& observer, std::unique_ptr<StoreFile> file)
    : EventStore(options.max_ids, options.retention, file->seed()),
      options_(options),
      fleet_(&fleet),
      clock_(&clock),
      observer_(&observer),
      file_(std::move(file)),
      applied_entry_(file_->last_entry()) {}

DurableStore::~DurableStore() {
  {
    const std::lock_guard lock(background_mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (background_.joinable()) background_.join();
  FlushPending();
}

StoreStats DurableStore::Stats() const {
  const std::lock_guard lock(queue_mutex_);
  return {file_->SizeBytes(), queued_events_, options_.max_queued_events};
}

tl::expected<void, StoreFailure> DurableStore::Commit(const Batch& batch) {
  std::string encoded = EncodeEvents(batch.events, batch.received);
  if (!options_.wait_for_disk) return CommitLater(batch, encoded);
  Waiting mine{&batch, std::move(encoded), {}, {}};
  bool leads = false;
  {
    const std::lock_guard lock(queue_mutex_);
    // One request alone is always let in, whatever its size.
    if (queued_events_ > 0 && queued_events_ + batch.events.size() > options_.max_queued_events) {
      return tl::make_unexpected(StoreFailure{
          StoreFailure::Kind::kBusy, fmt::format("{} events wait to be stored; try again", queued_events_)});
    }
    queue_.push_back(&mine);
    queued_events_ += batch.events.size();
    leads = !std::exchange(somebody_writes_, true);
  }
  if (!leads) {
    mine.state.wait(kWaits);
    leads = mine.state.load() == kLeads;
  }
  if (leads) Lead();
  return std::move(mine.result);
}

// Writes what has queued up, the own events among it, and applies it.
void DurableStore::Lead() {
  std::unique_lock file_lock(file_mutex_);
  std::vector<Waiting*> group;
  {
    const std::lock_guard lock(queue_mutex_);
    group.swap(queue_);
  }
  std::string entry = EntryOfEvents(fleet_->advanced());
  for (const Waiting* waiting : group) entry += waiting->encoded;
  const Result<void> written = WriteEntry(entry);
  std::unique_lock order_lock(order_mutex_);
  const std::int64_t number = file_->last_entry();
  file_lock.unlock();
  PassLead();
  if (written) {
    for (const Waiting* waiting : group) ApplyInOrder(*waiting->batch);
    applied_entry_ = number;
  }
  order_lock.unlock();

  std::size_t events = 0;
  for (const Waiting* waiting : group) events += waiting->batch->events.size();
  {
    const std::lock_guard lock(queue_mutex_);
    queued_events_ -= events;
  }
  for (Waiting* waiting : group) {
    if (!written) waiting->result = tl::make_unexpected(CannotWrite());
    waiting->Tell(kDone);
  }
}

void DurableStore::PassLead() {
  Waiting* next = nullptr;
  {
    const std::lock_guard lock(queue_mutex_);
    somebody_writes_ = !queue_.empty();
    if (!queue_.empty()) next = queue_.front();
  }
  if (next != nullptr) next->Tell(kLeads);
}

// REQUIRES: file_mutex_ is held.
Result<void> DurableStore::WriteEntry(std::string_view entry) {
  const auto begin = std::chrono::steady_clock::now();
  Result<void> written = file_->Append(entry);
  const auto duration = std::chrono::steady_clock::now() - begin;
  observer_->Wrote(written ? "" : written.error().message, duration, clock_->Now());
  return written;
}

// REQUIRES: order_mutex_ is held.
void DurableStore::ApplyInOrder(const Batch& batch) {
  ApplyAll(batch, [&](const Event& event) { recent_ids_.push_back({seen_.IdOf(event), batch.received}); });
}

tl::expected<void, StoreFailure> DurableStore::CommitLater(const Batch& batch, const std::string& encoded) {
  const std::lock_guard lock(order_mutex_);
  if (pending_.size() > kMostPendingBytes) {
    return tl::make_unexpected(CannotWrite());
  }
  pending_ += encoded;
  pending_events_ += batch.events.size();
  ApplyInOrder(batch);
  return {};
}

// Events that were answered before they were written, into one entry.
void DurableStore::FlushPending() {
  const std::lock_guard file_lock(file_mutex_);
  std::string pending;
  {
    const std::lock_guard lock(order_mutex_);
    if (pending_.empty()) return;
    pending.swap(pending_);
  }
  const Result<void> written = WriteEntry(EntryOfEvents(fleet_->advanced()) + pending);
  const std::lock_guard lock(order_mutex_);
  if (written) {
    applied_entry_ = file_->last_entry();
    pending_events_ = 0;
    return;
  }
  pending_.insert(0, pending);
}

// Repeated after a crash in its place among the events.
void DurableStore::SetLimits(Fleet& fleet, const FleetLimits& limits) {
  FlushPending();
  const std::lock_guard file_lock(file_mutex_);
  const Result<void> written = WriteEntry(EntryOfLimits(limits));
  const std::lock_guard lock(order_mutex_);
  if (written) applied_entry_ = file_->last_entry();
  fleet.SetLimits(limits);
}

Result<DurableStore::Cut> DurableStore::CutNow() {
  Cut cut;
  const std::lock_guard file_lock(file_mutex_);
  std::string pending;
  {
    const std::lock_guard lock(order_mutex_);
    const auto begin = std::chrono::steady_clock::now();
    cut.fleet = fleet_->Save();
    cut.held = std::chrono::steady_clock::now() - begin;
    cut.entry = applied_entry_;
    cut.ids.swap(recent_ids_);
    pending.swap(pending_);
    pending_events_ = 0;
  }
  if (pending.empty()) return cut;
  const Result<void> written = WriteEntry(EntryOfEvents(fleet_->advanced()) + pending);
  const std::lock_guard lock(order_mutex_);
  if (written) {
    cut.entry = applied_entry_ = file_->last_entry();
    return cut;
  }
  pending_.insert(0, pending);
  recent_ids_.insert(recent_ids_.begin(), cut.ids.begin(), cut.ids.end());
  return tl::make_unexpected(written.error());
}

Result<void> DurableStore::Compact() {
  const std::lock_guard compaction_lock(compaction_mutex_);
  Result<Cut> cut = CutNow();
  if (!cut) return tl::make_unexpected(cut.error());
  if (auto written = WriteSnapshot(*cut); !written) {
    const std::lock_guard lock(order_mutex_);
    recent_ids_.insert(recent_ids_.begin(), cut->ids.begin(), cut->ids.end());
    return written;
  }
  observer_->Compacted(cut->fleet.size(), cut->held);
  TrimAll();
  return {};
}

Result<void> DurableStore::CompactFully() {
  if (auto done = Compact(); !done) return done;
  const std::lock_guard lock(file_mutex_);
  return file_->Vacuum();
}

Result<void> DurableStore::WriteSnapshot(const Cut& cut) {
  const auto locked = [this](auto&& write) {
    LetOthersWrite();
    const std::lock_guard lock(file_mutex_);
    return write();
  };
  if (auto done = locked([&] { return file_->BeginSnapshot(); }); !done) return done;
  for (std::string_view rest = cut.fleet; !rest.empty();
       rest.remove_prefix(std::min(kPartBytes, rest.size()))) {
    auto done = locked([&] { return file_->AddToSnapshot(rest.substr(0, kPartBytes)); });
    if (!done) return done;
  }
  return locked([&] {
    const UnixMillis oldest = clock_->Now() - options_.retention;
    return file_->AdoptSnapshot(cut.entry, cut.ids, oldest, options_.max_ids);
  });
}

void DurableStore::TrimAll() {
  for (;;) {
    LetOthersWrite();
    const std::lock_guard lock(file_mutex_);
    const Result<bool> more = file_->Trim();
    if (!more) observer_->Trouble(more.error().message);
    if (!more || !*more) return;
  }
}

bool DurableStore::CompactionIsDue() {
  const std::lock_guard lock(file_mutex_);
  return file_->journal_bytes() > std::max(options_.compact_bytes, file_->snapshot_bytes());
}

void DurableStore::RunBackground() {
  auto not_before = std::chrono::steady_clock::now();
  std::unique_lock lock(background_mutex_);
  while (!wake_.wait_for(lock, kFlushEvery, [this] { return stopping_; })) {
    lock.unlock();
    FlushPending();
    if (std::chrono::steady_clock::now() >= not_before && CompactionIsDue()) {
      if (const auto done = Compact(); !done) {
        observer_->Trouble(done.error().message);
        not_before = std::chrono::steady_clock::now() + kRetryCompactionAfter;
      }
    }
    lock.lock();
  }
}

}  // namespace fleet
