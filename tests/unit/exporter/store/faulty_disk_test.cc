// FaultyDisk itself: a wrapper around SQLite's own way to files.
#include "tests/unit/exporter/store/faulty_disk.h"

#include <sqlite3.h>

#include <catch2/catch.hpp>
#include <cstring>
#include <set>

namespace fleet::test {
namespace {

FaultyDisk* g_disk = nullptr;
sqlite3_vfs* g_real = nullptr;

struct File {
  sqlite3_file base;
  sqlite3_file* real;
  std::string* name;
};

File* Of(sqlite3_file* file) { return reinterpret_cast<File*>(file); }
const sqlite3_io_methods* Real(sqlite3_file* file) { return Of(file)->real->pMethods; }

std::string NameOf(const char* path) {
  const std::string whole = path == nullptr ? "" : path;
  return whole.substr(whole.rfind('/') + 1);
}

int CloseFile(sqlite3_file* file) {
  const int code = Real(file)->xClose(Of(file)->real);
  sqlite3_free(Of(file)->real);
  delete Of(file)->name;
  return code;
}
int ReadFile(sqlite3_file* file, void* to, int size, sqlite3_int64 offset) {
  return Real(file)->xRead(Of(file)->real, to, size, offset);
}
int WriteFile(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 offset) {
  if (!g_disk->MayWrite()) return SQLITE_FULL;
  g_disk->Record({FaultyDisk::Operation::Kind::kWrite, *Of(file)->name, static_cast<std::size_t>(offset),
                  std::string(static_cast<const char*>(bytes), static_cast<std::size_t>(size))});
  return Real(file)->xWrite(Of(file)->real, bytes, size, offset);
}
int TruncateFile(sqlite3_file* file, sqlite3_int64 size) {
  g_disk->Record(
      {FaultyDisk::Operation::Kind::kTruncate, *Of(file)->name, static_cast<std::size_t>(size), ""});
  return Real(file)->xTruncate(Of(file)->real, size);
}
// Free: what is lost is decided by the log.
int SyncFile(sqlite3_file* file, int) {
  g_disk->Record({FaultyDisk::Operation::Kind::kSync, *Of(file)->name, 0, ""});
  return SQLITE_OK;
}
int SizeOfFile(sqlite3_file* file, sqlite3_int64* size) {
  return Real(file)->xFileSize(Of(file)->real, size);
}
int LockFile(sqlite3_file* file, int level) { return Real(file)->xLock(Of(file)->real, level); }
int UnlockFile(sqlite3_file* file, int level) { return Real(file)->xUnlock(Of(file)->real, level); }
int CheckLock(sqlite3_file* file, int* result) {
  return Real(file)->xCheckReservedLock(Of(file)->real, result);
}
int Control(sqlite3_file* file, int op, void* argument) {
  return Real(file)->xFileControl(Of(file)->real, op, argument);
}
int SectorSize(sqlite3_file* file) { return Real(file)->xSectorSize(Of(file)->real); }
// Nothing is promised about writes that are torn or come late.
int Characteristics(sqlite3_file*) { return 0; }
int MapShared(sqlite3_file* file, int page, int size, int extend, void volatile** memory) {
  return Real(file)->xShmMap(Of(file)->real, page, size, extend, memory);
}
int LockShared(sqlite3_file* file, int offset, int n, int flags) {
  return Real(file)->xShmLock(Of(file)->real, offset, n, flags);
}
void BarrierShared(sqlite3_file* file) { Real(file)->xShmBarrier(Of(file)->real); }
int UnmapShared(sqlite3_file* file, int remove) { return Real(file)->xShmUnmap(Of(file)->real, remove); }

const sqlite3_io_methods kMethods = {
    2,          CloseFile,     ReadFile,    WriteFile, TruncateFile, SyncFile,        SizeOfFile,
    LockFile,   UnlockFile,    CheckLock,   Control,   SectorSize,   Characteristics, MapShared,
    LockShared, BarrierShared, UnmapShared, nullptr,   nullptr};

int OpenFile(sqlite3_vfs*, sqlite3_filename path, sqlite3_file* file, int flags, int* out_flags) {
  auto* const ours = Of(file);
  ours->base.pMethods = nullptr;
  ours->real = static_cast<sqlite3_file*>(sqlite3_malloc(g_real->szOsFile));
  std::memset(ours->real, 0, static_cast<std::size_t>(g_real->szOsFile));
  const int code = g_real->xOpen(g_real, path, ours->real, flags, out_flags);
  if (code != SQLITE_OK) {
    sqlite3_free(ours->real);
    return code;
  }
  ours->name = new std::string(NameOf(path));
  ours->base.pMethods = &kMethods;
  return code;
}

int DeleteFile(sqlite3_vfs*, const char* path, int sync) {
  g_disk->Record({FaultyDisk::Operation::Kind::kDelete, NameOf(path), 0, ""});
  return g_real->xDelete(g_real, path, sync);
}

sqlite3_vfs* Vfs() {
  static sqlite3_vfs vfs = [] {
    sqlite3_initialize();
    g_real = sqlite3_vfs_find(nullptr);
    sqlite3_vfs copy = *g_real;
    copy.zName = "faulty";
    copy.szOsFile = sizeof(File);
    copy.xOpen = OpenFile;
    copy.xDelete = DeleteFile;
    copy.pNext = nullptr;
    return copy;
  }();
  return &vfs;
}

}  // namespace

FaultyDisk::FaultyDisk() {
  g_disk = this;
  sqlite3_vfs_register(Vfs(), 1);
}

FaultyDisk::~FaultyDisk() {
  sqlite3_vfs_unregister(Vfs());
  sqlite3_vfs_register(g_real, 1);
  g_disk = nullptr;
}

std::size_t FaultyDisk::size() const {
  const std::lock_guard lock(mutex_);
  return log_.size();
}

void FaultyDisk::Record(Operation operation) {
  const std::lock_guard lock(mutex_);
  log_.push_back(std::move(operation));
}

void FaultyDisk::LetWrite(int writes) {
  const std::lock_guard lock(mutex_);
  writes_left_ = writes;
}

bool FaultyDisk::MayWrite() {
  const std::lock_guard lock(mutex_);
  const bool may = writes_left_ != 0;
  if (writes_left_ > 0) --writes_left_;
  return may;
}

std::map<std::string, std::string> FaultyDisk::FilesAfter(std::size_t operations, Cut cut) const {
  std::map<std::string, std::size_t> last_sync;  // by file: what came before it is there
  for (std::size_t i = 0; i < operations; ++i) {
    if (log_[i].kind == Operation::Kind::kSync) last_sync[log_[i].file] = i;
  }
  std::map<std::string, std::string> files;
  bool every_second = false;
  for (std::size_t i = 0; i < operations; ++i) {
    const Operation& op = log_[i];
    const bool synced = last_sync.contains(op.file) && i < last_sync[op.file];
    std::string bytes = op.bytes;
    if (op.kind == Operation::Kind::kWrite && !synced) {
      every_second = !every_second;
      if (cut == Cut::kUnsyncedLost || (cut == Cut::kUnsyncedMixed && every_second)) continue;
      if (cut == Cut::kLastTorn && i + 1 == operations) bytes.resize(bytes.size() / 2);
    }
    std::string& file = files[op.file];
    switch (op.kind) {
      case Operation::Kind::kWrite:
        if (file.size() < op.offset + bytes.size()) file.resize(op.offset + bytes.size());
        file.replace(op.offset, bytes.size(), bytes);
        break;
      case Operation::Kind::kTruncate:
        file.resize(op.offset);
        break;
      case Operation::Kind::kSync:
        break;
      case Operation::Kind::kDelete:
        files.erase(op.file);
        break;
    }
  }
  return files;
}

}  // namespace fleet::test

using fleet::test::FaultyDisk;

TEST_CASE("the faulty disk loses what was not synced") {
  using Kind = FaultyDisk::Operation::Kind;
  using Cut = FaultyDisk::Cut;
  FaultyDisk disk;
  disk.Record({Kind::kWrite, "a", 0, "1111"});
  disk.Record({Kind::kSync, "a", 0, ""});
  disk.Record({Kind::kWrite, "a", 2, "2222"});
  disk.Record({Kind::kWrite, "b", 0, "3333"});
  using Files = std::map<std::string, std::string>;
  CHECK(disk.FilesAfter(4, Cut::kAllWritten) == Files{{"a", "112222"}, {"b", "3333"}});
  CHECK(disk.FilesAfter(4, Cut::kUnsyncedLost) == Files{{"a", "1111"}});
  CHECK(disk.FilesAfter(4, Cut::kUnsyncedMixed) == Files{{"a", "1111"}, {"b", "3333"}});
  CHECK(disk.FilesAfter(4, Cut::kLastTorn) == Files{{"a", "112222"}, {"b", "33"}});
  CHECK(disk.FilesAfter(1, Cut::kUnsyncedLost) == Files{});
}
