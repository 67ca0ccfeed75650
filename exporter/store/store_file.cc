#include "exporter/store/store_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <filesystem>

#include "exporter/store/checksum.h"
#include "exporter/store/journal_codec.h"
#include "exporter/store/wal.h"

namespace fleet {
namespace {

constexpr std::int64_t kApplicationId = 0x464c5453;  // "FLTS"

constexpr std::string_view kSchema[] = {
    // 1
    "CREATE TABLE meta(name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE vocabulary(id INTEGER PRIMARY KEY, words TEXT NOT NULL UNIQUE);"
    "CREATE TABLE journal(seq INTEGER PRIMARY KEY, vocabulary INTEGER NOT NULL, entry BLOB NOT NULL,"
    " checksum INTEGER NOT NULL);"
    "CREATE TABLE snapshot(generation INTEGER NOT NULL, part INTEGER NOT NULL, content BLOB NOT NULL,"
    " checksum INTEGER NOT NULL, PRIMARY KEY(generation, part));"
    "CREATE TABLE seen(segment INTEGER PRIMARY KEY, newest INTEGER NOT NULL, ids BLOB NOT NULL,"
    " checksum INTEGER NOT NULL);",
};

// Rows removed at a time: few enough that nobody waits long for the next append.
constexpr std::int64_t kTrimmedAtOnce = 64;

template <typename T>
void AppendRaw(std::string& bytes, const T& value) {
  bytes.append(reinterpret_cast<const char*>(&value), sizeof(value));
}

constexpr std::size_t kKeptIdBytes = 24;

std::string PackIds(std::span<const KeptId> ids) {
  std::string bytes;
  bytes.reserve(ids.size() * kKeptIdBytes);
  for (const KeptId& kept : ids) {
    AppendRaw(bytes, kept.id.high);
    AppendRaw(bytes, kept.id.low);
    AppendRaw(bytes, kept.at.value);
  }
  return bytes;
}

KeptId UnpackId(const char* bytes) {
  KeptId kept;
  std::memcpy(&kept.id.high, bytes, 8);
  std::memcpy(&kept.id.low, bytes + 8, 8);
  std::memcpy(&kept.at.value, bytes + 16, 8);
  return kept;
}

tl::unexpected<Error> SystemFailed(const std::string& path) {
  return Fail(fmt::format("{}: {}", path, std::strerror(errno)));
}

}  // namespace

std::span<const std::string_view> StoreFile::Schema() { return kSchema; }

StoreFile::~StoreFile() {
  append_ = Statement();
  database_.reset();
  if (lock_ >= 0) close(lock_);
}

tl::expected<std::unique_ptr<StoreFile>, FileFailure> StoreFile::Open(
    const std::string& path, Database::Access access, std::span<const std::string_view> schema) {
  std::unique_ptr<StoreFile> file(new StoreFile(path));
  const bool may_write = access != Database::Access::kRead;
  const auto failed = [&](const Error& error) { return tl::make_unexpected(file->FailureOf(error)); };
  if (may_write) {
    if (const auto locked = file->Lock(); !locked) return failed(locked.error());
  }
  if (LosesTransactions(path)) return failed(file->Damaged("the write-ahead log is damaged").value());
  if (access == Database::Access::kCreate) {
    // Ours alone from the start; SQLite gives the files beside it the same mode.
    const int created = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (created < 0) return failed(SystemFailed(path).value());
    close(created);
  }
  auto database = Database::Open(path, access);
  if (!database) return failed(database.error());
  file->database_ = *std::move(database);
  if (const auto done = file->Configure(access); !done) return failed(done.error());
  if (const auto ours = file->CheckOwner(schema, may_write); !ours) return tl::make_unexpected(ours.error());
  if (const auto whole = file->database_->Text("PRAGMA quick_check(1)"); !whole) {
    return failed(whole.error());
  } else if (*whole != "ok") {
    // "*** in database main ***", and in the next line what it is.
    return failed(file->Damaged(whole->substr(whole->rfind('\n') + 1)).value());
  }
  if (may_write) {
    if (const auto done = file->Upgrade(schema); !done) return failed(done.error());
  }
  if (const auto done = file->LoadMeta(may_write); !done) return failed(done.error());
  if (may_write) {
    if (const auto done = file->PrepareAppend(); !done) return failed(done.error());
  }
  return file;
}

// SQLite's own locks would let a second exporter append between our entries.
Result<void> StoreFile::Lock() {
  const std::string name = path_ + ".lock";
  lock_ = open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock_ < 0) return SystemFailed(name);
  if (flock(lock_, LOCK_EX | LOCK_NB) == 0) return {};
  if (errno != EWOULDBLOCK) return SystemFailed(name);
  return Fail(fmt::format("{}: another fleet_exporter uses it", path_));
}

