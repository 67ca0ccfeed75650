// The file of the store: its tables, and what may be done to them. Knows no fleet and no events.
//
//   journal   what changed the fleet since the snapshot, one row for each transaction
//   snapshot  the fleet as it was after a certain row, in parts
//   seen      ids of events that are in no journal row any more, one row for each snapshot
//
// Every row has a checksum: SQLite notices broken pages, but not changed bytes in them.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/store/database.h"
#include "exporter/store/seen_ids.h"
#include "lib/base/clock.h"
#include "lib/base/result.h"

namespace fleet {

// Why a file cannot be used.
struct FileFailure {
  bool damaged = false;  // else it is somebody else's, of a newer version, not to be written, in use
  std::string message;
};

struct KeptId {
  SeenId id;
  UnixMillis at;
};

class StoreFile {
 public:
  // Each step makes one version of the schema into the next; files keep the number of steps taken.
  static std::span<const std::string_view> Schema();

  // kCreate makes the file when it is missing. Checks that it is whole and brings it to the newest schema
  // (unless it is only read). One process writes at a time.
  static tl::expected<std::unique_ptr<StoreFile>, FileFailure> Open(
      const std::string& path, Database::Access access, std::span<const std::string_view> schema = Schema());
  ~StoreFile();

  struct Reader {
    std::function<void(const KeptId&)> seen;
    // Not called when there is none.
    std::function<Result<void>(std::string_view bytes)> snapshot;
    std::function<Result<void>(std::string_view entry, std::string_view vocabulary)> entry;
  };
  // Everything, in this order; entries in the order in which they were appended. Fails at the first byte
  // that is not what was written.
  Result<void> Read(const Reader& reader);

  SeenSeed seed() const { return seed_; }
  const std::string& path() const { return path_; }
  // Of the last entry, 0 before the first.
  std::int64_t last_entry() const { return last_entry_; }
  // Of the entries that the snapshot does not hold.
  std::size_t journal_bytes() const { return journal_bytes_; }
  std::size_t snapshot_bytes() const { return snapshot_bytes_; }
  // On disk, with the write-ahead log.
  std::uint64_t SizeBytes() const;
  DatabaseTrouble trouble() const { return database_->trouble(); }

  // After it returned the entry is durable.
  Result<void> Append(std::string_view entry);

  // A snapshot comes in parts, so that entries can be appended between them. It counts from AdoptSnapshot
  // on, which also forgets the entries up to `last_entry` and ids from before `oldest_id`.
  Result<void> BeginSnapshot();
  Result<void> AddToSnapshot(std::string_view part);
  Result<void> AdoptSnapshot(std::int64_t last_entry, std::span<const KeptId> ids, UnixMillis oldest_id,
                             std::size_t max_ids);
  // Removes a little of what does not count any more; false when nothing is left.
  Result<bool> Trim();

  // For people: thorough checks, and a file without gaps.
  Result<std::vector<std::string>> FindProblems();
  Result<void> Vacuum();

 private:
  explicit StoreFile(std::string path) : path_(std::move(path)) {}

  Result<void> Lock();
  Result<void> Configure(Database::Access access);
  tl::expected<void, FileFailure> CheckOwner(std::span<const std::string_view> schema, bool may_write);
  Result<void> Upgrade(std::span<const std::string_view> schema);
  Result<void> LoadMeta(bool may_write);
  Result<void> PrepareAppend();
  Result<void> ReadSeen(const Reader& reader);
  Result<void> ReadSnapshot(const Reader& reader);
  Result<void> ReadJournal(const Reader& reader);
  Result<std::string> Meta(std::string_view name);
  Result<void> SetMeta(std::string_view name, std::string_view value);
  Result<void> ForgetIds(UnixMillis oldest_id, std::size_t max_ids);
  tl::unexpected<Error> Damaged(std::string_view what);
  FileFailure FailureOf(const Error& error) const;

  std::string path_;
  int lock_ = -1;
  std::unique_ptr<Database> database_;
  Statement append_;
  SeenSeed seed_;
  bool damaged_ = false;  // a checksum was wrong
  std::int64_t vocabulary_ = 0;
  std::int64_t last_entry_ = 0;
  std::size_t journal_bytes_ = 0;
  std::size_t snapshot_bytes_ = 0;

  // The snapshot that counts, and the one that is being written.
  std::int64_t generation_ = 0, parts_ = 0, snapshot_entry_ = 0;
  std::int64_t next_parts_ = 0;
  std::size_t next_bytes_ = 0;
};

// Gives the file another name, with the files beside it. Returns the name.
Result<std::string> SetAside(const std::string& path, UnixMillis now);

}  // namespace fleet
