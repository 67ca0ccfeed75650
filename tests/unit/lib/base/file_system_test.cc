#include "lib/base/file_system.h"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "tests/support/process.h"

using fleet::ReadFile;
using fleet::WriteFileAtomically;
using fleet::test::TemporaryFolder;

TEST_CASE("a file is written whole, with missing folders, and read back") {
  const TemporaryFolder folder;
  const std::string path = folder.path() + "/a/b/file.txt";
  REQUIRE(WriteFileAtomically(path, "one"));
  REQUIRE(WriteFileAtomically(path, "two"));
  CHECK(ReadFile(path).value() == "two");
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path() + "/a/b"), {}) == 1);
}

TEST_CASE("a file that is written can be read by others, within the umask") {
  const TemporaryFolder folder;
  const std::string path = folder.path() + "/file";
  REQUIRE(WriteFileAtomically(path, "x"));
  struct stat info {};
  stat(path.c_str(), &info);
  const mode_t mask = umask(0);
  umask(mask);
  CHECK((info.st_mode & 0777U) == (0666U & ~mask));
}

TEST_CASE("a target that cannot be replaced stays as it was, and nothing is left beside it") {
  const TemporaryFolder folder;
  const std::string path = folder.path() + "/target";
  std::filesystem::create_directories(path + "/inside");
  const auto written = WriteFileAtomically(path, "x");
  REQUIRE_FALSE(written);
  CHECK(written.error().message == "cannot replace " + path + ": Is a directory");
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 1);
}

TEST_CASE("reading says what it cannot read, and refuses what is too large") {
  const TemporaryFolder folder;
  const std::string missing = folder.path() + "/missing";
  CHECK(ReadFile(missing).error().message == "cannot read " + missing + ": No such file or directory");
  CHECK(ReadFile(folder.path()).error().message == "cannot read " + folder.path() + ": Is a directory");
  const std::string path = folder.Write("big", std::string(100, 'x'));
  CHECK(ReadFile(path, 99).error().message == "cannot read " + path + ": larger than 99 bytes");
}