Result<void> StoreFile::Configure(Database::Access access) {
  if (access == Database::Access::kRead) return {};
  const auto mode = database_->Text("PRAGMA journal_mode=WAL");
  if (!mode) return tl::make_unexpected(mode.error());
  if (*mode != "wal") return Fail(fmt::format("{}: the file system allows no write-ahead log", path_));
  return database_->Execute(
      "PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=2000; PRAGMA journal_size_limit=67108864;");
}

tl::expected<void, FileFailure> StoreFile::CheckOwner(std::span<const std::string_view> schema,
                                                      bool may_write) {
  const auto failed = [&](const Error& error) { return tl::make_unexpected(FailureOf(error)); };
  const auto owner = database_->Integer("PRAGMA application_id");
  if (!owner) return failed(owner.error());
  const auto tables = database_->Integer("SELECT count(*) FROM sqlite_master");
  if (!tables) return failed(tables.error());
  const auto version = database_->Integer("PRAGMA user_version");
  if (!version) return failed(version.error());
  if (*owner != kApplicationId && *tables > 0) {
    return tl::make_unexpected(FileFailure{false, fmt::format("{}: the database of another program", path_)});
  }
  if (*version == 0 && !may_write) {
    return tl::make_unexpected(FileFailure{false, fmt::format("{}: nothing has been stored in it", path_)});
  }
  if (*version <= static_cast<std::int64_t>(schema.size())) return {};
  return tl::make_unexpected(FileFailure{
      false, fmt::format("{}: written by a newer fleet_exporter (schema {}, this one knows {}); use that "
                         "version, or another --storage.path",
                         path_, *version, schema.size())});
}

Result<void> StoreFile::Upgrade(std::span<const std::string_view> schema) {
  const auto version = database_->Integer("PRAGMA user_version");
  if (!version) return tl::make_unexpected(version.error());
  const auto owner = database_->Integer("PRAGMA application_id");
  if (!owner) return tl::make_unexpected(owner.error());
  // Nothing is written without need: an exporter may start on a full disk.
  if (*owner == kApplicationId && *version == static_cast<std::int64_t>(schema.size())) return {};
  auto transaction = Transaction::Begin(*database_);
  if (!transaction) return tl::make_unexpected(transaction.error());
  for (auto step = static_cast<std::size_t>(*version); step < schema.size(); ++step) {
    if (auto done = database_->Execute(std::string(schema[step])); !done) return done;
  }
  const std::string pragmas =
      fmt::format("PRAGMA application_id={}; PRAGMA user_version={};", kApplicationId, schema.size());
  if (auto done = database_->Execute(pragmas); !done) return done;
  return transaction->Commit();
}

Result<std::string> StoreFile::Meta(std::string_view name) {
  auto find = database_->Prepare("SELECT value FROM meta WHERE name = ?");
  if (!find) return tl::make_unexpected(find.error());
  const auto row = find->Bind(1, name).Step();
  if (!row) return tl::make_unexpected(row.error());
  return std::string(*row ? find->Bytes(0) : std::string_view());
}

