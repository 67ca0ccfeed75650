// Each folder of tests/golden/rulegen is a test of one behaviour:
//
//   policies.yaml   the policy, read as slo/policies.yaml
//   args            the command line, one argument per line; `build` without this file
//   before/         what the output folder holds at the start, if anything
//   want/           what it holds in the end (without slo/), if anything. Dashboards are long and have
//                   cases of their own: they are compared where want/dashboards exists
//   want.stdout, want.stderr, want.exit   empty, empty and 0 where there is no such file
//
// UPDATE_GOLDEN=1 writes what came out instead of comparing it.
#include <fmt/format.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "lib/base/file_system.h"
#include "lib/base/text.h"
#include "rulegen/run.h"
#include "tests/support/paths.h"

namespace fleet::rulegen {
namespace {

namespace fs = std::filesystem;

using Tree = std::map<std::string, std::string>;

const fs::path kCases = fleet::test::SourcePath("tests/golden/rulegen");

// A folder of its own in which the process stands while it lives.
class Workplace {
 public:
  Workplace() : home_(fs::current_path()) {
    std::string pattern = (fs::temp_directory_path() / "rulegen-golden-XXXXXX").string();
    REQUIRE(mkdtemp(pattern.data()) != nullptr);
    folder_ = pattern;
    fs::current_path(folder_);
  }
  ~Workplace() {
    fs::current_path(home_);
    fs::remove_all(folder_);
  }
  Workplace(const Workplace&) = delete;
  Workplace& operator=(const Workplace&) = delete;

 private:
  fs::path home_;
  fs::path folder_;
};

std::string ReadOr(const fs::path& path, std::string fallback) {
  return fs::exists(path) ? ReadFile(path.string()).value() : std::move(fallback);
}

bool HasDashboards(const fs::path& folder) { return fs::exists(folder / "want/dashboards"); }

// All files below a folder by path, without slo/, and without dashboards/ unless asked for.
Tree ReadTree(const fs::path& folder, bool dashboards) {
  Tree tree;
  if (!fs::exists(folder)) return tree;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const std::string path = entry.path().lexically_relative(folder).string();
    if (!entry.is_regular_file() || path.starts_with("slo/")) continue;
    if (dashboards || !path.starts_with("dashboards/")) tree[path] = ReadFile(entry.path()).value();
  }
  return tree;
}

std::vector<std::string> Arguments(const fs::path& folder) {
  const std::string text = ReadOr(folder / "args", "build");
  std::vector<std::string> args;
  for (const std::string_view line : Split(text, '\n')) {
    if (!line.empty()) args.emplace_back(line);
  }
  return args;
}

struct Outcome {
  int exit = 0;
  std::string out;
  std::string err;
  Tree files;
};

Outcome RunCase(const fs::path& folder) {
  const Workplace workplace;
  if (fs::exists(folder / "before")) fs::copy(folder / "before", ".", fs::copy_options::recursive);
  fs::create_directory("slo");
  if (fs::exists(folder / "policies.yaml")) fs::copy(folder / "policies.yaml", "slo/policies.yaml");
  std::ostringstream out;
  std::ostringstream err;
  Outcome outcome;
  outcome.exit = Run(Arguments(folder), out, err);
  outcome.out = out.str();
  outcome.err = err.str();
  outcome.files = ReadTree(".", HasDashboards(folder));
  return outcome;
}

void Update(const fs::path& folder, const Outcome& outcome) {
  const auto write = [&](const std::string& name, const std::string& text) {
    fs::remove(folder / name);
    if (!text.empty()) REQUIRE(WriteFileAtomically((folder / name).string(), text));
  };
  write("want.exit", outcome.exit == 0 ? "" : std::to_string(outcome.exit) + "\n");
  write("want.stdout", outcome.out);
  write("want.stderr", outcome.err);
  fs::remove_all(folder / "want");
  for (const auto& [path, text] : outcome.files) write("want/" + path, text);
}

TEST_CASE("every golden folder of rulegen gives what it wants") {
  std::set<fs::path> folders;
  for (const auto& entry : fs::directory_iterator(kCases)) folders.insert(entry.path());
  REQUIRE(!folders.empty());
  for (const fs::path& folder : folders) {
    DYNAMIC_SECTION(folder.filename().string()) {
      const Outcome outcome = RunCase(folder);
      if (std::getenv("UPDATE_GOLDEN") != nullptr) {
        Update(folder, outcome);
        continue;
      }
      CHECK(outcome.err == ReadOr(folder / "want.stderr", ""));
      CHECK(outcome.out == ReadOr(folder / "want.stdout", ""));
      CHECK(std::to_string(outcome.exit) == Trim(ReadOr(folder / "want.exit", "0")));
      CHECK(outcome.files == ReadTree(folder / "want", HasDashboards(folder)));
    }
  }
}

}  // namespace
}  // namespace fleet::rulegen
