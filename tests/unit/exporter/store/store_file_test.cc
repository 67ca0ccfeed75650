#include "exporter/store/store_file.h"

#include <catch2/catch.hpp>

#include "tests/support/process.h"

using fleet::Database;
using fleet::KeptId;
using fleet::Result;
using fleet::StoreFile;
using fleet::UnixMillis;
using fleet::test::TemporaryFolder;

namespace {

using Access = Database::Access;

std::unique_ptr<StoreFile> Open(const std::string& path) {
  auto file = StoreFile::Open(path, Access::kCreate);
  REQUIRE((file ? "" : file.error().message) == "");
  return *std::move(file);
}

std::string ErrorOf(const std::string& path, Access access = Access::kCreate,
                    std::span<const std::string_view> schema = StoreFile::Schema()) {
  const auto file = StoreFile::Open(path, access, schema);
  if (file) return "";
  CHECK_FALSE(file.error().damaged);
  return file.error().message;
}

// "snapshot", entries and the number of ids, in the order read.
std::string ReadAll(StoreFile& file) {
  std::string all;
  std::size_t ids = 0;
  const auto read = file.Read({[&](const KeptId&) { ++ids; },
                               [&](std::string_view bytes) -> Result<void> {
                                 all += "[" + std::string(bytes) + "] ";
                                 return {};
                               },
                               [&](std::string_view entry, std::string_view) -> Result<void> {
                                 all += std::string(entry) + " ";
                                 return {};
                               }});
  return read ? all + std::to_string(ids) + " ids" : read.error().message;
}

}  // namespace

TEST_CASE("what nothing has been stored in cannot be looked at") {
  const TemporaryFolder folder;
  const std::string path = folder.Write("f.db", "");
  CHECK(ErrorOf(path, Access::kRead) == path + ": nothing has been stored in it");
}

TEST_CASE("entries are read in the order in which they were appended") {
  const TemporaryFolder folder;
  const std::string path = folder.path() + "/f.db";
  {
    auto file = Open(path);
    CHECK(ReadAll(*file) == "0 ids");
    for (const char* const entry : {"one", "two", "three"}) REQUIRE(file->Append(entry));
    CHECK(file->last_entry() == 3);
    CHECK(file->journal_bytes() == 11);
  }
  auto file = Open(path);
  CHECK(file->last_entry() == 3);
  CHECK(file->journal_bytes() == 11);
  CHECK(ReadAll(*file) == "one two three 0 ids");
}

TEST_CASE("a snapshot counts from its adoption on") {
  const TemporaryFolder folder;
  const std::string path = folder.path() + "/f.db";
  const auto reopened = [&] { return ReadAll(*Open(path)); };
  {
    auto file = Open(path);
    REQUIRE(file->Append("one"));
    REQUIRE(file->Append("two"));
    REQUIRE(file->BeginSnapshot());
    REQUIRE(file->AddToSnapshot("1"));
    REQUIRE(file->Append("three"));
  }
  CHECK(reopened() == "one two three 0 ids");  // killed in the middle
  {
    auto file = Open(path);
    REQUIRE(file->BeginSnapshot());
    REQUIRE(file->AddToSnapshot("1"));
    REQUIRE(file->AddToSnapshot("+2"));
    const KeptId ids[] = {{{1, 1}, UnixMillis{5}}, {{2, 2}, UnixMillis{6}}};
    REQUIRE(file->AdoptSnapshot(2, ids, UnixMillis{0}, 100));
    CHECK(file->journal_bytes() == 5);
  }
  CHECK(reopened() == "[1+2] three 2 ids");  // killed before anything was removed
  {
    auto file = Open(path);
    CHECK(file->snapshot_bytes() == 3);
    while (*file->Trim()) {
    }
  }
  CHECK(reopened() == "[1+2] three 2 ids");
  {
    auto file = Open(path);
    REQUIRE(file->BeginSnapshot());
    REQUIRE(file->AddToSnapshot("all"));
    REQUIRE(file->AdoptSnapshot(3, {}, UnixMillis{7}, 100));
    while (*file->Trim()) {
    }
    CHECK(file->last_entry() == 3);
    REQUIRE(file->Append("four"));
    CHECK(file->last_entry() == 4);
  }
  CHECK(reopened() == "[all] four 0 ids");
}

TEST_CASE("an older schema is upgraded, what it held stays") {
  const std::string_view steps[] = {
      StoreFile::Schema()[0], "ALTER TABLE seen ADD COLUMN note TEXT; UPDATE journal SET entry = entry"};
  const TemporaryFolder folder;
  const std::string path = folder.path() + "/f.db";
  REQUIRE(Open(path)->Append("old"));
  {
    const auto upgraded = StoreFile::Open(path, Access::kCreate, steps);
    REQUIRE(upgraded);
    REQUIRE((*upgraded)->Append("new"));
    CHECK(ReadAll(**upgraded) == "old new 0 ids");
  }
  CHECK(ErrorOf(path, Access::kCreate, steps) == "");
  CHECK(ErrorOf(path) == path +
                             ": written by a newer fleet_exporter (schema 2, this one knows 1); use that "
                             "version, or another --storage.path");
}

TEST_CASE("an upgrade that fails changes nothing") {
  const std::string_view steps[] = {StoreFile::Schema()[0], "CREATE TABLE half(x); CREATE TABLE half(x)"};
  const TemporaryFolder folder;
  const std::string path = folder.path() + "/f.db";
  REQUIRE(Open(path)->Append("old"));
  CHECK(ErrorOf(path, Access::kCreate, steps) == path + ": SQL logic error");
  CHECK(ReadAll(*Open(path)) == "old 0 ids");
}

TEST_CASE("the database of another program is left alone") {
  const TemporaryFolder folder;
  const std::string path = folder.path() + "/f.db";
  {
    auto other = Database::Open(path, Access::kCreate);
    REQUIRE(other);
    REQUIRE((*other)->Execute("CREATE TABLE theirs(x)"));
  }
  CHECK(ErrorOf(path) == path + ": the database of another program");
}

TEST_CASE("reading needs a file, and changes nothing") {
  const TemporaryFolder folder;
  const std::string path = folder.path() + "/f.db";
  CHECK(ErrorOf(path, Access::kRead) == path + ": No such file or directory");
  REQUIRE(Open(path)->Append("one"));
  auto file = StoreFile::Open(path, Access::kRead);
  REQUIRE(file);
  CHECK(ReadAll(**file) == "one 0 ids");
  CHECK_FALSE((*file)->BeginSnapshot());
  CHECK((*(*file)->FindProblems()).empty());
}