Result<void> StoreFile::SetMeta(std::string_view name, std::string_view value) {
  auto set = database_->Prepare("INSERT INTO meta VALUES(?1, ?2) ON CONFLICT(name) DO UPDATE SET value = ?2");
  if (!set) return tl::make_unexpected(set.error());
  return set->Bind(1, name).Bind(2, value).Run();
}

Result<void> StoreFile::LoadMeta(bool may_write) {
  auto seed = Meta("seed");
  if (!seed) return tl::make_unexpected(seed.error());
  if (seed->empty() && may_write) {
    seed_ = SeenSeed::Random();
    AppendRaw(*seed, seed_);
    if (auto done = SetMeta("seed", *seed); !done) return done;
  }
  if (seed->size() == sizeof(seed_)) std::memcpy(&seed_, seed->data(), sizeof(seed_));

  const auto snapshot = Meta("snapshot");
  if (!snapshot) return tl::make_unexpected(snapshot.error());
  if (!snapshot->empty()) {
    long long generation = 0;
    long long parts = 0;
    long long entry = 0;
    if (std::sscanf(snapshot->c_str(), "%lld %lld %lld", &generation, &parts, &entry) != 3) {
      return Damaged("the snapshot's place is unreadable");
    }
    generation_ = generation;
    parts_ = parts;
    snapshot_entry_ = entry;
  }
  const auto last = database_->Integer("SELECT max(seq) FROM journal");
  if (!last) return tl::make_unexpected(last.error());
  last_entry_ = std::max(*last, snapshot_entry_);
  const auto bytes = database_->Integer(
      fmt::format("SELECT total(length(entry)) FROM journal WHERE seq > {}", snapshot_entry_));
  if (!bytes) return tl::make_unexpected(bytes.error());
  journal_bytes_ = static_cast<std::size_t>(*bytes);
  const auto size = database_->Integer(
      fmt::format("SELECT total(length(content)) FROM snapshot WHERE generation = {}", generation_));
  if (!size) return tl::make_unexpected(size.error());
  snapshot_bytes_ = static_cast<std::size_t>(*size);
  return {};
}

// Also asks SQLite to write, if only nothing: a file that is not ours to write shows here.
Result<void> StoreFile::PrepareAppend() {
  const std::string words = Vocabulary::Print();
  auto add = database_->Prepare("INSERT OR IGNORE INTO vocabulary(words) VALUES(CAST(? AS TEXT))");
  if (!add) return tl::make_unexpected(add.error());
  if (auto done = add->Bind(1, std::string_view(words)).Run(); !done) return done;
  auto find = database_->Prepare("SELECT id FROM vocabulary WHERE words = CAST(? AS TEXT)");
  if (!find) return tl::make_unexpected(find.error());
  if (const auto row = find->Bind(1, std::string_view(words)).Step(); !row) {
    return tl::make_unexpected(row.error());
  }
  vocabulary_ = find->Integer(0);
  auto append = database_->Prepare("INSERT INTO journal VALUES(?, ?, ?, ?)");
  if (!append) return tl::make_unexpected(append.error());
  append_ = *std::move(append);
  return {};
}

Result<void> StoreFile::Append(std::string_view entry) {
  append_.Bind(1, last_entry_ + 1).Bind(2, vocabulary_).Bind(3, entry).Bind(4, Checksum(entry));
  auto done = append_.Run();
  if (!done) return done;
  ++last_entry_;
  journal_bytes_ += entry.size();
  return done;
}

Result<void> StoreFile::Read(const Reader& reader) {
  if (auto done = ReadSeen(reader); !done) return done;
  if (auto done = ReadSnapshot(reader); !done) return done;
  return ReadJournal(reader);
}

Result<void> StoreFile::ReadSeen(const Reader& reader) {
  auto rows = database_->Prepare("SELECT segment, ids, checksum FROM seen ORDER BY segment");
  if (!rows) return tl::make_unexpected(rows.error());
  for (;;) {
    const auto row = rows->Step();
    if (!row) return tl::make_unexpected(row.error());
    if (!*row) return {};
    const std::string_view ids = rows->Bytes(1);
    if (Checksum(ids) != rows->Integer(2) || ids.size() % kKeptIdBytes != 0) {
      return Damaged(fmt::format("wrong checksum in row {} of seen", rows->Integer(0)));
    }
    for (std::size_t at = 0; at < ids.size(); at += kKeptIdBytes) reader.seen(UnpackId(ids.data() + at));
  }
}

