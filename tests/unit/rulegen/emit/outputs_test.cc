#include "rulegen/emit/outputs.h"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "lib/base/file_system.h"

namespace fleet::rulegen {
namespace {

namespace fs = std::filesystem;

class Folder {
 public:
  Folder() {
    std::string pattern = (fs::temp_directory_path() / "rulegen-outputs-XXXXXX").string();
    REQUIRE(mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  const std::string& path() const { return path_; }
  void Write(const std::string& name, const std::string& text) const {
    REQUIRE(WriteFileAtomically(path_ + "/" + name, text));
  }

 private:
  std::string path_;
};

const Provenance kProvenance{"slo/policies.yaml", "0123456789ab"};

TEST_CASE("a file that is as it should be is left alone") {
  const Folder folder;
  folder.Write("alerts/a.yaml", "x");
  const auto changes = ReadChanges(folder.path(), {{"alerts/a.yaml", "x"}}, kProvenance);
  REQUIRE(changes);
  CHECK(changes->empty());
}

TEST_CASE("new, changed and stale files are told apart, in the order of their paths") {
  const Folder folder;
  folder.Write("alerts/b.yaml", "old");
  folder.Write("alerts/c.yaml", "# " + kProvenance.Mark() + "\n");
  folder.Write("alerts/hand-written.yaml", "groups: []");
  folder.Write("alerts/notes.txt", kProvenance.Mark());
  const auto changes =
      ReadChanges(folder.path(), {{"alerts/a.yaml", "x"}, {"alerts/b.yaml", "y"}}, kProvenance);
  REQUIRE(changes);
  REQUIRE(changes->size() == 3);
  CHECK((*changes)[0].kind == Change::Kind::kNew);
  CHECK((*changes)[1].kind == Change::Kind::kChanged);
  CHECK((*changes)[1].before == "old");
  CHECK((*changes)[2].kind == Change::Kind::kStale);
  CHECK((*changes)[2].path == "alerts/c.yaml");

  REQUIRE(WriteChanges(folder.path(), *changes));
  CHECK(ReadFile(folder.path() + "/alerts/a.yaml").value() == "x");
  CHECK(ReadFile(folder.path() + "/alerts/b.yaml").value() == "y");
  CHECK_FALSE(fs::exists(folder.path() + "/alerts/c.yaml"));
  CHECK(fs::exists(folder.path() + "/alerts/hand-written.yaml"));
}

TEST_CASE("a folder in place of a file is the world's mistake") {
  const Folder folder;
  fs::create_directories(folder.path() + "/alerts/a.yaml");
  const auto changes = ReadChanges(folder.path(), {{"alerts/a.yaml", "x"}}, kProvenance);
  REQUIRE_FALSE(changes);
  CHECK(changes.error().message == "cannot read " + folder.path() + "/alerts/a.yaml: Is a directory");
}

TEST_CASE("a file in place of the folder is the world's mistake") {
  const Folder folder;
  folder.Write("alerts", "x");
  const std::vector<Change> changes = {{Change::Kind::kNew, "alerts/a.yaml", {}, "x"}};
  CHECK_FALSE(WriteChanges(folder.path(), changes));
}

}  // namespace
}  // namespace fleet::rulegen
