#include "exporter/store/wal.h"

#include <catch2/catch.hpp>

#include "exporter/store/store_file.h"
#include "lib/base/file_system.h"
#include "tests/support/process.h"

using fleet::Database;
using fleet::LosesTransactions;
using fleet::StoreFile;
using fleet::test::TemporaryFolder;

namespace {

constexpr std::size_t kHeader = 32, kFrame = 24 + 4096;

std::unique_ptr<StoreFile> Create(const std::string& path) {
  auto file = StoreFile::Open(path, Database::Access::kCreate);
  REQUIRE(file);
  return *std::move(file);
}

// The log of a store into which so many entries were appended, each in a transaction of its own.
std::string LogOf(int entries) {
  const TemporaryFolder folder;
  const auto file = Create(folder.path() + "/a.db");
  for (int i = 0; i < entries; ++i) REQUIRE(file->Append("entry"));
  const auto log = fleet::ReadFile(folder.path() + "/a.db-wal");
  REQUIRE(log);
  REQUIRE(log->size() > kHeader + kFrame * static_cast<std::size_t>(entries));
  REQUIRE((log->size() - kHeader) % kFrame == 0);
  return *log;
}

bool Loses(const std::string& log) {
  const TemporaryFolder folder;
  folder.Write("a.db-wal", log);
  return LosesTransactions(folder.path() + "/a.db");
}

std::string Flipped(std::string log, std::size_t at) {
  log[at] = static_cast<char>(log[at] ^ 1);
  return log;
}

// Frames that end a transaction, from the one at `from` on.
int CountCommits(const std::string& log, std::size_t from) {
  int commits = 0;
  for (std::size_t at = from; at < log.size(); at += kFrame)
    commits += log.substr(at + 4, 4) != std::string(4, 0);
  return commits;
}

}  // namespace

TEST_CASE("a log loses transactions when two lie whole behind a damaged place") {
  const std::string log = LogOf(5);
  CHECK_FALSE(Loses(log));
  int losing = 0;
  for (std::size_t at = kHeader; at < log.size(); at += kFrame) {
    const bool loses = CountCommits(log, at + kFrame) >= 2;
    losing += loses;
    CAPTURE(at);
    CHECK(Loses(Flipped(log, at + kFrame - 1)) == loses);
  }
  CHECK(losing > 5);
  for (const std::size_t at : {0, 3, 9, 17, 25}) {
    CAPTURE(at);
    CHECK(Loses(Flipped(log, at)));
  }
}

TEST_CASE("a log that ends anywhere loses none, nor does one that is not there") {
  const std::string log = LogOf(3);
  for (std::size_t size = 0; size < log.size(); size += 515) CHECK_FALSE(Loses(log.substr(0, size)));
  CHECK_FALSE(LosesTransactions("/nonexistent/a.db"));
}

TEST_CASE("frames from before the log was begun anew are none of it") {
  const TemporaryFolder folder;
  const std::string path = folder.path() + "/a.db";
  const auto file = Create(path);
  for (int i = 0; i < 5; ++i) REQUIRE(file->Append("entry"));
  const auto before = fleet::ReadFile(path + "-wal");
  auto other = Database::Open(path, Database::Access::kWrite);
  REQUIRE(other);
  REQUIRE((*other)->Execute("PRAGMA wal_checkpoint(RESTART)"));
  REQUIRE(file->Append("entry"));
  const auto after = fleet::ReadFile(path + "-wal");
  REQUIRE(after->size() == before->size());
  REQUIRE(after->substr(0, kHeader) != before->substr(0, kHeader));
  CHECK_FALSE(LosesTransactions(path));
}

TEST_CASE("a store whose log is damaged in the middle is damaged") {
  const TemporaryFolder folder;
  const std::string path = folder.path() + "/a.db";
  folder.Write("a.db-wal", Flipped(LogOf(5), kHeader + 100));
  const auto file = StoreFile::Open(path, Database::Access::kCreate);
  REQUIRE_FALSE(file);
  CHECK(file.error().damaged);
  CHECK(file.error().message == path + ": the write-ahead log is damaged");
}