Result<void> StoreFile::ReadSnapshot(const Reader& reader) {
  if (generation_ == 0) return {};
  auto rows =
      database_->Prepare("SELECT part, content, checksum FROM snapshot WHERE generation = ? ORDER BY part");
  if (!rows) return tl::make_unexpected(rows.error());
  rows->Bind(1, generation_);
  std::string bytes;
  bytes.reserve(snapshot_bytes_);
  for (std::int64_t part = 0; part < parts_; ++part) {
    const auto row = rows->Step();
    if (!row) return tl::make_unexpected(row.error());
    if (!*row || rows->Integer(0) != part || Checksum(rows->Bytes(1)) != rows->Integer(2)) {
      return Damaged(fmt::format("wrong checksum in part {} of the snapshot", part));
    }
    bytes += rows->Bytes(1);
  }
  return reader.snapshot(bytes);
}

Result<void> StoreFile::ReadJournal(const Reader& reader) {
  auto rows = database_->Prepare(
      "SELECT seq, entry, checksum, words FROM journal LEFT JOIN vocabulary ON id = vocabulary "
      "WHERE seq > ? ORDER BY seq");
  if (!rows) return tl::make_unexpected(rows.error());
  rows->Bind(1, snapshot_entry_);
  for (;;) {
    const auto row = rows->Step();
    if (!row) return tl::make_unexpected(row.error());
    if (!*row) return {};
    if (Checksum(rows->Bytes(1)) != rows->Integer(2)) {
      return Damaged(fmt::format("wrong checksum in row {} of the journal", rows->Integer(0)));
    }
    if (auto done = reader.entry(rows->Bytes(1), rows->Bytes(3)); !done) return done;
  }
}

Result<void> StoreFile::BeginSnapshot() {
  next_parts_ = 0;
  next_bytes_ = 0;
  return database_->Execute(fmt::format("DELETE FROM snapshot WHERE generation > {}", generation_));
}

Result<void> StoreFile::AddToSnapshot(std::string_view part) {
  auto add = database_->Prepare("INSERT INTO snapshot VALUES(?, ?, ?, ?)");
  if (!add) return tl::make_unexpected(add.error());
  auto done = add->Bind(1, generation_ + 1).Bind(2, next_parts_).Bind(3, part).Bind(4, Checksum(part)).Run();
  if (!done) return done;
  ++next_parts_;
  next_bytes_ += part.size();
  return done;
}

Result<void> StoreFile::AdoptSnapshot(std::int64_t last_entry, std::span<const KeptId> ids,
                                      UnixMillis oldest_id, std::size_t max_ids) {
  auto transaction = Transaction::Begin(*database_);
  if (!transaction) return tl::make_unexpected(transaction.error());
  if (!ids.empty()) {
    auto add = database_->Prepare("INSERT INTO seen(newest, ids, checksum) VALUES(?, ?, ?)");
    if (!add) return tl::make_unexpected(add.error());
    const std::string packed = PackIds(ids);
    UnixMillis newest = oldest_id;
    for (const KeptId& kept : ids) newest = std::max(newest, kept.at);
    const auto sum = Checksum(packed);
    auto done = add->Bind(1, newest.value).Bind(2, std::string_view(packed)).Bind(3, sum).Run();
    if (!done) return done;
  }
  if (auto done = ForgetIds(oldest_id, max_ids); !done) return done;
  const std::string place = fmt::format("{} {} {}", generation_ + 1, next_parts_, last_entry);
  if (auto done = SetMeta("snapshot", place); !done) return done;
  if (auto done = transaction->Commit(); !done) return done;
  ++generation_;
  parts_ = next_parts_;
  snapshot_entry_ = last_entry;
  snapshot_bytes_ = next_bytes_;
  const auto left = database_->Integer(
      fmt::format("SELECT total(length(entry)) FROM journal WHERE seq > {}", snapshot_entry_));
  journal_bytes_ = left ? static_cast<std::size_t>(*left) : 0;
  return {};
}

// Whole rows: the oldest whose ids are all too old, or more than need be remembered.
Result<void> StoreFile::ForgetIds(UnixMillis oldest_id, std::size_t max_ids) {
  return database_->Execute(fmt::format(
      "DELETE FROM seen WHERE newest < {0} OR segment IN (SELECT segment FROM (SELECT segment, "
      "sum(length(ids)) OVER (ORDER BY segment DESC) - length(ids) AS newer FROM seen) WHERE newer >= {1})",
      oldest_id.value, max_ids * kKeptIdBytes));
}

Result<bool> StoreFile::Trim() {
  const auto first = database_->Integer("SELECT coalesce(min(seq), 0) FROM journal");
  if (!first) return tl::make_unexpected(first.error());
  if (*first != 0 && *first <= snapshot_entry_) {
    const std::int64_t until = std::min(snapshot_entry_, *first + kTrimmedAtOnce);
    auto done = database_->Execute(fmt::format("DELETE FROM journal WHERE seq <= {}", until));
    if (!done) return tl::make_unexpected(done.error());
    return true;
  }
  const auto dead =
      database_->Integer(fmt::format("SELECT count(*) FROM snapshot WHERE generation <> {}", generation_));
  if (!dead) return tl::make_unexpected(dead.error());
  if (*dead == 0) return false;
  auto done = database_->Execute(
      fmt::format("DELETE FROM snapshot WHERE rowid IN (SELECT rowid FROM snapshot WHERE generation <> {} "
                  "LIMIT 8)",
                  generation_));
  if (!done) return tl::make_unexpected(done.error());
  return true;
}

Result<std::vector<std::string>> StoreFile::FindProblems() {
  std::vector<std::string> problems;
  auto rows = database_->Prepare("PRAGMA integrity_check");
  if (!rows) return tl::make_unexpected(rows.error());
  for (;;) {
    const auto row = rows->Step();
    if (!row) return tl::make_unexpected(row.error());
    if (!*row) break;
    if (rows->Bytes(0) != "ok") problems.emplace_back(rows->Bytes(0));
  }
  return problems;
}

Result<void> StoreFile::Vacuum() {
  if (auto done = database_->Execute("VACUUM"); !done) return done;
  return database_->Execute("PRAGMA wal_checkpoint(TRUNCATE)");
}

std::uint64_t StoreFile::SizeBytes() const {
  std::uint64_t size = 0;
  for (const char* const suffix : {"", "-wal"}) {
    struct stat status {};
    if (stat((path_ + suffix).c_str(), &status) == 0) size += static_cast<std::uint64_t>(status.st_size);
  }
  return size;
}

tl::unexpected<Error> StoreFile::Damaged(std::string_view what) {
  damaged_ = true;
  return Fail(fmt::format("{}: {}", path_, what));
}

FileFailure StoreFile::FailureOf(const Error& error) const {
  const bool broken = database_ != nullptr && database_->trouble() == DatabaseTrouble::kDamaged;
  return {damaged_ || broken, error.message};
}

Result<std::string> SetAside(const std::string& path, UnixMillis now) {
  const std::time_t seconds = now.value / 1000;
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  char stamp[32];
  std::strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%SZ", &utc);
  std::string name = fmt::format("{}.damaged-{}", path, stamp);
  for (int n = 2; std::filesystem::exists(name); ++n) name = fmt::format("{}.damaged-{}-{}", path, stamp, n);
  for (const char* const suffix : {"", "-wal", "-shm"}) {
    const std::string from = path + suffix;
    if (!std::filesystem::exists(from)) continue;
    if (std::rename(from.c_str(), (name + suffix).c_str()) != 0) return SystemFailed(from);
  }
  return name;
}

}  // namespace fleet
